// 128-bit digests (XXH3): of keys, files and weights. They tell contents apart; they are no protection
// against who may write the cache's folder anyway.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace halyard::core {

using ByteSpan = std::span<const unsigned char>;

inline ByteSpan bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

struct Digest {
  uint64_t high = 0, low = 0;
  bool operator==(const Digest&) const = default;
  /// 32 characters.
  std::string hex() const;
};

Digest digest_of(ByteSpan bytes);

/// The digest of what is added, piece by piece: the same as that of all in one. Single-threaded.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  void add(ByteSpan bytes);
  void add(uint64_t number);
  Digest digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace halyard::core
