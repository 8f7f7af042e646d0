// Numbers and texts as bytes, for messages between two processes of one machine and build.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"

namespace halyard::core {

/// Appends. Single-threaded.
class WireWriter {
 public:
  template <class T>
  requires std::is_arithmetic_v<T>
  void number(T value) { raw({reinterpret_cast<const unsigned char*>(&value), sizeof value}); }
  void raw(ByteSpan bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  /// With its length before it.
  void block(ByteSpan bytes) {
    number<uint64_t>(bytes.size());
    raw(bytes);
  }
  void text(std::string_view text) { block(bytes_of(text)); }
  ByteSpan bytes() const { return bytes_; }

 private:
  std::vector<unsigned char> bytes_;
};

/// Reads what a WireWriter wrote. Past the end everything is zero or empty, and ok() is false. The views
/// that it gives live as long as the bytes.
class WireReader {
 public:
  explicit WireReader(ByteSpan bytes) : left_(bytes) {}
  template <class T>
  requires std::is_arithmetic_v<T> T number() {
    T value{};
    if (const ByteSpan from = raw(sizeof value); from.size() == sizeof value)
      std::memcpy(&value, from.data(), sizeof value);
    return value;
  }
  ByteSpan raw(uint64_t size) {
    if (size > left_.size()) {
      ok_ = false;
      left_ = {};
      return {};
    }
    const ByteSpan out = left_.first(size);
    left_ = left_.subspan(size);
    return out;
  }
  ByteSpan block() { return raw(number<uint64_t>()); }
  std::string_view text() {
    const ByteSpan b = block();
    return {reinterpret_cast<const char*>(b.data()), b.size()};
  }
  bool ok() const { return ok_; }
  bool done() const { return left_.empty(); }

 private:
  ByteSpan left_;
  bool ok_ = true;
};

}  // namespace halyard::core
