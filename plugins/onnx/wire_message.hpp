// The fields of one protobuf message, taken as what they should be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "halyard/status.hpp"
#include "wire_reader.hpp"

namespace halyard::onnx {

/// Walks a message's fields; a take_... function that finds the wrong kind ends the walk, and status()
/// says which field of which message it was. Single-threaded. Owns nothing.
class WireMessage {
 public:
  /// name: of the message, for people. Both views outlive the object.
  WireMessage(std::string_view bytes, std::string_view file, const char* name)
      : reader_(bytes, file), name_(name) {}

  bool next(WireField* f) { return problem_.ok() && reader_.next(f); }
  Status status() const { return problem_.ok() ? reader_.status() : problem_; }

  void take_int(const WireField& f, int64_t* out);
  void take_bool(const WireField& f, bool* out);
  void take_float(const WireField& f, float* out);
  void take_bytes(const WireField& f, std::string_view* out);
  /// Bytes that must be UTF-8.
  void take_text(const WireField& f, std::string_view* out);
  /// Appends, be the field packed or not.
  void take_ints(const WireField& f, std::vector<int64_t>* out);
  void take_floats(const WireField& f, std::vector<float>* out);
  /// A message in the field: read is called with its bytes and returns a Status.
  template <class F>
  void take_message(const WireField& f, F&& read) {
    if (!expect(f, WireType::kBytes)) return;
    if (Status s = read(f.bytes); !s.ok()) problem_ = std::move(s);
  }
  void refuse(const WireField& f, const std::string& what);

 private:
  bool expect(const WireField& f, WireType type);

  WireReader reader_;
  const char* name_;
  Status problem_;
};

}  // namespace halyard::onnx
