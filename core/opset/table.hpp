// What the core knows of each operator beyond its declaration in the SDK.
#pragma once

#include <string_view>
#include <vector>

#include "core/opset/infer.hpp"

namespace halyard::core {

/// Adds the nodes that together compute `node` to `parts`; new values and constants go into `graph`.
/// The last of them write node.outputs. Inner values of f16 and bf16 operators are f32.
using DecomposeFn = Status (*)(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
using InferFn = Status (*)(InferContext& context);

struct OperatorImpl {
  std::string_view name;
  InferFn infer;                    // types and dims of the outputs
  InferFn values = nullptr;         // then their contents, where they are small integer tensors
  DecomposeFn decompose = nullptr;  // null: not a composite
  std::string_view domain = {};     // empty: the standard set
};

/// Whether the node's results are no function of its operands: it draws random numbers, or a node of a body
/// of it does. Such a node is not computed ahead, nor merged with its like.
bool is_random(const Graph& graph, const NodeData& node);

/// The operator of that domain and name, or null. Any thread; lives for ever.
const OperatorImpl* find_operator_impl(std::string_view domain, std::string_view name);

}  // namespace halyard::core
