// Constant in all its forms, and ConstantOfShape.
#include <cstring>
#include <string>

#include "normalise/table.hpp"
#include "text.hpp"

namespace halyard::onnx {
namespace {

template <class T>
TensorData list_of(uint32_t dtype, const std::vector<T>& list, bool scalar, std::string* bytes) {
  TensorData out;
  out.dtype = dtype;
  if (!scalar) out.dims = {static_cast<int64_t>(list.size())};
  bytes->assign(reinterpret_cast<const char*>(list.data()), list.size() * sizeof(T));
  return out;
}

TensorData strings_of(const std::vector<std::string>& list, bool scalar, std::string* bytes) {
  std::vector<uint64_t> offsets = {0};
  for (const std::string& s : list) offsets.push_back(offsets.back() + s.size());
  TensorData out = list_of(HY_DTYPE_STRING, offsets, true, bytes);
  for (const std::string& s : list) *bytes += s;
  if (!scalar) out.dims = {static_cast<int64_t>(list.size())};
  return out;
}

std::vector<float> narrowed(const std::vector<double>& list) { return {list.begin(), list.end()}; }

}  // namespace

Status constant(Rewriter& node) {
  if (node.input_count() != 0 || node.output_count() != 1)
    return invalid_model("a Constant has no inputs and one output");
  if (node.has("sparse_value"))
    return unsupported("sparse tensors are not read; store the constant as a dense tensor");
  HY_ASSIGN_OR_RETURN(const uint32_t tensor, node.take_tensor("value"));
  if (tensor != HY_NONE) return node.give_constant(tensor), Status();

  const Attributes attributes = node.rest();
  if (attributes.size() != 1)
    return invalid_model("it has " + std::to_string(attributes.size()) +
                         " attributes; a Constant has one, its value");
  const auto& [name, value] = attributes[0];
  const bool scalar = !name.ends_with("s");
  std::string bytes;
  TensorData data;
  if (const auto* i = std::get_if<int64_t>(&value); i && name == "value_int") {
    data = list_of(HY_DTYPE_I64, std::vector<int64_t>{*i}, scalar, &bytes);
  } else if (const auto* is = std::get_if<std::vector<int64_t>>(&value);
             is && name == "value_ints") {
    data = list_of(HY_DTYPE_I64, *is, scalar, &bytes);
  } else if (const auto* f = std::get_if<double>(&value); f && name == "value_float") {
    data = list_of(HY_DTYPE_F32, narrowed({*f}), scalar, &bytes);
  } else if (const auto* fs = std::get_if<std::vector<double>>(&value);
             fs && name == "value_floats") {
    data = list_of(HY_DTYPE_F32, narrowed(*fs), scalar, &bytes);
  } else if (const auto* s = std::get_if<std::string>(&value); s && name == "value_string") {
    data = strings_of({*s}, scalar, &bytes);
  } else if (const auto* ss = std::get_if<std::vector<std::string>>(&value);
             ss && name == "value_strings") {
    data = strings_of(*ss, scalar, &bytes);
  } else {
    return invalid_model("attribute " + quote(name) + " is not a value that a Constant can have");
  }
  node.give_constant(node.add_owned_constant(data.dtype, data.dims, std::move(bytes)));
  return {};
}

Status constant_of_shape(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(uint32_t value, node.take_tensor("value"));
  if (value == HY_NONE) value = node.add_owned_constant(HY_DTYPE_F32, {1}, std::string(4, '\0'));
  HY_ASSIGN_OR_RETURN(const int64_t count, element_count(node.constant(value).dims));
  if (count != 1)
    return invalid_model("its value has " + std::to_string(count) + " elements; it must have one");
  return node.finish("ConstantOfShape", node.inputs(), {{"value", TensorAttr{value}}});
}

}  // namespace halyard::onnx
