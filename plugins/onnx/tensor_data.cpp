#include "tensor_data.hpp"

#include <cstring>
#include <string>

#include "element_type.hpp"
#include "halyard/abi/graph.h"
#include "text.hpp"
#include "wire_reader.hpp"

namespace halyard::onnx {
namespace {

/// Which typed field holds elements of a type, and how many bytes of the tensor one number there makes.
struct TypedField {
  uint32_t field;
  uint32_t width;
};

TypedField typed_field(uint32_t dtype) {
  switch (dtype) {
    case HY_DTYPE_F32:
    case HY_DTYPE_C64:
      return {proto::kFloatData, 4};
    case HY_DTYPE_F64:
    case HY_DTYPE_C128:
      return {proto::kDoubleData, 8};
    case HY_DTYPE_I64:
      return {proto::kInt64Data, 8};
    case HY_DTYPE_U64:
      return {proto::kUint64Data, 8};
    case HY_DTYPE_U32:
      return {proto::kUint64Data, 4};
    case HY_DTYPE_I32:
      return {proto::kInt32Data, 4};
    case HY_DTYPE_I16:
    case HY_DTYPE_U16:
    case HY_DTYPE_F16:
    case HY_DTYPE_BF16:
      return {proto::kInt32Data, 2};
    default:
      return {proto::kInt32Data, 1};  // sub-byte types come as packed bytes, one a number
  }
}

Status wrong_size(std::string_view what, uint64_t found, uint64_t expected) {
  return invalid_model(std::string(what) + " has " + std::to_string(found) +
                       " bytes; its type and dims need " + std::to_string(expected));
}

/// Floats and doubles: in the file as they are in memory, most often in one piece.
Result<std::string_view> fixed_elements(const proto::Tensor& tensor, uint32_t field,
                                        uint64_t expected, WeightStore& store) {
  std::string_view only;
  std::string joined;
  uint64_t found = 0;
  size_t pieces = 0;
  for (const proto::Chunk& c : tensor.typed) {
    if (c.field != field) continue;
    only = c.bytes;
    found += c.bytes.size();
    ++pieces;
  }
  if (found != expected) return wrong_size("its typed data", found, expected);
  if (pieces <= 1) return only;
  for (const proto::Chunk& c : tensor.typed)
    if (c.field == field) joined += c.bytes;
  return store.keep(std::move(joined));
}

Result<std::string_view> varint_elements(const proto::Tensor& tensor, TypedField as,
                                         uint64_t expected, WeightStore& store) {
  std::string out;
  for (const proto::Chunk& c : tensor.typed) {
    if (c.field != as.field) continue;
    for (std::string_view left = c.bytes; !left.empty();) {
      uint64_t value = 0;
      if (!take_varint(&left, &value)) return invalid_model("its typed data ends within a number");
      if (out.size() >= expected)
        return invalid_model("its typed data has more than the " + std::to_string(expected) +
                             " bytes that its type and dims need");
      out.append(reinterpret_cast<const char*>(&value), as.width);  // little-endian, as the wire
    }
  }
  if (out.size() != expected) return wrong_size("its typed data", out.size(), expected);
  return store.keep(std::move(out));
}

/// Offsets, then text: see hy_binding.
Result<std::string_view> string_elements(const proto::Tensor& tensor, int64_t count,
                                         WeightStore& store) {
  if (tensor.strings.size() != static_cast<uint64_t>(count))
    return invalid_model("it has " + std::to_string(tensor.strings.size()) +
                         " strings; its dims need " + std::to_string(count));
  std::string out;
  uint64_t end = 0;
  out.append(sizeof end, '\0');
  for (std::string_view s : tensor.strings) {
    end += s.size();
    out.append(reinterpret_cast<const char*>(&end), sizeof end);
  }
  for (std::string_view s : tensor.strings) out += s;
  return store.keep(std::move(out));
}

Result<std::string_view> elements(const proto::Tensor& tensor, uint32_t dtype, int64_t count,
                                  ExternalData& external, WeightStore& store) {
  if (dtype == HY_DTYPE_STRING) {
    if (tensor.external) return invalid_model("strings cannot be external data");
    return string_elements(tensor, count, store);
  }
  const uint64_t expected = bytes_of(dtype, count);
  if (tensor.external) return external.find(tensor.external_data, expected);
  const TypedField as = typed_field(dtype);
  if (tensor.has_raw && (tensor.typed.empty() || !tensor.raw.empty())) {
    if (tensor.raw.size() != expected)
      return wrong_size("its raw data", tensor.raw.size(), expected);
    return tensor.raw;
  }
  if (as.field == proto::kFloatData || as.field == proto::kDoubleData)
    return fixed_elements(tensor, as.field, expected, store);
  return varint_elements(tensor, as, expected, store);
}

}  // namespace

Result<int64_t> element_count(std::span<const int64_t> dims) {
  const auto refuse = [&](const std::string& what) {
    const auto shown = dims.first(std::min<size_t>(dims.size(), 16));
    return invalid_model("dims " + dims_text(shown) + ": " + what);
  };
  if (dims.size() > HY_GRAPH_MAX_RANK)
    return refuse("the rank is " + std::to_string(dims.size()) + "; the limit is " +
                  std::to_string(HY_GRAPH_MAX_RANK));
  int64_t product = 1;
  bool empty = false;
  for (int64_t d : dims) {
    if (d < 0) return refuse("a dim is negative");
    empty = empty || d == 0;
    if (d == 0) continue;
    if (d > HY_GRAPH_MAX_ELEMENTS / product)
      return refuse("more than " + std::to_string(HY_GRAPH_MAX_ELEMENTS) + " elements");
    product *= d;
  }
  return empty ? 0 : product;
}

Result<TensorData> read_tensor(const proto::Tensor& tensor, ExternalData& external,
                               WeightStore& store) {
  TensorData out;
  out.dtype = dtype_of(tensor.data_type);
  out.dims = tensor.dims;
  if (out.dtype == HY_DTYPE_UNDEFINED)
    return invalid_model("its element type is number " + std::to_string(tensor.data_type) +
                         ", which is not known");
  HY_ASSIGN_OR_RETURN(const int64_t count, element_count(out.dims));
  HY_ASSIGN_OR_RETURN(out.bytes, elements(tensor, out.dtype, count, external, store));
  return out;
}

}  // namespace halyard::onnx
