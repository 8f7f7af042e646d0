// Fields of protobuf messages in files that --input names.
#pragma once

#include <cstdint>
#include <string_view>

namespace halyard::cli {

enum Wire : uint64_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

struct Field {
  uint64_t number = 0, wire = 0, value = 0;  // value: of a varint
  std::string_view bytes;                    // of the others
};

/// Takes one varint off the front; false where there is none.
bool take_varint(std::string_view& in, uint64_t* out);
/// Takes one field off the front; false where the bytes are cut short or no field begins.
bool take_field(std::string_view& in, Field* f);

}  // namespace halyard::cli
