#include "value_proto.hpp"

#include <fmt/format.h>

#include "proto_field.hpp"
#include "tensor_proto.hpp"

namespace halyard::cli {
namespace {

// In a SequenceProto and in an OptionalProto alike.
constexpr uint64_t kTensorValue = 3, kSequenceValue = 5;

}  // namespace

Result<HostTensor> parse_value_proto(std::string_view bytes, uint32_t kind) {
  if (kind == HY_TYPE_TENSOR) return parse_tensor_proto(bytes);
  const bool optional = kind == HY_TYPE_OPTIONAL;
  const char* name = optional ? "OptionalProto" : "SequenceProto";
  HostTensor out;
  out.kind = kind;
  while (!bytes.empty()) {
    Field f;
    if (!take_field(bytes, &f)) return invalid_argument(fmt::format("not a usable {}", name));
    if (f.wire != kLength || f.number < kTensorValue) continue;  // name and element type
    if (f.number != kTensorValue && !(optional && f.number == kSequenceValue))
      return unsupported(fmt::format("field {} of a {}: only tensors{} are read", f.number, name,
                                     optional ? " and sequences" : ""));
    HY_ASSIGN_OR_RETURN(
        HostTensor child,
        parse_value_proto(f.bytes, f.number == kTensorValue ? HY_TYPE_TENSOR : HY_TYPE_SEQUENCE));
    out.dtype = child.dtype;
    out.children.push_back(std::move(child));
  }
  if (optional && out.children.size() > 1)
    return invalid_argument("an OptionalProto with more than one value");
  return out;
}

}  // namespace halyard::cli
