// Between the core's graph and the flat form of abi/graph.h.
#pragma once

#include <vector>

#include "core/graph/graph.hpp"
#include "halyard/status.hpp"

namespace halyard::core {

/// Validates the bytes and reads the main subgraph with the bodies of its nodes. Fails with INVALID_MODEL on
/// bytes that are not a graph, and with UNSUPPORTED on compressed constants.
Result<Graph> read_flat(hy_bytes bytes);

/// Constants with bytes of their own are written inline, the others as weights. states: false: without them, so
/// that their ports are plain ones.
Result<std::vector<unsigned char>> write_flat(const Graph& graph, bool states = true);

}  // namespace halyard::core
