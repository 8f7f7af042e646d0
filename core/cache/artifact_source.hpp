// Artefacts that came with a model, as a compiled model file brings them.
#pragma once

#include <optional>
#include <vector>

#include "core/cache/entry.hpp"

namespace halyard::core {

/// Constant; any thread.
class ArtifactSource {
 public:
  virtual ~ArtifactSource() = default;
  /// The artefact of exactly this key; lives as long as the source.
  virtual std::optional<ByteSpan> find(const CacheKey& key) const = 0;
  virtual std::vector<CacheKey> keys() const = 0;
  /// "m.hyc": for messages.
  virtual const std::string& name() const = 0;
};

}  // namespace halyard::core
