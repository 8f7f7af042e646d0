#include "core/opset/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "halyard/opset.hpp"

namespace halyard::core {
namespace {

uint32_t inner_type(const Graph& graph, const NodeData& node) {
  const uint32_t t = node.has_input(0) ? graph.values[node.inputs[0]].type.dtype : 0;
  return t == HY_DTYPE_F16 || t == HY_DTYPE_BF16 ? static_cast<uint32_t>(HY_DTYPE_F32) : t;
}

void add_defaults(const OperatorDecl& decl, Attributes& attributes) {
  for (const AttributeDecl& d : decl.attributes) {
    const bool given = std::any_of(attributes.begin(), attributes.end(),
                                   [&](const auto& a) { return a.first == d.name; });
    if (given || !d.has_default) continue;
    const std::string text(d.text), name(d.name);
    if (d.type == HY_ATTR_INT)
      attributes.emplace_back(name, std::strtoll(text.c_str(), nullptr, 10));
    if (d.type == HY_ATTR_FLOAT) attributes.emplace_back(name, std::strtod(text.c_str(), nullptr));
    if (d.type == HY_ATTR_STRING) attributes.emplace_back(name, text);
  }
}

template <class T>
ValueId add_scalar(Graph& graph, const std::string& name, uint32_t dtype, double value) {
  const T typed = static_cast<T>(value);
  return graph.add_constant(name, dtype, {}, &typed, sizeof typed);
}

}  // namespace

Parts::Parts(Graph& graph, const NodeData& composite, std::vector<NodeData>& out)
    : Parts(graph, composite, out, inner_type(graph, composite)) {}

Parts::Parts(Graph& graph, const NodeData& composite, std::vector<NodeData>& out, uint32_t inner)
    : graph_(graph),
      composite_(composite),
      out_(out),
      inner_(inner),
      prefix_(composite.name),
      widened_(composite.inputs.size(), kNone) {
  if (prefix_.empty() && composite.has_output(0)) prefix_ = graph.values[composite.outputs[0]].name;
}

ValueId Parts::input(size_t i) {
  if (!has(i)) return kNone;
  if (widened_[i] != kNone) return widened_[i];
  const ValueId v = composite_.inputs[i];
  widened_[i] = graph_.values[v].type.dtype == inner_ ? v : cast(v, inner_, kNone);
  return widened_[i];
}

ValueId Parts::scalar(double value) {
  const std::string name = next_name("scalar");
  switch (inner_) {
    case HY_DTYPE_F64:
      return add_scalar<double>(graph_, name, inner_, value);
    case HY_DTYPE_I32:
      return add_scalar<int32_t>(graph_, name, inner_, value);
    case HY_DTYPE_I64:
      return add_scalar<int64_t>(graph_, name, inner_, value);
    case HY_DTYPE_U32:
      return add_scalar<uint32_t>(graph_, name, inner_, value);
    case HY_DTYPE_U64:
      return add_scalar<uint64_t>(graph_, name, inner_, value);
    default:
      return add_scalar<float>(graph_, name, HY_DTYPE_F32, value);
  }
}

ValueId Parts::list(const std::vector<int64_t>& content) {
  return graph_.add_constant(next_name("list"), HY_DTYPE_I64,
                             {static_cast<int64_t>(content.size())}, content.data(),
                             content.size() * sizeof(int64_t));
}

ValueId Parts::add(std::string_view op, Inputs inputs, Attributes attributes) {
  const std::string name = next_name(op);
  const ValueId v = graph_.add_result(name);
  emit(op, std::move(inputs), std::move(attributes), v, name);
  return v;
}

ValueId Parts::finish(std::string_view op, Inputs inputs, Attributes attributes, size_t i) {
  if (!composite_.has_output(i)) return add(op, std::move(inputs), std::move(attributes));
  const ValueId output = composite_.outputs[i];
  const uint32_t wanted = output_dtype(i);
  if (wanted == inner_) {
    emit(op, std::move(inputs), std::move(attributes), output, next_name(op));
    return output;
  }
  const ValueId v = add(op, std::move(inputs), std::move(attributes));
  cast(v, wanted, output);
  return v;
}

void Parts::emit(std::string_view op, Inputs inputs, Attributes attributes, ValueId output,
                 const std::string& name) {
  NodeData node;
  node.op = op;
  node.name = name;
  node.inputs = std::move(inputs);
  node.outputs = {output};
  node.attributes = std::move(attributes);
  node.origins = composite_.origins;
  if (node.origins.empty() && !composite_.name.empty()) node.origins = {composite_.name};
  if (const OperatorDecl* decl = find_operator("", op)) {
    node.signature = decl->digest;
    add_defaults(*decl, node.attributes);
  }
  while (!node.inputs.empty() && node.inputs.back() == kNone) node.inputs.pop_back();
  out_.push_back(std::move(node));
}

/// "gelu1/mul", then "gelu1/mul_2": distinct within the composite.
std::string Parts::next_name(std::string_view op) {
  std::string word(op);
  std::transform(word.begin(), word.end(), word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const size_t count = ++name_counts_[word];
  return count == 1 ? fmt::format("{}/{}", prefix_, word)
                    : fmt::format("{}/{}_{}", prefix_, word, count);
}

ValueId Parts::cast(ValueId value, uint32_t dtype, ValueId output) {
  const std::string name = next_name("cast");
  if (output == kNone) output = graph_.add_result(name);
  emit("Cast", {value}, {{"to", static_cast<int64_t>(dtype)}}, output, name);
  return output;
}

uint32_t Parts::output_dtype(size_t i) const {
  const uint32_t declared = graph_.values[composite_.outputs[i]].type.dtype;
  if (declared != HY_DTYPE_UNDEFINED) return declared;
  return i == 0 ? graph_.values[composite_.inputs[0]].type.dtype : inner_;
}

Result<size_t> known_rank(const Graph& graph, const NodeData& node, size_t least) {
  const Shape& shape = graph.values[node.inputs[0]].type.shape;
  if (shape && shape->size() >= least) return shape->size();
  return unsupported(
      fmt::format("{}: it decomposes for rank {} and more alone; operand 0 has {}", node.label(),
                  least, shape ? fmt::format("rank {}", shape->size()) : "an unknown rank"));
}

}  // namespace halyard::core
