#include "tensor_proto.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "halyard/opset.hpp"
#include "proto_field.hpp"

namespace halyard::cli {
namespace {

/// Fields of TensorProto.
enum Number : uint64_t {
  kDims = 1,
  kDataType = 2,
  kSegment = 3,
  kFloatData = 4,
  kInt32Data = 5,
  kStringData = 6,
  kInt64Data = 7,
  kRawData = 9,
  kDoubleData = 10,
  kUint64Data = 11,
  kDataLocation = 14
};
constexpr size_t kMaxRank = 64;

Status bad(std::string m) { return invalid_argument("not a usable TensorProto: " + std::move(m)); }

/// ONNX's TensorProto.DataType.
uint32_t element_type(uint64_t code) {
  static constexpr uint32_t kTypes[] = {
      HY_DTYPE_UNDEFINED,  HY_DTYPE_F32,  HY_DTYPE_U8,       HY_DTYPE_I8,         HY_DTYPE_U16,
      HY_DTYPE_I16,        HY_DTYPE_I32,  HY_DTYPE_I64,      HY_DTYPE_STRING,     HY_DTYPE_BOOL,
      HY_DTYPE_F16,        HY_DTYPE_F64,  HY_DTYPE_U32,      HY_DTYPE_U64,        HY_DTYPE_C64,
      HY_DTYPE_C128,       HY_DTYPE_BF16, HY_DTYPE_F8E4M3FN, HY_DTYPE_F8E4M3FNUZ, HY_DTYPE_F8E5M2,
      HY_DTYPE_F8E5M2FNUZ, HY_DTYPE_U4,   HY_DTYPE_I4,       HY_DTYPE_F4E2M1,     HY_DTYPE_F8E8M0,
      HY_DTYPE_U2,         HY_DTYPE_I2};
  return code < std::size(kTypes) ? kTypes[code] : static_cast<uint32_t>(HY_DTYPE_UNDEFINED);
}

/// A repeated number, packed or single, added to out.
Status add_varints(const Field& f, std::vector<uint64_t>* out) {
  if (f.wire == kVarint)
    out->push_back(f.value);
  else if (f.wire != kLength)
    return bad(fmt::format("field {} is no whole number", f.number));
  for (std::string_view rest = f.bytes; !rest.empty();) {
    uint64_t v = 0;
    if (!take_varint(rest, &v))
      return bad(fmt::format("a number of field {} is cut off", f.number));
    out->push_back(v);
  }
  return {};
}

/// The field that carries the elements of a type, when raw_data does not.
uint64_t typed_field(uint32_t dtype) {
  switch (dtype) {
    case HY_DTYPE_F32:
    case HY_DTYPE_C64:
      return kFloatData;
    case HY_DTYPE_F64:
    case HY_DTYPE_C128:
      return kDoubleData;
    case HY_DTYPE_I64:
      return kInt64Data;
    case HY_DTYPE_U32:
    case HY_DTYPE_U64:
      return kUint64Data;
    case HY_DTYPE_STRING:
      return kStringData;
    default:
      return kInt32Data;
  }
}

Status add_data(const Field& f, HostTensor& t) {
  if (f.number != kRawData && f.number != typed_field(t.dtype))
    return bad(fmt::format("type {} has its data in field {}", dtype_name(t.dtype), f.number));
  if (f.number == kStringData) {
    t.strings.emplace_back(f.bytes);
    return {};
  }
  if (f.number == kRawData || f.number == kFloatData || f.number == kDoubleData) {
    t.bytes.insert(t.bytes.end(), f.bytes.begin(), f.bytes.end());  // little-endian as they are
    return {};
  }
  std::vector<uint64_t> values;
  HY_RETURN_IF_ERROR(add_varints(f, &values));
  // Types of less than a byte keep whole packed bytes in each number.
  const size_t width = std::max<size_t>(dtype_bits(t.dtype) / 8, 1);
  for (uint64_t v : values) {
    const auto* b = reinterpret_cast<const unsigned char*>(&v);
    t.bytes.insert(t.bytes.end(), b, b + width);
  }
  return {};
}

Status check_size(const HostTensor& t) {
  const int64_t count = element_count(t.dims);
  if (count < 0) return bad(fmt::format("dims {} are negative or overflow", dims_text(t.dims)));
  if (t.dtype == HY_DTYPE_STRING) {
    if (t.strings.size() != static_cast<size_t>(count) || !t.bytes.empty())
      return bad(fmt::format("{} has {} strings", describe(t), t.strings.size()));
    return {};
  }
  HY_ASSIGN_OR_RETURN(const size_t wanted, dense_bytes(t.dtype, t.dims));
  if (t.bytes.size() != wanted)
    return bad(
        fmt::format("{} has {} bytes of data; {} are needed", describe(t), t.bytes.size(), wanted));
  return {};
}

}  // namespace

Result<HostTensor> parse_tensor_proto(std::string_view bytes) {
  HostTensor t;
  std::vector<Field> data;
  std::vector<uint64_t> dims;
  while (!bytes.empty()) {
    Field f;
    if (!take_field(bytes, &f)) return bad("a field is damaged or cut off");
    switch (f.number) {
      case kDims:
        HY_RETURN_IF_ERROR(add_varints(f, &dims));
        break;
      case kDataType:
        t.dtype = element_type(f.value);
        if (t.dtype == HY_DTYPE_UNDEFINED)
          return bad(fmt::format("element type {} is not known", f.value));
        break;
      case kSegment:
        return unsupported("the TensorProto is a segment of a larger tensor");
      case kDataLocation:
        if (f.value == 1)
          return unsupported(
              "the TensorProto keeps its data in another file; give the tensor as .npy");
        break;
      case kFloatData:
      case kInt32Data:
      case kStringData:
      case kInt64Data:
      case kRawData:
      case kDoubleData:
      case kUint64Data:
        data.push_back(f);
        break;
      default:
        break;
    }
  }
  if (t.dtype == HY_DTYPE_UNDEFINED) return bad("it has no element type");
  if (dims.size() > kMaxRank) return bad(fmt::format("rank {}", dims.size()));
  for (uint64_t d : dims) t.dims.push_back(static_cast<int64_t>(d));
  for (const Field& f : data) HY_RETURN_IF_ERROR(add_data(f, t));
  HY_RETURN_IF_ERROR(check_size(t));
  if (t.dtype == HY_DTYPE_BOOL)
    for (unsigned char& b : t.bytes) b = b != 0;
  return t;
}

}  // namespace halyard::cli
