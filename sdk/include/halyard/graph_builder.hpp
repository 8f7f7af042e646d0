// Builds the flat form of abi/graph.h: C++20, header-only.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "halyard/abi/graph.h"
#include "halyard/opset.hpp"
#include "halyard/status.hpp"

namespace halyard {

/// One dim of a shape to be written.
struct DimSpec {
  uint32_t kind = HY_DIM_UNKNOWN;
  int64_t value = 0;                // STATIC
  std::vector<hy_graph_expr> expr;  // EXPR

  static DimSpec fixed(int64_t n) { return {HY_DIM_STATIC, n, {}}; }
  static DimSpec unknown() { return {}; }
  static DimSpec symbol(uint32_t index) { return {HY_DIM_EXPR, 0, {{HY_EXPR_SYMBOL, 0, index}}}; }
};

/// Absent: not even the rank is known.
using ShapeSpec = std::optional<std::vector<DimSpec>>;

struct TensorAttr {
  uint32_t constant;
};
struct GraphAttr {
  uint32_t subgraph;
};
using AttributeValue =
    std::variant<int64_t, double, std::string, std::vector<int64_t>, std::vector<double>,
                 std::vector<std::string>, TensorAttr, GraphAttr>;

struct NodeSpec {
  std::string domain{}, op{}, name{};
  std::vector<uint32_t> inputs{}, outputs{};  // values of the subgraph, HY_NONE for absent ones
  std::vector<std::pair<std::string, AttributeValue>> attributes{};
  std::vector<std::string> origins{};  // empty: the name, if there is one
  uint64_t signature = 0;              // 0: that of the operator table, and its defaults are added
  uint32_t group = HY_NONE;
};

/// Collects subgraphs, then lays them out. Subgraph 0 must be the main one. Value and node numbers
/// given back are local to their subgraph. Single-threaded. Owns copies of all it is given.
class GraphBuilder {
 public:
  uint32_t add_symbol(std::string_view name, int64_t min = 0, int64_t max = -1,
                      int64_t multiple_of = 1) {
    symbols_.push_back({text(name), min, max, multiple_of});
    return static_cast<uint32_t>(symbols_.size() - 1);
  }

  /// A dense constant whose bytes are copied into the graph.
  uint32_t add_inline_constant(uint32_t dtype, const std::vector<int64_t>& dims, const void* data,
                               uint64_t bytes) {
    blob_.resize((blob_.size() + 7) / 8 * 8);
    const uint64_t offset = blob_.size();
    if (bytes != 0) {
      blob_.resize(offset + bytes);
      std::memcpy(blob_.data() + offset, data, bytes);
    }
    return add_constant(
        {dtype, static_shape(dims), HY_ENCODING_DENSE, HY_STORAGE_INLINE, offset, bytes, 0, 0});
  }
  /// A dense constant whose bytes are a weight.
  uint32_t add_weight_constant(uint32_t dtype, const std::vector<int64_t>& dims, uint64_t id,
                               uint64_t bytes) {
    return add_constant(
        {dtype, static_shape(dims), HY_ENCODING_DENSE, HY_STORAGE_WEIGHT, id, bytes, 0, 0});
  }
  /// A compressed constant; parts are constants, in the encoding's order.
  uint32_t add_encoded_constant(uint32_t dtype, const std::vector<int64_t>& dims, uint32_t encoding,
                                const std::vector<uint32_t>& parts) {
    const uint32_t first = static_cast<uint32_t>(operands_.size());
    operands_.insert(operands_.end(), parts.begin(), parts.end());
    return add_constant({dtype, static_shape(dims), encoding, HY_STORAGE_PARTS, 0, 0, first,
                         static_cast<uint32_t>(parts.size())});
  }

  uint32_t add_subgraph(std::string_view name) {
    subgraphs_.push_back({text(name), {}, {}, {}, {}});
    return static_cast<uint32_t>(subgraphs_.size() - 1);
  }
  /// An input of the subgraph. constant: its value, where that is known.
  uint32_t add_input(uint32_t subgraph, std::string_view name, uint32_t dtype,
                     const ShapeSpec& shape, uint32_t constant = HY_NONE) {
    const uint32_t v = add_value(subgraph, HY_VALUE_INPUT, name, dtype, add_shape(shape), constant);
    subgraphs_[subgraph].inputs.push_back(v);
    return v;
  }
  /// Makes an input or a result a sequence, an optional or a map; key as hy_graph_value's key_dtype.
  void set_type(uint32_t subgraph, uint32_t value, uint32_t type, uint32_t key = 0) {
    subgraphs_[subgraph].values[value].type = type;
    subgraphs_[subgraph].values[value].key_dtype = key;
  }
  uint32_t add_constant_value(uint32_t subgraph, std::string_view name, uint32_t constant) {
    const hy_graph_constant& c = constants_[constant];
    return add_value(subgraph, HY_VALUE_CONSTANT, name, c.dtype, c.shape, constant);
  }
  /// A value that a node added later computes.
  uint32_t add_result(uint32_t subgraph, std::string_view name, uint32_t dtype = HY_DTYPE_UNDEFINED,
                      const ShapeSpec& shape = std::nullopt, uint32_t type = HY_TYPE_TENSOR) {
    const uint32_t v = add_value(subgraph, HY_VALUE_RESULT, name, dtype, add_shape(shape), HY_NONE);
    subgraphs_[subgraph].values[v].type = type;
    return v;
  }
  void add_output(uint32_t subgraph, uint32_t value) {
    subgraphs_[subgraph].outputs.push_back(value);
  }
  /// Nodes must come in an order in which values are computed before they are used.
  uint32_t add_node(uint32_t subgraph, NodeSpec node) {
    subgraphs_[subgraph].nodes.push_back(std::move(node));
    return static_cast<uint32_t>(subgraphs_[subgraph].nodes.size() - 1);
  }
  /// Makes a node of a subgraph a composite with these parts.
  uint32_t add_group(uint32_t subgraph, uint32_t node, uint32_t parts) {
    groups_.push_back({subgraph, node, parts});
    subgraphs_[subgraph].nodes[node].group = static_cast<uint32_t>(groups_.size() - 1);
    return subgraphs_[subgraph].nodes[node].group;
  }
  /// input, output: ports of the first subgraph, see hy_graph_state; HY_NONE: it is not read, not written.
  uint32_t add_state(std::string_view name, uint32_t dtype, const std::vector<int64_t>& dims,
                     uint32_t initial = HY_NONE, uint32_t growth_axis = HY_NONE,
                     uint32_t input = HY_NONE, uint32_t output = HY_NONE) {
    states_.push_back({text(name), dtype, static_shape(dims), initial, growth_axis, input, output});
    return static_cast<uint32_t>(states_.size() - 1);
  }

  /// The finished bytes. Fails when a table outgrows its 32-bit counts. Not validated.
  Result<std::vector<unsigned char>> finish();

 private:
  struct Subgraph {
    hy_graph_str name;
    std::vector<hy_graph_value> values;
    std::vector<NodeSpec> nodes;
    std::vector<uint32_t> inputs, outputs;
  };
  struct Group {
    uint32_t subgraph, node, parts;
  };

  hy_graph_str text(std::string_view s) {
    if (s.empty()) return {0, 0};
    const auto [it, added] =
        interned_.try_emplace(std::string(s), static_cast<uint32_t>(strings_.size()));
    if (added) strings_.append(s);
    return {it->second, static_cast<uint32_t>(s.size())};
  }
  uint32_t add_constant(const hy_graph_constant& c) {
    constants_.push_back(c);
    return static_cast<uint32_t>(constants_.size() - 1);
  }
  uint32_t static_shape(const std::vector<int64_t>& dims) {
    std::vector<DimSpec> spec;
    for (int64_t d : dims) spec.push_back(DimSpec::fixed(d));
    return add_shape(spec);
  }
  uint32_t add_shape(const ShapeSpec& shape) {
    if (!shape) return HY_NONE;
    const uint32_t first = static_cast<uint32_t>(dims_.size());
    for (const DimSpec& d : *shape) {
      hy_graph_dim out{d.kind, static_cast<uint32_t>(d.expr.size()), d.value};
      if (d.kind == HY_DIM_EXPR) {
        out.value = static_cast<int64_t>(exprs_.size());
        exprs_.insert(exprs_.end(), d.expr.begin(), d.expr.end());
      }
      dims_.push_back(out);
    }
    shapes_.push_back({first, static_cast<uint32_t>(shape->size())});
    return static_cast<uint32_t>(shapes_.size() - 1);
  }
  uint32_t add_value(uint32_t subgraph, uint32_t kind, std::string_view name, uint32_t dtype,
                     uint32_t shape, uint32_t constant) {
    auto& values = subgraphs_[subgraph].values;
    values.push_back({text(name), kind, HY_TYPE_TENSOR, dtype, shape, HY_NONE, 0, constant, 0});
    return static_cast<uint32_t>(values.size() - 1);
  }
  std::pair<uint32_t, uint32_t> add_operands(const std::vector<uint32_t>& list, uint32_t base) {
    const uint32_t first = static_cast<uint32_t>(operands_.size());
    for (uint32_t v : list) operands_.push_back(v == HY_NONE ? HY_NONE : v + base);
    return {first, static_cast<uint32_t>(list.size())};
  }
  void add_attribute(std::string_view name, const AttributeValue& value);
  void add_default(const AttributeDecl& decl);
  hy_graph_node lay_out(const NodeSpec& node, uint32_t value_base);

  std::string strings_;
  std::unordered_map<std::string, uint32_t> interned_;
  std::vector<Subgraph> subgraphs_;
  std::vector<Group> groups_;
  std::vector<uint32_t> operands_;
  std::vector<hy_graph_attribute> attributes_;
  std::vector<hy_graph_shape> shapes_;
  std::vector<hy_graph_dim> dims_;
  std::vector<hy_graph_symbol> symbols_;
  std::vector<hy_graph_expr> exprs_;
  std::vector<int64_t> ints_;
  std::vector<double> floats_;
  std::vector<hy_graph_str> string_refs_;
  std::vector<hy_graph_constant> constants_;
  std::vector<hy_graph_state> states_;
  std::vector<unsigned char> blob_;
};

inline void GraphBuilder::add_attribute(std::string_view name, const AttributeValue& value) {
  hy_graph_attribute a{};
  a.name = text(name);
  const auto list = [&](uint32_t type, size_t first, size_t count) {
    a.type = type;
    a.first = static_cast<uint32_t>(first);
    a.count = static_cast<uint32_t>(count);
  };
  if (const auto* i = std::get_if<int64_t>(&value)) {
    a.type = HY_ATTR_INT;
    a.i = *i;
  } else if (const auto* f = std::get_if<double>(&value)) {
    a.type = HY_ATTR_FLOAT;
    a.f = *f;
  } else if (const auto* s = std::get_if<std::string>(&value)) {
    list(HY_ATTR_STRING, string_refs_.size(), 1);
    string_refs_.push_back(text(*s));
  } else if (const auto* is = std::get_if<std::vector<int64_t>>(&value)) {
    list(HY_ATTR_INTS, ints_.size(), is->size());
    ints_.insert(ints_.end(), is->begin(), is->end());
  } else if (const auto* fs = std::get_if<std::vector<double>>(&value)) {
    list(HY_ATTR_FLOATS, floats_.size(), fs->size());
    floats_.insert(floats_.end(), fs->begin(), fs->end());
  } else if (const auto* ss = std::get_if<std::vector<std::string>>(&value)) {
    list(HY_ATTR_STRINGS, string_refs_.size(), ss->size());
    for (const std::string& t : *ss) string_refs_.push_back(text(t));
  } else if (const auto* t = std::get_if<TensorAttr>(&value)) {
    list(HY_ATTR_TENSOR, t->constant, 1);
  } else if (const auto* g = std::get_if<GraphAttr>(&value)) {
    list(HY_ATTR_GRAPH, g->subgraph, 1);
  }
  attributes_.push_back(a);
}

inline void GraphBuilder::add_default(const AttributeDecl& decl) {
  const std::string value(decl.text);
  if (decl.type == HY_ATTR_INT)
    add_attribute(decl.name, static_cast<int64_t>(std::strtoll(value.c_str(), nullptr, 10)));
  if (decl.type == HY_ATTR_FLOAT) add_attribute(decl.name, std::strtod(value.c_str(), nullptr));
  if (decl.type == HY_ATTR_STRING) add_attribute(decl.name, value);
}

inline hy_graph_node GraphBuilder::lay_out(const NodeSpec& node, uint32_t value_base) {
  hy_graph_node n{};
  n.domain = text(node.domain);
  n.op = text(node.op);
  n.name = text(node.name);
  n.group = node.group;
  std::tie(n.first_input, n.input_count) = add_operands(node.inputs, value_base);
  std::tie(n.first_output, n.output_count) = add_operands(node.outputs, value_base);
  n.first_attribute = static_cast<uint32_t>(attributes_.size());
  for (const auto& [name, value] : node.attributes) add_attribute(name, value);
  const OperatorDecl* decl = find_operator(node.domain, node.op);
  n.signature = node.signature != 0 ? node.signature : decl != nullptr ? decl->digest : 0;
  if (decl != nullptr && decl->digest == n.signature) {
    for (const AttributeDecl& d : decl->attributes) {
      bool given = !d.has_default;
      for (const auto& [name, value] : node.attributes) given = given || name == d.name;
      if (!given) add_default(d);
    }
  }
  n.attribute_count = static_cast<uint32_t>(attributes_.size()) - n.first_attribute;
  n.first_origin = static_cast<uint32_t>(string_refs_.size());
  for (const std::string& o : node.origins) string_refs_.push_back(text(o));
  if (node.origins.empty() && !node.name.empty()) string_refs_.push_back(text(node.name));
  n.origin_count = static_cast<uint32_t>(string_refs_.size()) - n.first_origin;
  return n;
}

inline Result<std::vector<unsigned char>> GraphBuilder::finish() {
  std::vector<hy_graph_subgraph> subgraphs;
  std::vector<hy_graph_node> nodes;
  std::vector<hy_graph_value> values;
  for (Subgraph& s : subgraphs_) {
    hy_graph_subgraph out{};
    out.name = s.name;
    out.first_node = static_cast<uint32_t>(nodes.size());
    out.node_count = static_cast<uint32_t>(s.nodes.size());
    out.first_value = static_cast<uint32_t>(values.size());
    out.value_count = static_cast<uint32_t>(s.values.size());
    std::tie(out.first_input, out.input_count) = add_operands(s.inputs, out.first_value);
    std::tie(out.first_output, out.output_count) = add_operands(s.outputs, out.first_value);
    for (size_t i = 0; i < s.nodes.size(); ++i)
      for (size_t o = 0; o < s.nodes[i].outputs.size(); ++o)
        if (const uint32_t v = s.nodes[i].outputs[o]; v != HY_NONE) {
          s.values[v].producer = out.first_node + static_cast<uint32_t>(i);
          s.values[v].producer_output = static_cast<uint32_t>(o);
        }
    values.insert(values.end(), s.values.begin(), s.values.end());
    for (const NodeSpec& n : s.nodes) nodes.push_back(lay_out(n, out.first_value));
    subgraphs.push_back(out);
  }
  std::vector<hy_graph_group> groups;
  for (const Group& g : groups_)
    groups.push_back({subgraphs[g.subgraph].first_node + g.node, g.parts});

  std::vector<hy_graph_section> directory;
  std::vector<std::pair<const void*, uint64_t>> payloads;
  uint64_t at = sizeof(hy_graph_header) + 17 * sizeof(hy_graph_section);
  bool too_large = false;
  const auto section = [&](uint32_t kind, const void* data, size_t count, size_t stride) {
    at = (at + 7) / 8 * 8;
    too_large = too_large || count > 0xfffffffeu;
    directory.push_back({kind, 0, at, static_cast<uint32_t>(count), static_cast<uint32_t>(stride)});
    payloads.emplace_back(data, count * stride);
    at += count * stride;
  };
  section(HY_SECTION_SUBGRAPHS, subgraphs.data(), subgraphs.size(), sizeof(hy_graph_subgraph));
  section(HY_SECTION_NODES, nodes.data(), nodes.size(), sizeof(hy_graph_node));
  section(HY_SECTION_VALUES, values.data(), values.size(), sizeof(hy_graph_value));
  section(HY_SECTION_OPERANDS, operands_.data(), operands_.size(), sizeof(uint32_t));
  section(HY_SECTION_ATTRIBUTES, attributes_.data(), attributes_.size(),
          sizeof(hy_graph_attribute));
  section(HY_SECTION_SHAPES, shapes_.data(), shapes_.size(), sizeof(hy_graph_shape));
  section(HY_SECTION_DIMS, dims_.data(), dims_.size(), sizeof(hy_graph_dim));
  section(HY_SECTION_SYMBOLS, symbols_.data(), symbols_.size(), sizeof(hy_graph_symbol));
  section(HY_SECTION_EXPRS, exprs_.data(), exprs_.size(), sizeof(hy_graph_expr));
  section(HY_SECTION_INTS, ints_.data(), ints_.size(), sizeof(int64_t));
  section(HY_SECTION_FLOATS, floats_.data(), floats_.size(), sizeof(double));
  section(HY_SECTION_STRING_REFS, string_refs_.data(), string_refs_.size(), sizeof(hy_graph_str));
  section(HY_SECTION_CONSTANTS, constants_.data(), constants_.size(), sizeof(hy_graph_constant));
  section(HY_SECTION_STATES, states_.data(), states_.size(), sizeof(hy_graph_state));
  section(HY_SECTION_GROUPS, groups.data(), groups.size(), sizeof(hy_graph_group));
  section(HY_SECTION_STRINGS, strings_.data(), strings_.size(), 1);
  section(HY_SECTION_BLOB, blob_.data(), blob_.size(), 1);
  if (too_large)
    return Status(HY_ERROR_UNSUPPORTED, "a table of the graph has more than 4294967294 records");

  const hy_graph_header header{HY_GRAPH_MAGIC, sizeof(hy_graph_header), at,
                               static_cast<uint32_t>(directory.size()), sizeof(hy_graph_section)};
  std::vector<unsigned char> out(at);
  std::memcpy(out.data(), &header, sizeof header);
  std::memcpy(out.data() + sizeof header, directory.data(),
              directory.size() * sizeof(hy_graph_section));
  for (size_t i = 0; i < directory.size(); ++i)
    if (payloads[i].second != 0)
      std::memcpy(out.data() + directory[i].offset, payloads[i].first, payloads[i].second);
  return out;
}

}  // namespace halyard
