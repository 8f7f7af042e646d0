#include "wire_message.hpp"

#include <cstring>

#include "text.hpp"

namespace halyard::onnx {

void WireMessage::refuse(const WireField& f, const std::string& what) {
  problem_ = reader_.broken(f.bytes.data(),
                            "field " + std::to_string(f.number) + " of " + name_ + " " + what);
}

bool WireMessage::expect(const WireField& f, WireType type) {
  if (f.type == type) return true;
  refuse(f, "is of another kind than ONNX says");
  return false;
}

void WireMessage::take_int(const WireField& f, int64_t* out) {
  if (expect(f, WireType::kVarint)) *out = static_cast<int64_t>(f.value);
}

void WireMessage::take_bool(const WireField& f, bool* out) {
  if (expect(f, WireType::kVarint)) *out = f.value != 0;
}

void WireMessage::take_float(const WireField& f, float* out) {
  if (expect(f, WireType::kFixed32)) std::memcpy(out, f.bytes.data(), sizeof *out);
}

void WireMessage::take_bytes(const WireField& f, std::string_view* out) {
  if (expect(f, WireType::kBytes)) *out = f.bytes;
}

void WireMessage::take_text(const WireField& f, std::string_view* out) {
  if (!expect(f, WireType::kBytes)) return;
  *out = f.bytes;
  if (!is_utf8(f.bytes)) refuse(f, "is not UTF-8 text");
}

void WireMessage::take_ints(const WireField& f, std::vector<int64_t>* out) {
  if (f.type != WireType::kVarint && !expect(f, WireType::kBytes)) return;
  std::string_view left = f.bytes;
  while (!left.empty()) {
    uint64_t value = 0;
    if (!take_varint(&left, &value)) return refuse(f, "ends within a number");
    out->push_back(static_cast<int64_t>(value));
  }
}

void WireMessage::take_floats(const WireField& f, std::vector<float>* out) {
  if (f.type != WireType::kFixed32 && !expect(f, WireType::kBytes)) return;
  const size_t before = out->size(), count = f.bytes.size() / sizeof(float);
  if (f.bytes.size() % sizeof(float) != 0) return refuse(f, "ends within a number");
  out->resize(before + count);
  if (count != 0) std::memcpy(out->data() + before, f.bytes.data(), f.bytes.size());
}

}  // namespace halyard::onnx
