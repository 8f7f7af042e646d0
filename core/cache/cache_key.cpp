#include "core/cache/cache_key.hpp"

#include <algorithm>

#include "core/cache/byte_reader.hpp"

namespace halyard::core {

const std::string* CacheKey::find(std::string_view name) const {
  const auto it =
      std::find_if(parts_.begin(), parts_.end(), [&](const Part& p) { return p.name == name; });
  return it == parts_.end() ? nullptr : &it->value;
}

std::string CacheKey::encode() const {
  std::string out;
  append_record(&out, static_cast<uint32_t>(parts_.size()));
  for (const Part& p : parts_) {
    append_text(&out, p.name);
    append_text(&out, p.value);
  }
  return out;
}

Result<CacheKey> CacheKey::decode(ByteSpan bytes) {
  ByteReader reader(bytes);
  CacheKey out;
  const auto count = reader.record<uint32_t>();
  if (!count || *count > kMaxParts) return invalid_model("a key without a proper number of parts");
  for (uint32_t i = 0; i < *count; ++i) {
    auto name = reader.text();
    auto value = reader.text();
    if (!name || !value) return invalid_model("a key that ends within a part");
    out.add(std::move(*name), std::move(*value));
  }
  if (!reader.at_end()) return invalid_model("a key with more bytes than parts");
  return out;
}

std::optional<CacheKey::Difference> CacheKey::first_difference(const CacheKey& theirs) const {
  static const std::string none = "(none)";
  for (const Part& p : parts_) {
    const std::string* other = theirs.find(p.name);
    if (other == nullptr || *other != p.value)
      return Difference{p.name, p.value, other != nullptr ? *other : none};
  }
  for (const Part& p : theirs.parts_)
    if (find(p.name) == nullptr) return Difference{p.name, none, p.value};
  return std::nullopt;
}

size_t CacheKey::common_parts(const CacheKey& theirs) const {
  return static_cast<size_t>(std::count_if(parts_.begin(), parts_.end(), [&](const Part& p) {
    const std::string* other = theirs.find(p.name);
    return other != nullptr && *other == p.value;
  }));
}

}  // namespace halyard::core
