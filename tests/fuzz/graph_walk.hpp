// Follows every reference of a graph that the validator took, with the readers that plugins use. It trusts
// nothing: each index is compared with its table again, and the number of steps with the size.
#pragma once

#include <cstdint>
#include <string>

#include "halyard/graph.hpp"

namespace halyard::test {

/// One walk. problem() is empty when everything was in bounds.
class GraphWalk {
 public:
  explicit GraphWalk(hy_bytes bytes) : limit_(1000 + 100 * bytes.size) {
    if (const Status s = Graph::open(bytes, &graph_); !s.ok()) {
      problem_ = s.message();
      return;
    }
    g_ = graph_.raw();
    for (uint32_t i = 0; i < graph_.subgraph_count(); ++i) visit(graph_.subgraph(i));
    for (uint32_t i = 0; i < graph_.constant_count(); ++i) visit(graph_.constant(i));
    for (uint32_t i = 0; i < graph_.symbol_count(); ++i) text(graph_.symbol(i).name);
    for (uint32_t i = 0; i < graph_.group_count(); ++i) {
      index(graph_.group(i).node, HY_SECTION_NODES);
      index(graph_.group(i).parts, HY_SECTION_SUBGRAPHS);
    }
    for (uint32_t i = 0; i < graph_.state_count(); ++i) visit(graph_.state(i));
    for (uint32_t i = 0; i < hy_graph_count(g_, HY_SECTION_HINTS); ++i)
      visit(hy_graph_hint_at(g_, i));
    if (graph_.subgraph_count() != 0) descend(graph_.main(), 1);
  }
  const std::string& problem() const { return problem_; }
  uint64_t steps() const { return steps_; }
  /// Of bytes that were read, so that reading them is not optimised away.
  uint64_t sum() const { return sum_; }

 private:
  void expect(bool fine, const char* what) {
    if (++steps_ > limit_ && problem_.empty()) problem_ = "the walk is longer than the size allows";
    if (!fine && problem_.empty()) problem_ = what;
  }
  void index(uint32_t i, uint32_t table) {
    expect(i < hy_graph_count(g_, table), "an index is out of range");
  }
  void range(uint64_t first, uint64_t count, uint32_t table) {
    expect(count == 0 || first + count <= hy_graph_count(g_, table), "a range is out of range");
  }
  void text(hy_graph_str s) {
    expect(hy_graph_text(g_, s).size == s.size, "a text is out of range");
    for (char c : view(hy_graph_text(g_, s)).substr(0, 16)) sum_ += static_cast<unsigned char>(c);
  }
  void shape(uint32_t s, bool all_static) {
    index(s, HY_SECTION_SHAPES);
    const hy_graph_shape record = hy_graph_shape_at(g_, s);
    expect(record.rank <= HY_GRAPH_MAX_RANK, "the rank is too large");
    range(record.first_dim, record.rank, HY_SECTION_DIMS);
    for (uint32_t i = 0; i < record.rank; ++i) {
      const Dim d(g_, hy_graph_dim_at(g_, record.first_dim + i));
      expect(!d.is_static() || d.value() >= 0, "a dim is negative");
      expect(d.is_static() || !all_static, "a dim is not static");
      evaluate(d);
    }
  }
  void evaluate(const Dim& d) {
    int depth = 0;
    for (const hy_graph_expr& e : d.expression()) {
      if (e.op == HY_EXPR_SYMBOL) index(static_cast<uint32_t>(e.value), HY_SECTION_SYMBOLS);
      expect(e.op <= HY_EXPR_SYMBOL || depth >= 2, "an expression's stack is empty");
      depth += e.op <= HY_EXPR_SYMBOL ? 1 : -1;
    }
    expect(d.is_static() || d.is_unknown() || depth == 1, "an expression has no one result");
  }
  void visit(const hy_graph_hint& h) {
    text(h.text);
    if (h.node != HY_NONE) index(h.node, HY_SECTION_NODES);
  }
  void visit(const hy_graph_state& s) {
    text(s.name);
    shape(s.shape, true);
    if (s.initial != HY_NONE) index(s.initial, HY_SECTION_CONSTANTS);
    expect(s.growth_axis == HY_NONE || s.growth_axis < hy_graph_shape_at(g_, s.shape).rank,
           "no such axis");
    const hy_graph_subgraph main = hy_graph_subgraph_at(g_, 0);
    expect(s.input == HY_NONE || s.input < main.input_count, "no such input");
    expect(s.output == HY_NONE || s.output < main.output_count, "no such output");
  }
  void visit(const Constant& c) {
    index(c.index(), HY_SECTION_CONSTANTS);
    shape(hy_graph_constant_at(g_, c.index()).shape, true);
    int64_t elements = 1;
    for (int64_t d : c.dims()) elements *= d;
    if (c.is_inline()) {
      const hy_bytes b = c.inline_bytes();
      expect(b.size == c.bytes(), "inline bytes are out of range");
      if (b.size != 0) {
        expect(reinterpret_cast<uintptr_t>(b.data) % 8 == 0, "inline bytes are not aligned");
        sum_ += static_cast<const unsigned char*>(b.data)[0] +
                uint64_t{static_cast<const unsigned char*>(b.data)[b.size - 1]};
      }
      if (c.dtype() == HY_DTYPE_STRING)
        strings(b, static_cast<uint64_t>(elements));
      else
        expect(b.size == (static_cast<uint64_t>(elements) * dtype_bits(c.dtype()) + 7) / 8,
               "wrong size");
    }
    for (uint32_t i = 0; i < c.part_count(); ++i)
      if (hy_graph_operand_at(g_, hy_graph_constant_at(g_, c.index()).first_part + i) != HY_NONE) {
        expect(c.part(i).index() < c.index(), "a constant is a part of itself");
        if (problem_.empty()) visit(c.part(i));
      }
  }
  void strings(hy_bytes b, uint64_t count) {
    expect(b.size >= (count + 1) * 8, "string offsets are out of range");
    uint64_t at[2];
    for (uint64_t i = 0; i < count && problem_.empty(); ++i) {
      std::memcpy(at, static_cast<const char*>(b.data) + i * 8, 16);
      expect(at[0] <= at[1] && at[1] <= b.size - (count + 1) * 8, "a string is out of range");
    }
  }
  void visit(const Value& v) {
    index(v.index(), HY_SECTION_VALUES);
    text(hy_graph_value_at(g_, v.index()).name);
    if (v.has_rank()) shape(hy_graph_value_at(g_, v.index()).shape, false);
    if (const auto c = v.constant()) {
      index(c->index(), HY_SECTION_CONSTANTS);
      expect(c->dtype() == v.dtype(), "a constant of another type");
      expect(!v.has_rank() || c->dims().size() == v.rank(), "a constant of another rank");
      for (uint32_t i = 0; problem_.empty() && i < v.rank(); ++i)
        expect(!v.dim(i).is_static() || v.dim(i).value() == c->dims()[i],
               "a constant of other dims");
    }
  }
  void visit(const Subgraph& s) {
    const hy_graph_subgraph record = hy_graph_subgraph_at(g_, s.index());
    text(record.name);
    range(record.first_node, record.node_count, HY_SECTION_NODES);
    range(record.first_value, record.value_count, HY_SECTION_VALUES);
    range(record.first_input, record.input_count, HY_SECTION_OPERANDS);
    range(record.first_output, record.output_count, HY_SECTION_OPERANDS);
    for (uint32_t i = 0; problem_.empty() && i < s.value_count(); ++i) visit(s.value(i));
    for (uint32_t i = 0; problem_.empty() && i < s.input_count(); ++i) {
      own(s, s.input(i).index());
      expect(s.input(i).kind() == HY_VALUE_INPUT, "an input is not an INPUT");
    }
    for (uint32_t i = 0; problem_.empty() && i < s.node_count(); ++i) visit(s, s.node(i));
    for (uint32_t i = 0; problem_.empty() && i < s.output_count(); ++i)
      computed(s, s.output(i), HY_NONE);
  }
  void own(const Subgraph& s, uint32_t value) {
    expect(value >= s.first_value() && value - s.first_value() < s.value_count(),
           "a foreign value");
  }
  void computed(const Subgraph& s, const Value& v, uint32_t before) {
    own(s, v.index());
    expect(v.kind() != HY_VALUE_RESULT || v.producer() < before,
           "a value is used before it is computed");
  }
  void visit(const Subgraph& s, const Node& n) {
    const hy_graph_node record = hy_graph_node_at(g_, n.index());
    text(record.domain), text(record.op), text(record.name);
    range(record.first_input, record.input_count, HY_SECTION_OPERANDS);
    range(record.first_output, record.output_count, HY_SECTION_OPERANDS);
    range(record.first_attribute, record.attribute_count, HY_SECTION_ATTRIBUTES);
    range(record.first_origin, record.origin_count, HY_SECTION_STRING_REFS);
    for (uint32_t i = 0; problem_.empty() && i < n.input_count(); ++i)
      if (n.has_input(i)) computed(s, n.input(i), n.index());
    for (uint32_t i = 0; problem_.empty() && i < n.output_count(); ++i)
      if (n.has_output(i)) {
        own(s, n.output(i).index());
        expect(n.output(i).producer() == n.index(), "an output of another node");
      }
    for (uint32_t i = 0; problem_.empty() && i < n.attribute_count(); ++i) visit(n.attribute(i));
    if (problem_.empty()) steps_ += n.origins().size();
  }
  void visit(const hy_graph_attribute& a) {
    text(a.name);
    expect(a.type >= HY_ATTR_INT && a.type <= HY_ATTR_GRAPH, "an attribute of an unknown type");
    if (a.type == HY_ATTR_STRING) index(a.first, HY_SECTION_STRING_REFS);
    if (a.type == HY_ATTR_STRING) text(hy_graph_string_ref_at(g_, a.first));
    if (a.type == HY_ATTR_INTS) range(a.first, a.count, HY_SECTION_INTS);
    if (a.type == HY_ATTR_FLOATS) range(a.first, a.count, HY_SECTION_FLOATS);
    if (a.type == HY_ATTR_STRINGS) range(a.first, a.count, HY_SECTION_STRING_REFS);
    for (uint32_t i = 0; problem_.empty() && a.type == HY_ATTR_STRINGS && i < a.count; ++i)
      text(hy_graph_string_ref_at(g_, a.first + i));
    if (a.type == HY_ATTR_TENSOR) index(a.first, HY_SECTION_CONSTANTS);
    if (a.type == HY_ATTR_GRAPH) index(a.first, HY_SECTION_SUBGRAPHS);
  }
  /// As whoever runs the graph would: into bodies and parts.
  void descend(const Subgraph& s, uint32_t depth) {
    expect(depth <= HY_GRAPH_MAX_DEPTH, "subgraphs nest too deep");
    for (uint32_t i = 0; problem_.empty() && i < s.node_count(); ++i) {
      const Node n = s.node(i);
      expect(true, "");
      if (n.group() != HY_NONE) {
        const Subgraph parts = graph_.subgraph(graph_.group(n.group()).parts);
        expect(graph_.group(n.group()).node == n.index(), "a group of another node");
        expect(parts.input_count() == n.input_count() && parts.output_count() == n.output_count(),
               "parts with other operands");
        descend(parts, depth + 1);
      }
      for (uint32_t k = 0; problem_.empty() && k < n.attribute_count(); ++k)
        if (n.attribute(k).type == HY_ATTR_GRAPH)
          descend(graph_.subgraph(n.attribute(k).first), depth + 1);
    }
  }

  const uint64_t limit_;
  uint64_t steps_ = 0;
  uint64_t sum_ = 0;
  std::string problem_;
  Graph graph_;
  const hy_graph_view* g_ = nullptr;
};

}  // namespace halyard::test
