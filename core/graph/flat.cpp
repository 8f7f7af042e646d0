#include "core/graph/flat.hpp"

#include <fmt/format.h>

#include "halyard/abi/graph_validate.h"
#include "halyard/graph.hpp"

namespace halyard::core {
namespace {

Shape read_shape(const Value& value) {
  if (!value.has_rank()) return std::nullopt;
  std::vector<Dim> dims;
  for (uint32_t i = 0; i < value.rank(); ++i) {
    const halyard::Dim d = value.dim(i);
    if (d.is_static())
      dims.push_back(Dim::fixed(d.value()));
    else
      dims.push_back(d.is_unknown() ? Dim::unknown() : Dim::from_postfix(d.expression()));
  }
  return dims;
}

Result<ConstantData> read_constant(const Constant& c) {
  if (c.encoding() != HY_ENCODING_DENSE)
    return unsupported(
        fmt::format("constant {}: compressed constants are not supported yet", c.index()));
  ConstantData out;
  out.dtype = c.dtype();
  out.dims = c.dims();
  out.size = c.bytes();
  out.weight = c.weight_id();
  if (c.is_inline()) {
    const hy_bytes b = c.inline_bytes();
    const auto* begin = static_cast<const unsigned char*>(b.data);
    out.bytes = b.size == 0 ? std::make_shared<std::vector<unsigned char>>()
                            : std::make_shared<std::vector<unsigned char>>(begin, begin + b.size);
  }
  return out;
}

Result<AttributeValue> read_attribute(const halyard::Graph& g, const Node& node,
                                      const hy_graph_attribute& a) {
  const std::string name(g.text(a.name));
  switch (a.type) {
    case HY_ATTR_INT:
      return AttributeValue(a.i);
    case HY_ATTR_FLOAT:
      return AttributeValue(a.f);
    case HY_ATTR_STRING:
      return AttributeValue(std::string(node.attr_string(name.c_str())));
    case HY_ATTR_INTS:
      return AttributeValue(node.attr_ints(name.c_str()));
    case HY_ATTR_FLOATS:
      return AttributeValue(node.attr_floats(name.c_str()));
    case HY_ATTR_STRINGS: {
      std::vector<std::string> list;
      for (std::string_view s : node.attr_strings(name.c_str())) list.emplace_back(s);
      return AttributeValue(std::move(list));
    }
    case HY_ATTR_TENSOR:
      return AttributeValue(TensorAttr{a.first});
    default:
      return unsupported(
          fmt::format("node \"{}\" ({}): attribute \"{}\" holds a body; control flow is not "
                      "supported yet",
                      node.name(), node.op(), name));
  }
}

Result<NodeData> read_node(const halyard::Graph& g, const Node& node, uint32_t first_value) {
  NodeData out;
  out.domain = node.domain();
  out.op = node.op();
  out.name = node.name();
  out.signature = node.signature();
  out.origins = node.origins();
  for (uint32_t i = 0; i < node.input_count(); ++i)
    out.inputs.push_back(node.has_input(i) ? node.input(i).index() - first_value : kNone);
  for (uint32_t i = 0; i < node.output_count(); ++i)
    out.outputs.push_back(node.has_output(i) ? node.output(i).index() - first_value : kNone);
  for (uint32_t i = 0; i < node.attribute_count(); ++i) {
    const hy_graph_attribute a = node.attribute(i);
    HY_ASSIGN_OR_RETURN(AttributeValue value, read_attribute(g, node, a));
    out.attributes.emplace_back(g.text(a.name), std::move(value));
  }
  return out;
}

ShapeSpec write_shape(const Shape& shape) {
  if (!shape) return std::nullopt;
  std::vector<DimSpec> dims;
  for (const Dim& d : *shape) {
    if (d.is_fixed()) {
      dims.push_back(DimSpec::fixed(d.value()));
    } else {
      DimSpec spec;
      spec.expr = d.postfix();
      if (!spec.expr.empty()) spec.kind = HY_DIM_EXPR;
      dims.push_back(std::move(spec));
    }
  }
  return dims;
}

uint32_t write_constant(GraphBuilder& b, const ConstantData& c) {
  if (c.bytes != nullptr) return b.add_inline_constant(c.dtype, c.dims, c.bytes->data(), c.size);
  return b.add_weight_constant(c.dtype, c.dims, c.weight, c.size);
}

}  // namespace

Result<Graph> read_flat(hy_bytes bytes) {
  char message[256] = "";
  if (const hy_status code = hy_graph_validate(bytes.data, bytes.size, message, sizeof message);
      code != HY_OK)
    return Status(code, message);
  halyard::Graph flat;
  HY_RETURN_IF_ERROR(halyard::Graph::open(bytes, &flat));
  if (flat.subgraph_count() == 0) return invalid_model("the graph has no main subgraph");
  if (flat.state_count() != 0)
    return unsupported("the graph has states; they are not supported yet");
  Graph out;
  const Subgraph main = flat.main();
  out.name = main.name();
  for (uint32_t i = 0; i < flat.symbol_count(); ++i) {
    const hy_graph_symbol s = flat.symbol(i);
    out.symbols.push_back({std::string(flat.text(s.name)), s.min, s.max, s.multiple_of});
  }
  for (uint32_t i = 0; i < flat.constant_count(); ++i) {
    HY_ASSIGN_OR_RETURN(ConstantData c, read_constant(flat.constant(i)));
    out.constants.push_back(std::move(c));
  }
  for (uint32_t i = 0; i < main.value_count(); ++i) {
    const Value v = main.value(i);
    if (v.type() != HY_TYPE_TENSOR)
      return unsupported(
          fmt::format("value \"{}\" is not a tensor; sequences, optionals and maps are not "
                      "supported yet",
                      v.name()));
    const auto c = v.constant();
    out.values.push_back(
        {std::string(v.name()), {v.dtype(), read_shape(v)}, v.kind(), c ? c->index() : kNone});
  }
  for (uint32_t i = 0; i < main.node_count(); ++i) {
    HY_ASSIGN_OR_RETURN(NodeData n, read_node(flat, main.node(i), main.first_value()));
    out.nodes.push_back(std::move(n));
  }
  for (uint32_t i = 0; i < main.input_count(); ++i)
    out.inputs.push_back(main.input(i).index() - main.first_value());
  for (uint32_t i = 0; i < main.output_count(); ++i)
    out.outputs.push_back(main.output(i).index() - main.first_value());
  return out;
}

Result<std::vector<unsigned char>> write_flat(const Graph& graph) {
  GraphBuilder b;
  for (const Symbol& s : graph.symbols) b.add_symbol(s.name, s.min, s.max, s.multiple_of);
  for (const ConstantData& c : graph.constants) write_constant(b, c);
  const uint32_t main = b.add_subgraph(graph.name);
  std::vector<uint32_t> id(graph.values.size(), kNone);
  for (ValueId v : graph.inputs) {
    const ValueData& value = graph.values[v];
    id[v] = b.add_input(main, value.name, value.type.dtype, write_shape(value.type.shape),
                        value.constant);
  }
  for (ValueId v = 0; v < graph.values.size(); ++v) {
    const ValueData& value = graph.values[v];
    if (id[v] != kNone) continue;
    if (value.kind == HY_VALUE_CONSTANT)
      id[v] = b.add_constant_value(main, value.name, value.constant);
    else if (value.kind == HY_VALUE_RESULT)
      id[v] = b.add_result(main, value.name, value.type.dtype, write_shape(value.type.shape));
  }
  const auto map = [&](const std::vector<ValueId>& list) {
    std::vector<uint32_t> out;
    for (ValueId v : list) out.push_back(v == kNone ? kNone : id[v]);
    return out;
  };
  for (const NodeData& n : graph.nodes) {
    NodeSpec spec;
    spec.domain = n.domain;
    spec.op = n.op;
    spec.name = n.name;
    spec.signature = n.signature;
    spec.inputs = map(n.inputs);
    spec.outputs = map(n.outputs);
    spec.attributes = n.attributes;
    spec.origins = n.origins;
    b.add_node(main, std::move(spec));
  }
  for (ValueId v : graph.outputs) b.add_output(main, id[v]);
  return b.finish();
}

}  // namespace halyard::core
