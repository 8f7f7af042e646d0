// Reads numbers and pieces out of bytes that may hold anything.
#pragma once

#include <cstring>
#include <optional>

#include "core/base/digest.hpp"

namespace halyard::core {

/// Each call gives what is next, or nothing where too little is left; after that it gives nothing more.
/// A view: the bytes must outlive it.
class ByteReader {
 public:
  explicit ByteReader(ByteSpan bytes) : rest_(bytes) {}

  std::optional<ByteSpan> piece(uint64_t size) {
    if (failed_ || size > rest_.size()) {
      failed_ = true;
      return std::nullopt;
    }
    const ByteSpan out = rest_.first(static_cast<size_t>(size));
    rest_ = rest_.subspan(static_cast<size_t>(size));
    return out;
  }
  /// A trivial record, as it lies in memory: files are little-endian, as every supported machine is.
  template <class T>
  std::optional<T> record() {
    const auto bytes = piece(sizeof(T));
    if (!bytes) return std::nullopt;
    T out;
    std::memcpy(&out, bytes->data(), sizeof out);
    return out;
  }
  std::optional<std::string> text() {
    const auto size = record<uint32_t>();
    const auto bytes = size ? piece(*size) : std::nullopt;
    if (!bytes) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }
  bool at_end() const { return !failed_ && rest_.empty(); }

 private:
  ByteSpan rest_;
  bool failed_ = false;
};

template <class T>
void append_record(std::string* to, const T& record) {
  to->append(reinterpret_cast<const char*>(&record), sizeof record);
}
inline void append_text(std::string* to, std::string_view text) {
  append_record(to, static_cast<uint32_t>(text.size()));
  to->append(text);
}

}  // namespace halyard::core
