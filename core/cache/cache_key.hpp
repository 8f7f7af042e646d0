// What an artefact depends on, in named parts, so that a miss can be explained.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "halyard/status.hpp"

namespace halyard::core {

/// Parts in an order that puts the general before the special: the first one that differs says most.
/// Two artefacts are interchangeable exactly where all parts are equal. Plain data.
class CacheKey {
 public:
  static constexpr size_t kMaxParts = 256;

  struct Part {
    std::string name, value;
    bool operator==(const Part&) const = default;
  };
  struct Difference {
    std::string part, ours, theirs;  // a part that one side lacks is "(none)" there
  };

  void add(std::string name, std::string value) {
    parts_.push_back({std::move(name), std::move(value)});
  }
  const std::vector<Part>& parts() const { return parts_; }
  /// The part's value, or null.
  const std::string* find(std::string_view name) const;
  bool operator==(const CacheKey&) const = default;

  std::string encode() const;
  /// INVALID_MODEL where the bytes are no key.
  static Result<CacheKey> decode(ByteSpan bytes);
  Digest digest() const { return digest_of(bytes_of(encode())); }

  std::optional<Difference> first_difference(const CacheKey& theirs) const;
  /// How many of our parts the other has, too: larger is closer.
  size_t common_parts(const CacheKey& theirs) const;

 private:
  std::vector<Part> parts_;
};

}  // namespace halyard::core
