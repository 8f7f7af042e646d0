// Reads the flat form of abi/graph.h in C++20, header-only. All types here are small views: copy them
// freely; they live as long as the bytes of the graph. Use them on validated bytes alone.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "halyard/abi/graph_reader.h"
#include "halyard/opset.hpp"
#include "halyard/status.hpp"

namespace halyard {

class Value;
class Node;

/// A constant of the graph. Dense ones have bytes: inline, or a weight to be asked of the host.
class Constant {
 public:
  Constant(const hy_graph_view* g, uint32_t index)
      : g_(g), index_(index), record_(hy_graph_constant_at(g, index)) {}
  uint32_t index() const { return index_; }
  uint32_t dtype() const { return record_.dtype; }
  uint32_t encoding() const { return record_.encoding; }
  bool is_inline() const { return record_.storage == HY_STORAGE_INLINE; }
  uint64_t weight_id() const { return record_.offset; }
  uint64_t bytes() const { return record_.bytes; }
  hy_bytes inline_bytes() const { return hy_graph_inline_bytes(g_, &record_); }
  std::vector<int64_t> dims() const {
    std::vector<int64_t> out;
    const hy_graph_shape s = hy_graph_shape_at(g_, record_.shape);
    for (uint32_t i = 0; i < s.rank; ++i) out.push_back(hy_graph_dim_at(g_, s.first_dim + i).value);
    return out;
  }
  uint32_t part_count() const { return record_.part_count; }
  Constant part(uint32_t i) const { return {g_, hy_graph_operand_at(g_, record_.first_part + i)}; }

 private:
  const hy_graph_view* g_;
  uint32_t index_;
  hy_graph_constant record_;
};

/// A dim: static, unknown or an expression over symbols.
class Dim {
 public:
  Dim(const hy_graph_view* g, hy_graph_dim record) : g_(g), record_(record) {}
  bool is_static() const { return record_.kind == HY_DIM_STATIC; }
  bool is_unknown() const { return record_.kind == HY_DIM_UNKNOWN; }
  /// The size; -1 where it is not static.
  int64_t value() const { return is_static() ? record_.value : -1; }
  std::vector<hy_graph_expr> expression() const {
    std::vector<hy_graph_expr> out;
    if (record_.kind == HY_DIM_EXPR)
      for (uint32_t i = 0; i < record_.expr_count; ++i)
        out.push_back(hy_graph_expr_at(g_, static_cast<uint32_t>(record_.value) + i));
    return out;
  }

 private:
  const hy_graph_view* g_;
  hy_graph_dim record_;
};

class Value {
 public:
  Value(const hy_graph_view* g, uint32_t index)
      : g_(g), index_(index), record_(hy_graph_value_at(g, index)) {
    if (has_rank()) shape_ = hy_graph_shape_at(g, record_.shape);
  }
  uint32_t index() const { return index_; }
  std::string_view name() const { return view(hy_graph_text(g_, record_.name)); }
  uint32_t kind() const { return record_.kind; }
  uint32_t type() const { return record_.type; }
  uint32_t dtype() const { return record_.dtype; }
  /// Of a map; of an optional the HY_TYPE_* of what it may hold.
  uint32_t key_dtype() const { return record_.key_dtype; }
  bool has_rank() const { return record_.shape != HY_NONE; }
  uint32_t rank() const { return shape_.rank; }  // 0 where has_rank() is false
  Dim dim(uint32_t i) const { return {g_, hy_graph_dim_at(g_, shape_.first_dim + i)}; }
  /// Every dim is static.
  bool is_static() const {
    for (uint32_t i = 0; i < rank(); ++i)
      if (!dim(i).is_static()) return false;
    return has_rank();
  }
  /// Dims with -1 for those that are not static.
  std::vector<int64_t> dims() const {
    std::vector<int64_t> out;
    for (uint32_t i = 0; i < rank(); ++i) out.push_back(dim(i).value());
    return out;
  }
  /// Known value: of a constant, or of an input that is known to hold this.
  std::optional<Constant> constant() const {
    if (record_.constant == HY_NONE) return std::nullopt;
    return Constant(g_, record_.constant);
  }
  /// The index of the node that computes it, or HY_NONE.
  uint32_t producer() const { return record_.kind == HY_VALUE_RESULT ? record_.producer : HY_NONE; }

 private:
  const hy_graph_view* g_;
  uint32_t index_;
  hy_graph_value record_;
  hy_graph_shape shape_{};
};

class Node {
 public:
  Node(const hy_graph_view* g, uint32_t index)
      : g_(g), index_(index), record_(hy_graph_node_at(g, index)) {}
  uint32_t index() const { return index_; }
  std::string_view domain() const { return view(hy_graph_text(g_, record_.domain)); }
  std::string_view op() const { return view(hy_graph_text(g_, record_.op)); }
  std::string_view name() const { return view(hy_graph_text(g_, record_.name)); }
  uint64_t signature() const { return record_.signature; }
  uint32_t group() const { return record_.group; }

  uint32_t input_count() const { return record_.input_count; }
  uint32_t output_count() const { return record_.output_count; }
  bool has_input(uint32_t i) const { return hy_graph_node_input(g_, &record_, i) != HY_NONE; }
  bool has_output(uint32_t i) const { return hy_graph_node_output(g_, &record_, i) != HY_NONE; }
  /// Only where has_input(i).
  Value input(uint32_t i) const { return {g_, hy_graph_node_input(g_, &record_, i)}; }
  Value output(uint32_t i) const { return {g_, hy_graph_node_output(g_, &record_, i)}; }

  bool has_attribute(const char* name) const {
    hy_graph_attribute a;
    return hy_graph_find_attribute(g_, &record_, name, &a) != 0;
  }
  int64_t attr_int(const char* name, int64_t otherwise = 0) const {
    hy_graph_attribute a;
    return hy_graph_find_attribute(g_, &record_, name, &a) && a.type == HY_ATTR_INT ? a.i
                                                                                    : otherwise;
  }
  double attr_float(const char* name, double otherwise = 0) const {
    hy_graph_attribute a;
    return hy_graph_find_attribute(g_, &record_, name, &a) && a.type == HY_ATTR_FLOAT ? a.f
                                                                                      : otherwise;
  }
  std::string_view attr_string(const char* name, std::string_view otherwise = {}) const {
    hy_graph_attribute a;
    if (!hy_graph_find_attribute(g_, &record_, name, &a) || a.type != HY_ATTR_STRING)
      return otherwise;
    return view(hy_graph_text(g_, hy_graph_string_ref_at(g_, a.first)));
  }
  std::vector<int64_t> attr_ints(const char* name) const {
    std::vector<int64_t> out;
    hy_graph_attribute a;
    if (hy_graph_find_attribute(g_, &record_, name, &a) && a.type == HY_ATTR_INTS)
      for (uint32_t i = 0; i < a.count; ++i) out.push_back(hy_graph_int_at(g_, a.first + i));
    return out;
  }
  std::vector<double> attr_floats(const char* name) const {
    std::vector<double> out;
    hy_graph_attribute a;
    if (hy_graph_find_attribute(g_, &record_, name, &a) && a.type == HY_ATTR_FLOATS)
      for (uint32_t i = 0; i < a.count; ++i) out.push_back(hy_graph_float_at(g_, a.first + i));
    return out;
  }
  std::vector<std::string_view> attr_strings(const char* name) const {
    std::vector<std::string_view> out;
    hy_graph_attribute a;
    if (hy_graph_find_attribute(g_, &record_, name, &a) && a.type == HY_ATTR_STRINGS)
      for (uint32_t i = 0; i < a.count; ++i)
        out.push_back(view(hy_graph_text(g_, hy_graph_string_ref_at(g_, a.first + i))));
    return out;
  }
  std::optional<Constant> attr_tensor(const char* name) const {
    hy_graph_attribute a;
    if (!hy_graph_find_attribute(g_, &record_, name, &a) || a.type != HY_ATTR_TENSOR)
      return std::nullopt;
    return Constant(g_, a.first);
  }
  /// The subgraph index of a body, or HY_NONE.
  uint32_t attr_graph(const char* name) const {
    hy_graph_attribute a;
    return hy_graph_find_attribute(g_, &record_, name, &a) && a.type == HY_ATTR_GRAPH ? a.first
                                                                                      : HY_NONE;
  }
  uint32_t attribute_count() const { return record_.attribute_count; }
  hy_graph_attribute attribute(uint32_t i) const {
    return hy_graph_attribute_at(g_, record_.first_attribute + i);
  }
  std::vector<std::string> origins() const {
    std::vector<std::string> out;
    for (uint32_t i = 0; i < record_.origin_count; ++i)
      out.emplace_back(
          view(hy_graph_text(g_, hy_graph_string_ref_at(g_, record_.first_origin + i))));
    return out;
  }

 private:
  const hy_graph_view* g_;
  uint32_t index_;
  hy_graph_node record_;
};

class Subgraph {
 public:
  Subgraph(const hy_graph_view* g, uint32_t index)
      : g_(g), index_(index), record_(hy_graph_subgraph_at(g, index)) {}
  uint32_t index() const { return index_; }
  std::string_view name() const { return view(hy_graph_text(g_, record_.name)); }
  uint32_t node_count() const { return record_.node_count; }
  uint32_t first_node() const { return record_.first_node; }
  Node node(uint32_t i) const { return {g_, record_.first_node + i}; }
  uint32_t value_count() const { return record_.value_count; }
  uint32_t first_value() const { return record_.first_value; }
  Value value(uint32_t i) const { return {g_, record_.first_value + i}; }
  uint32_t input_count() const { return record_.input_count; }
  Value input(uint32_t i) const { return {g_, hy_graph_operand_at(g_, record_.first_input + i)}; }
  uint32_t output_count() const { return record_.output_count; }
  Value output(uint32_t i) const { return {g_, hy_graph_operand_at(g_, record_.first_output + i)}; }

 private:
  const hy_graph_view* g_;
  uint32_t index_;
  hy_graph_subgraph record_;
};

/// A graph's bytes, opened. Not copyable in address: the views point to it.
class Graph {
 public:
  /// Checks header and directory; see abi/graph_validate.h for the rest.
  static Status open(hy_bytes bytes, Graph* graph) {
    if (const char* problem = hy_graph_open(bytes.data, bytes.size, &graph->view_))
      return invalid_model(std::string("graph: ") + problem);
    return {};
  }
  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  uint32_t subgraph_count() const { return hy_graph_count(&view_, HY_SECTION_SUBGRAPHS); }
  Subgraph subgraph(uint32_t i) const { return {&view_, i}; }
  Subgraph main() const { return {&view_, 0}; }
  uint32_t node_count() const { return hy_graph_count(&view_, HY_SECTION_NODES); }
  Node node(uint32_t i) const { return {&view_, i}; }
  Value value(uint32_t i) const { return {&view_, i}; }
  uint32_t constant_count() const { return hy_graph_count(&view_, HY_SECTION_CONSTANTS); }
  Constant constant(uint32_t i) const { return {&view_, i}; }
  uint32_t symbol_count() const { return hy_graph_count(&view_, HY_SECTION_SYMBOLS); }
  hy_graph_symbol symbol(uint32_t i) const { return hy_graph_symbol_at(&view_, i); }
  std::string_view text(hy_graph_str s) const { return halyard::view(hy_graph_text(&view_, s)); }
  uint32_t group_count() const { return hy_graph_count(&view_, HY_SECTION_GROUPS); }
  hy_graph_group group(uint32_t i) const { return hy_graph_group_at(&view_, i); }
  uint32_t state_count() const { return hy_graph_count(&view_, HY_SECTION_STATES); }
  hy_graph_state state(uint32_t i) const { return hy_graph_state_at(&view_, i); }
  const hy_graph_view* raw() const { return &view_; }

 private:
  hy_graph_view view_{};
};

}  // namespace halyard
