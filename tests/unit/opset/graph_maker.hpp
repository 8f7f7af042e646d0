// Small graphs for the tests of this folder, and what inference says of them as text.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/opset/infer.hpp"
#include "core/opset/table.hpp"
#include "halyard/opset.hpp"

namespace halyard::core {

struct GraphMaker {
  Graph graph;
  Inference inference;

  /// "n,3,?": letters are symbols; "*": unknown rank; "": a scalar.
  Shape shape(std::string_view text) {
    if (text == "*") return std::nullopt;
    std::vector<Dim> dims;
    for (std::string_view word : halyard::detail::split(text, ',')) dims.push_back(dim(word));
    return dims;
  }
  Dim dim(std::string_view word) {
    if (word == "?") return Dim();
    if (word[0] == '-' || (word[0] >= '0' && word[0] <= '9'))
      return Dim::fixed(std::stoll(std::string(word)));
    for (uint32_t i = 0; i < graph.symbols.size(); ++i)
      if (graph.symbols[i].name == word) return Dim::symbol(i);
    graph.symbols.push_back({std::string(word)});
    return Dim::symbol(static_cast<uint32_t>(graph.symbols.size() - 1));
  }

  ValueId input(std::string_view dims, uint32_t dtype = HY_DTYPE_F32) {
    const std::string name = "in" + std::to_string(graph.values.size());
    graph.values.push_back({name, {dtype, shape(dims)}, HY_VALUE_INPUT, kNone});
    graph.inputs.push_back(static_cast<ValueId>(graph.values.size() - 1));
    return graph.inputs.back();
  }
  ValueId ints(std::vector<int64_t> content) {
    const auto n = static_cast<int64_t>(content.size());
    return graph.add_constant("ints", HY_DTYPE_I64, {n}, content.data(), content.size() * 8);
  }
  ValueId scalar(int64_t content) {
    return graph.add_constant("scalar", HY_DTYPE_I64, {}, &content, 8);
  }
  ValueId floats(std::vector<float> content) {
    const auto n = static_cast<int64_t>(content.size());
    return graph.add_constant("floats", HY_DTYPE_F32, {n}, content.data(), content.size() * 4);
  }

  /// Its first output; the others follow.
  ValueId node(std::string_view op, std::vector<ValueId> inputs, Attributes attributes = {},
               size_t outputs = 1) {
    NodeData n;
    const size_t colon = op.find(':');  // "ai.onnx.ml:Scaler"
    n.domain = colon == std::string_view::npos ? "" : op.substr(0, colon);
    n.op = colon == std::string_view::npos ? op : op.substr(colon + 1);
    n.name = "it";
    n.inputs = std::move(inputs);
    n.attributes = std::move(attributes);
    if (const OperatorDecl* decl = find_operator(n.domain, n.op)) n.signature = decl->digest;
    for (size_t i = 0; i < outputs; ++i)
      n.outputs.push_back(graph.add_result("out" + std::to_string(graph.values.size())));
    graph.nodes.push_back(n);
    return n.outputs[0];
  }

  Status infer() {
    const auto read = [](const ConstantData& c) -> Result<hy_bytes> {
      if (c.bytes == nullptr) return not_found("a weight");
      return hy_bytes{c.bytes->data(), c.size};
    };
    auto result = infer_graph(graph, read);
    if (result.ok()) inference = std::move(result).value();
    return result.status();
  }

  std::string type(ValueId v) const {
    const TensorType& t = graph.values[v].type;
    return std::string(dtype_name(t.dtype)) + shape_text(t.shape, graph.symbol_names());
  }
  std::string content(ValueId v) const {
    const KnownInts& known = inference.ints[v];
    return known ? shape_text(*known, graph.symbol_names()) : "unknown";
  }
  /// "f32[n,3]" of one output after inference, or the error.
  std::string inferred(ValueId v) {
    const Status s = infer();
    return s.ok() ? type(v) : s.message();
  }
  std::string inferred_content(ValueId v) {
    const Status s = infer();
    return s.ok() ? content(v) : s.message();
  }
};

using Ints = std::vector<int64_t>;

}  // namespace halyard::core
