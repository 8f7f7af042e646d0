// All that the artefact of a cluster depends on.
#pragma once

#include "core/cache/cache_key.hpp"
#include "core/cache/weight_digests.hpp"
#include "core/plugin/provider.hpp"

namespace halyard::core {

/// Everything that was not declared irrelevant: this library, the plugin's build, device, driver, precision,
/// threads, the dims of the inputs, the weights and the graph. graph: flat and valid. Weights count by what
/// they hold, not by their ids. UNSUPPORTED where the plugin's build cannot be told.
Result<CacheKey> cluster_key(const Device& device, hy_bytes graph, WeightDigests& weights);

/// The first part of each such key.
inline constexpr const char* kClusterFormat = "cluster 1";

}  // namespace halyard::core
