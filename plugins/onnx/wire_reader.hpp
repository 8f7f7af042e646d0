// The wire format of protocol buffers: tags, varints, lengths. Knows no message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "halyard/status.hpp"

namespace halyard::onnx {

enum class WireType : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

/// One field of a message.
struct WireField {
  uint32_t number = 0;
  WireType type = WireType::kVarint;
  uint64_t value = 0;      // of a varint
  std::string_view bytes;  // the payload: a view into the message
};

/// Takes a varint off the front of bytes. False, and bytes unchanged, where none is there.
bool take_varint(std::string_view* bytes, uint64_t* value);

/// Walks the fields of one message, which lies in a file. Single-threaded. Owns nothing.
///   while (reader.next(&field)) ...;  return reader.status();
/// Groups, which nothing uses any more, are skipped with all they hold.
class WireReader {
 public:
  WireReader(std::string_view message, std::string_view file) : rest_(message), file_(file) {}

  /// False at the end and at what is not a field; status() tells which.
  bool next(WireField* field);
  Status status() const { return status_; }
  /// The failure "at byte N: what", N counted from the start of the file.
  Status broken(const char* where, const std::string& what) const;

 private:
  bool read_tag(uint32_t* number, uint32_t* type);
  bool read_payload(WireField* field, uint32_t type);
  bool skip_group(uint32_t number);
  bool fail(const std::string& what);

  std::string_view rest_;
  std::string_view file_;
  Status status_;
};

}  // namespace halyard::onnx
