#include "wire_reader.hpp"

namespace halyard::onnx {
namespace {

constexpr uint32_t kGroupStart = 3, kGroupEnd = 4;
constexpr int kDeepestGroup = 32;

}  // namespace

bool take_varint(std::string_view* bytes, uint64_t* value) {
  uint64_t out = 0;
  for (size_t i = 0; i < 10 && i < bytes->size(); ++i) {
    const uint64_t byte = static_cast<unsigned char>((*bytes)[i]);
    out |= (byte & 0x7f) << (7 * i);
    if (byte >= 0x80) continue;
    bytes->remove_prefix(i + 1);
    *value = out;
    return true;
  }
  return false;
}

Status WireReader::broken(const char* where, const std::string& what) const {
  return invalid_model("at byte " + std::to_string(where - file_.data()) + ": " + what);
}

bool WireReader::fail(const std::string& what) {
  status_ = broken(rest_.data(), what);
  return false;
}

bool WireReader::read_tag(uint32_t* number, uint32_t* type) {
  const std::string_view start = rest_;
  uint64_t tag = 0;
  if (!take_varint(&rest_, &tag)) return fail("a field's number is cut short");
  *number = static_cast<uint32_t>(tag >> 3);
  *type = static_cast<uint32_t>(tag & 7);
  if (tag >> 3 != 0 && tag >> 32 == 0) return true;
  rest_ = start;
  return fail("no field begins here");
}

bool WireReader::read_payload(WireField* field, uint32_t type) {
  uint64_t size = type == 1 ? 8 : 4;
  const std::string_view start = rest_;
  field->type = static_cast<WireType>(type);
  switch (type) {
    case 0:
      if (!take_varint(&rest_, &field->value)) return fail("a number is cut short");
      field->bytes = start.substr(0, start.size() - rest_.size());
      return true;
    case 2:
      if (!take_varint(&rest_, &size)) return fail("a length is cut short");
      break;
    case 1:
    case 5:
      break;
    default:
      return fail("no wire type has the number " + std::to_string(type));
  }
  if (size > rest_.size())
    return fail("field " + std::to_string(field->number) + " has a length of " +
                std::to_string(size) + " bytes, and " + std::to_string(rest_.size()) + " are left");
  field->bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

bool WireReader::skip_group(uint32_t number) {
  uint32_t open[kDeepestGroup] = {number};
  int depth = 1;
  while (depth > 0) {
    WireField field;
    uint32_t type = 0;
    if (!read_tag(&field.number, &type)) return false;
    if (type == kGroupStart) {
      if (depth == kDeepestGroup) return fail("groups nest too deep");
      open[depth++] = field.number;
    } else if (type == kGroupEnd) {
      if (open[--depth] != field.number) return fail("a group ends that did not begin");
    } else if (!read_payload(&field, type)) {
      return false;
    }
  }
  return true;
}

bool WireReader::next(WireField* field) {
  while (status_.ok() && !rest_.empty()) {
    uint32_t type = 0;
    *field = {};
    if (!read_tag(&field->number, &type)) return false;
    if (type != kGroupStart) return read_payload(field, type);
    if (!skip_group(field->number)) return false;
  }
  return false;
}

}  // namespace halyard::onnx
