#include "proto_field.hpp"

namespace halyard::cli {

bool take_varint(std::string_view& in, uint64_t* out) {
  *out = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto b = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    *out |= static_cast<uint64_t>(b & 0x7f) << shift;
    if ((b & 0x80) == 0) return true;
  }
  return false;
}

bool take_field(std::string_view& in, Field* f) {
  uint64_t key = 0;
  if (!take_varint(in, &key)) return false;
  f->number = key >> 3;
  f->wire = key & 7;
  uint64_t size = 0;
  switch (f->wire) {
    case kVarint:
      return take_varint(in, &f->value);
    case kFixed64:
      size = 8;
      break;
    case kFixed32:
      size = 4;
      break;
    case kLength:
      if (!take_varint(in, &size)) return false;
      break;
    default:
      return false;
  }
  if (size > in.size()) return false;
  f->bytes = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}

}  // namespace halyard::cli
