#include "core/graph/flat.hpp"

#include <fmt/format.h>

#include <map>

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

/// Reads subgraphs, each into a Graph with constants of its own.
class Reader {
 public:
  explicit Reader(const halyard::Graph& flat) : flat_(flat) {}

  Result<Graph> read(uint32_t subgraph) {
    const Subgraph from = flat_.subgraph(subgraph);
    Graph out;
    out.name = from.name();
    for (uint32_t i = 0; i < flat_.symbol_count(); ++i) {
      const hy_graph_symbol s = flat_.symbol(i);
      out.symbols.push_back({std::string(flat_.text(s.name)), s.min, s.max, s.multiple_of});
    }
    std::map<uint32_t, uint32_t> constants;  // of the flat graph: of ours
    for (uint32_t i = 0; i < from.value_count(); ++i) {
      const Value v = from.value(i);
      const auto c = v.constant();
      uint32_t constant = kNone;
      if (c) {
        HY_ASSIGN_OR_RETURN(constant, read_constant_once(c->index(), &constants, &out));
      }
      out.values.push_back({std::string(v.name()),
                            {v.dtype(), read_shape(v), v.type(), v.key_dtype()},
                            v.kind(),
                            constant});
    }
    for (uint32_t i = 0; i < from.node_count(); ++i) {
      HY_ASSIGN_OR_RETURN(NodeData n,
                          read_node(from.node(i), from.first_value(), &constants, &out));
      out.nodes.push_back(std::move(n));
    }
    for (uint32_t i = 0; i < from.input_count(); ++i)
      out.inputs.push_back(from.input(i).index() - from.first_value());
    for (uint32_t i = 0; i < from.output_count(); ++i)
      out.outputs.push_back(from.output(i).index() - from.first_value());
    for (uint32_t i = 0; subgraph == 0 && i < flat_.state_count(); ++i) {
      HY_RETURN_IF_ERROR(read_state(flat_.state(i), &constants, &out));
    }
    return out;
  }

 private:
  Result<uint32_t> read_constant_once(uint32_t index, std::map<uint32_t, uint32_t>* known,
                                      Graph* out) {
    if (const auto it = known->find(index); it != known->end()) return it->second;
    HY_ASSIGN_OR_RETURN(ConstantData c, read_constant(flat_.constant(index)));
    out->constants.push_back(std::move(c));
    return (*known)[index] = static_cast<uint32_t>(out->constants.size() - 1);
  }

  Status read_state(const hy_graph_state& s, std::map<uint32_t, uint32_t>* constants, Graph* out) {
    StateData state;
    state.name = flat_.text(s.name);
    state.dtype = s.dtype;
    const hy_graph_shape shape = hy_graph_shape_at(flat_.raw(), s.shape);
    for (uint32_t d = 0; d < shape.rank; ++d)
      state.dims.push_back(hy_graph_dim_at(flat_.raw(), shape.first_dim + d).value);
    if (s.initial != HY_NONE) {
      HY_ASSIGN_OR_RETURN(state.initial, read_constant_once(s.initial, constants, out));
    }
    state.growth_axis = s.growth_axis;
    state.read = s.input != HY_NONE;
    state.written = s.output != HY_NONE;
    out->states.push_back(std::move(state));
    return {};
  }

  Result<AttributeValue> read_attribute(const Node& node, const hy_graph_attribute& a,
                                        std::map<uint32_t, uint32_t>* constants, Graph* out) {
    const std::string name(flat_.text(a.name));
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
      case HY_ATTR_TENSOR: {
        HY_ASSIGN_OR_RETURN(const uint32_t c, read_constant_once(a.first, constants, out));
        return AttributeValue(TensorAttr{c});
      }
      default: {
        HY_ASSIGN_OR_RETURN(Graph body, read(a.first));  // validated: depth is bounded
        out->bodies.push_back(std::move(body));
        return AttributeValue(GraphAttr{static_cast<uint32_t>(out->bodies.size() - 1)});
      }
    }
  }

  Result<NodeData> read_node(const Node& node, uint32_t first_value,
                             std::map<uint32_t, uint32_t>* constants, Graph* graph) {
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
      HY_ASSIGN_OR_RETURN(AttributeValue value, read_attribute(node, a, constants, graph));
      out.attributes.emplace_back(flat_.text(a.name), std::move(value));
    }
    return out;
  }

  const halyard::Graph& flat_;
};

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

/// Writes the graph, then the bodies of its nodes; gives its number. Bodies come after what owns them.
uint32_t write_subgraph(GraphBuilder& b, const Graph& graph, bool states) {
  const uint32_t sub = b.add_subgraph(graph.name);
  std::vector<uint32_t> constants;
  for (const ConstantData& c : graph.constants) constants.push_back(write_constant(b, c));
  for (size_t s = 0; states && s < graph.states.size(); ++s) {
    const StateData& state = graph.states[s];
    b.add_state(state.name, state.dtype, state.dims,
                state.initial == kNone ? HY_NONE : constants[state.initial], state.growth_axis,
                graph.input_of_state(s), graph.output_of_state(s));
  }
  std::vector<uint32_t> id(graph.values.size(), kNone);
  const auto set_type = [&](ValueId v) {
    const TensorType& type = graph.values[v].type;
    if (!type.is_tensor()) b.set_type(sub, id[v], type.kind, type.key);
  };
  for (ValueId v : graph.inputs) {
    const ValueData& value = graph.values[v];
    id[v] = b.add_input(sub, value.name, value.type.dtype, write_shape(value.type.shape),
                        value.constant == kNone ? kNone : constants[value.constant]);
    set_type(v);
  }
  for (ValueId v = 0; v < graph.values.size(); ++v) {
    const ValueData& value = graph.values[v];
    if (id[v] != kNone) continue;
    if (value.kind == HY_VALUE_CONSTANT) {
      id[v] = b.add_constant_value(sub, value.name, constants[value.constant]);
    } else if (value.kind == HY_VALUE_RESULT) {
      id[v] = b.add_result(sub, value.name, value.type.dtype, write_shape(value.type.shape));
      set_type(v);
    }
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
    for (auto& [name, value] : spec.attributes) {
      if (auto* t = std::get_if<TensorAttr>(&value)) t->constant = constants[t->constant];
      if (auto* g = std::get_if<GraphAttr>(&value))
        g->subgraph = write_subgraph(b, graph.bodies[g->subgraph], false);
    }
    b.add_node(sub, std::move(spec));
  }
  for (ValueId v : graph.outputs) b.add_output(sub, id[v]);
  return sub;
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
  return Reader(flat).read(0);
}

Result<std::vector<unsigned char>> write_flat(const Graph& graph, bool states) {
  GraphBuilder b;
  for (const Symbol& s : graph.symbols) b.add_symbol(s.name, s.min, s.max, s.multiple_of);
  write_subgraph(b, graph, states);
  return b.finish();
}

}  // namespace halyard::core
