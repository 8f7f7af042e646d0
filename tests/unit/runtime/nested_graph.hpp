// Small graphs whose nodes have bodies.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/graph/graph.hpp"
#include "halyard/opset.hpp"

namespace halyard::core::test {

/// Writes a graph node by node. A body is another one, moved into the node that has it: its inputs are those
/// of the operator, then the outer values in the order in which the node was given them.
class NestedGraph {
 public:
  using Values = std::vector<ValueId>;

  /// dims: "n,3", letters are symbols; "": a scalar; "*": not even the rank is known. A body's inputs need
  /// neither type nor dims.
  ValueId input(uint32_t dtype = HY_DTYPE_UNDEFINED, std::string_view dims = "*",
                uint32_t kind = HY_TYPE_TENSOR, uint32_t key = 0) {
    const std::string name = "in" + std::to_string(graph.values.size());
    graph.values.push_back({name, {dtype, shape(dims), kind, key}, HY_VALUE_INPUT, kNone});
    graph.inputs.push_back(static_cast<ValueId>(graph.values.size() - 1));
    return graph.inputs.back();
  }
  Values inputs(size_t count) {
    Values out;
    for (size_t i = 0; i < count; ++i) out.push_back(input());
    return out;
  }
  ValueId number(int64_t content) {
    return graph.add_constant("number", HY_DTYPE_I64, {}, &content, sizeof content);
  }
  ValueId numbers(const std::vector<int64_t>& content) {
    const auto n = static_cast<int64_t>(content.size());
    return graph.add_constant("numbers", HY_DTYPE_I64, {n}, content.data(), content.size() * 8);
  }
  ValueId floats(const std::vector<float>& content) {
    const auto n = static_cast<int64_t>(content.size());
    return graph.add_constant("floats", HY_DTYPE_F32, {n}, content.data(), content.size() * 4);
  }
  ValueId truth(bool content) {
    const unsigned char byte = content ? 1 : 0;
    return graph.add_constant("truth", HY_DTYPE_BOOL, {}, &byte, 1);
  }

  /// "ai.onnx.ml:ZipMap": domain and name. Its first output; the others follow. The node is named after the
  /// operator and its place: "Add0".
  ValueId node(std::string_view op, Values inputs, Attributes attributes = {}, size_t outputs = 1) {
    NodeData n;
    const size_t colon = op.find(':');
    n.domain = colon == std::string_view::npos ? "" : op.substr(0, colon);
    n.op = colon == std::string_view::npos ? op : op.substr(colon + 1);
    n.name = n.op + std::to_string(graph.nodes.size());
    n.origins = {n.name};
    n.inputs = std::move(inputs);
    n.attributes = std::move(attributes);
    n.signature = find_operator(n.domain, n.op)->digest;
    for (size_t i = 0; i < outputs; ++i)
      n.outputs.push_back(graph.add_result("out" + std::to_string(graph.values.size())));
    graph.nodes.push_back(n);
    return n.outputs[0];
  }
  ValueId choose(ValueId condition, const Values& outer, NestedGraph then_branch,
                 NestedGraph else_branch, size_t outputs = 1) {
    Attributes a{{"then_branch", body(std::move(then_branch))},
                 {"else_branch", body(std::move(else_branch))}};
    return nested("If", {condition}, outer, std::move(a), outputs);
  }
  /// own: M, the condition (kNone where they are absent) and the carried values.
  ValueId loop(Values own, const Values& outer, NestedGraph inner, size_t outputs) {
    return nested("Loop", std::move(own), outer, {{"body", body(std::move(inner))}}, outputs);
  }
  ValueId scan(Values states, const Values& scanned, const Values& outer, NestedGraph inner,
               size_t outputs, Attributes attributes = {}) {
    attributes.emplace_back("num_scan_inputs", static_cast<int64_t>(scanned.size()));
    attributes.emplace_back("body", body(std::move(inner)));
    states.insert(states.end(), scanned.begin(), scanned.end());
    return nested("Scan", std::move(states), outer, std::move(attributes), outputs);
  }
  ValueId map(Values own, const Values& outer, NestedGraph inner, size_t outputs = 1) {
    return nested("SequenceMap", std::move(own), outer, {{"body", body(std::move(inner))}},
                  outputs);
  }
  NestedGraph& outputs(const Values& values) {
    graph.outputs = values;
    return *this;
  }

  Graph graph;

 private:
  GraphAttr body(NestedGraph inner) {
    graph.bodies.push_back(std::move(inner.graph));
    return {static_cast<uint32_t>(graph.bodies.size() - 1)};
  }
  ValueId nested(std::string_view op, Values own, const Values& outer, Attributes attributes,
                 size_t outputs) {
    attributes.emplace_back("num_outer", static_cast<int64_t>(outer.size()));
    own.insert(own.end(), outer.begin(), outer.end());
    return node(op, std::move(own), std::move(attributes), outputs);
  }
  Shape shape(std::string_view text) {
    if (text == "*") return std::nullopt;
    std::vector<Dim> dims;
    for (std::string_view word : halyard::detail::split(text, ',')) dims.push_back(dim(word));
    return dims;
  }
  Dim dim(std::string_view word) {
    if (word == "?") return Dim();
    if (word[0] >= '0' && word[0] <= '9') return Dim::fixed(std::stoll(std::string(word)));
    uint32_t i = 0;
    while (i < graph.symbols.size() && graph.symbols[i].name != word) ++i;
    if (i == graph.symbols.size()) graph.symbols.push_back({std::string(word)});
    return Dim::symbol(i);
  }
};

}  // namespace halyard::core::test
