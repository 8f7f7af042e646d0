#include "rewriter.hpp"

#include <algorithm>

#include "scalar_bits.hpp"
#include "text.hpp"

namespace halyard::onnx {

const TensorData* Rewriter::known(uint32_t value) const {
  const ValueFacts f = facts(value);
  return f.constant == HY_NONE ? nullptr : &writer_.constant(f.constant);
}

bool Rewriter::has(std::string_view name) const {
  return std::any_of(node_.attributes.begin(), node_.attributes.end(),
                     [&](const auto& a) { return a.first == name; });
}

void Rewriter::drop(std::string_view name) {
  std::erase_if(node_.attributes, [&](const auto& a) { return a.first == name; });
}

std::optional<AttributeValue> Rewriter::take_any(std::string_view name) {
  for (auto& [key, value] : node_.attributes) {
    if (key != name) continue;
    AttributeValue out = std::move(value);
    drop(name);
    return out;
  }
  return std::nullopt;
}

template <class T>
Result<std::optional<T>> Rewriter::take(std::string_view name, const char* kind) {
  std::optional<AttributeValue> value = take_any(name);
  if (!value) return std::optional<T>();
  if (T* typed = std::get_if<T>(&*value)) return std::optional<T>(std::move(*typed));
  return invalid_model("attribute " + quote(name) + " of " + node_.op + " must be " + kind);
}

Result<int64_t> Rewriter::take_int(std::string_view name, int64_t otherwise) {
  HY_ASSIGN_OR_RETURN(const auto value, take<int64_t>(name, "an int"));
  return value.value_or(otherwise);
}

Result<double> Rewriter::take_float(std::string_view name, double otherwise) {
  HY_ASSIGN_OR_RETURN(const auto value, take<double>(name, "a float"));
  return value.value_or(otherwise);
}

Result<std::string> Rewriter::take_string(std::string_view name, std::string otherwise) {
  HY_ASSIGN_OR_RETURN(const auto value, take<std::string>(name, "a string"));
  return value.value_or(std::move(otherwise));
}

Result<std::optional<std::vector<int64_t>>> Rewriter::take_ints(std::string_view name) {
  return take<std::vector<int64_t>>(name, "ints");
}

Result<std::optional<std::vector<double>>> Rewriter::take_floats(std::string_view name) {
  return take<std::vector<double>>(name, "floats");
}

Result<uint32_t> Rewriter::take_tensor(std::string_view name) {
  HY_ASSIGN_OR_RETURN(const auto value, take<TensorAttr>(name, "a tensor"));
  return value ? value->constant : HY_NONE;
}

std::string Rewriter::fresh_name(std::string_view what) {
  return node_.name + "/" + std::string(what) + "." + std::to_string(made_++);
}

uint32_t Rewriter::constant_value(uint32_t constant, std::string_view what) {
  return writer_.add_constant_value(node_.subgraph, fresh_name(what), constant);
}

uint32_t Rewriter::ints(const std::vector<int64_t>& list) {
  return constant_value(writer_.add_ints(list), "ints");
}

uint32_t Rewriter::scalar(uint32_t dtype, double value) {
  if (scalar_bits(dtype, value).empty()) dtype = HY_DTYPE_F32;
  return constant_value(writer_.add_owned_constant(dtype, {}, scalar_bits(dtype, value)), "scalar");
}

uint32_t Rewriter::floats(const std::vector<double>& list) {
  std::string bytes;
  for (double v : list) bytes += scalar_bits(HY_DTYPE_F32, v);
  const auto count = static_cast<int64_t>(list.size());
  return constant_value(writer_.add_owned_constant(HY_DTYPE_F32, {count}, bytes), "floats");
}

NodeSpec Rewriter::spec(std::string_view op, std::vector<uint32_t> inputs,
                        Attributes attributes) const {
  NodeSpec out;
  out.domain = domain_;
  out.op = op;
  out.name = node_.name;
  out.inputs = std::move(inputs);
  out.attributes = std::move(attributes);
  out.origins = {node_.name};
  return out;
}

Result<uint32_t> Rewriter::emit(std::string_view op, std::vector<uint32_t> inputs,
                                Attributes attributes) {
  HY_ASSIGN_OR_RETURN(const std::vector<uint32_t> values,
                      emit_many(op, std::move(inputs), std::move(attributes), 1));
  return values[0];
}

Result<std::vector<uint32_t>> Rewriter::emit_many(std::string_view op, std::vector<uint32_t> inputs,
                                                  Attributes attributes, size_t outputs) {
  NodeSpec node = spec(op, std::move(inputs), std::move(attributes));
  node.name = fresh_name(op);
  while (!node.inputs.empty() && node.inputs.back() == HY_NONE) node.inputs.pop_back();
  for (size_t i = 0; i < outputs; ++i)
    node.outputs.push_back(
        writer_.add_result(node_.subgraph, i == 0 ? node.name : node.name + "/" + std::to_string(i),
                           HY_DTYPE_UNDEFINED, HY_TYPE_TENSOR, {}));
  std::vector<uint32_t> values = node.outputs;
  HY_RETURN_IF_ERROR(writer_.add_node(node_.subgraph, std::move(node)));
  return values;
}

uint32_t Rewriter::output_value(size_t i) {
  SourceOutput& o = node_.outputs[i];
  if (!o.name.empty() && o.value == HY_NONE)
    o.value = writer_.add_result(node_.subgraph, o.name, o.dtype, o.type, o.hint);
  return o.value;
}

Status Rewriter::finish_output(size_t i, std::string_view op, std::vector<uint32_t> inputs,
                               Attributes attributes) {
  NodeSpec node = spec(op, std::move(inputs), std::move(attributes));
  node.name = fresh_name(op);
  node.outputs = {output_value(i)};
  return writer_.add_node(node_.subgraph, std::move(node));
}

Status Rewriter::finish(std::string_view op, std::vector<uint32_t> inputs, Attributes attributes,
                        size_t count) {
  NodeSpec node = spec(op, std::move(inputs), std::move(attributes));
  for (size_t i = 0; i < std::min(count, node_.outputs.size()); ++i)
    node.outputs.push_back(output_value(i));
  while (!node.inputs.empty() && node.inputs.back() == HY_NONE) node.inputs.pop_back();
  while (!node.outputs.empty() && node.outputs.back() == HY_NONE) node.outputs.pop_back();
  return writer_.add_node(node_.subgraph, std::move(node));
}

}  // namespace halyard::onnx
