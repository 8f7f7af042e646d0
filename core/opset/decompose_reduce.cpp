#include <numeric>

#include "core/opset/decompose.hpp"
#include "core/opset/parts.hpp"
#include "halyard/opset.hpp"

namespace halyard::core {
namespace {

Attributes reduction_attributes(const NodeData& node) {
  return {{"keepdims", node.attr_int("keepdims", 1)},
          {"noop_with_empty_axes", node.attr_int("noop_with_empty_axes")}};
}

bool is_integer(uint32_t dtype) { return dtype >= HY_DTYPE_I8 && dtype <= HY_DTYPE_U64; }

}  // namespace

Status decompose_reduce_l2(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  const uint32_t dtype = graph.values[node.inputs[0]].type.dtype;
  // Integers have no square root.
  Parts p = is_integer(dtype) ? Parts(graph, node, parts, HY_DTYPE_F64) : Parts(graph, node, parts);
  const ValueId squares = p.add("Mul", {p.input(0), p.input(0)});
  p.finish("Sqrt", {p.add("ReduceSum", {squares, p.raw(1)}, reduction_attributes(node))});
  return {};
}

Status decompose_reduce_l1(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  Parts p(graph, node, parts);
  p.finish("ReduceSum", {p.add("Abs", {p.input(0)}), p.raw(1)}, reduction_attributes(node));
  return {};
}

Status decompose_reduce_log_sum(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  const uint32_t dtype = graph.values[node.inputs[0]].type.dtype;
  // Integers have no logarithm.
  Parts p = is_integer(dtype) ? Parts(graph, node, parts, HY_DTYPE_F64) : Parts(graph, node, parts);
  p.finish("Log", {p.add("ReduceSum", {p.input(0), p.raw(1)}, reduction_attributes(node))});
  return {};
}

Status decompose_reduce_sum_square(Graph& graph, const NodeData& node,
                                   std::vector<NodeData>& parts) {
  Parts p(graph, node, parts);
  const ValueId squares = p.add("Mul", {p.input(0), p.input(0)});
  p.finish("ReduceSum", {squares, p.raw(1)}, reduction_attributes(node));
  return {};
}

namespace {

std::vector<int64_t> spatial_axes(size_t rank) {
  std::vector<int64_t> out(rank - 2);
  std::iota(out.begin(), out.end(), 2);
  return out;
}

}  // namespace

Status decompose_global_average_pool(Graph& graph, const NodeData& node,
                                     std::vector<NodeData>& parts) {
  HY_ASSIGN_OR_RETURN(const size_t rank, known_rank(graph, node, 3));
  Parts p(graph, node, parts);
  p.finish("ReduceMean", {p.input(0), p.list(spatial_axes(rank))});
  return {};
}

// A maximum is exact in every type.
Status decompose_global_max_pool(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  HY_ASSIGN_OR_RETURN(const size_t rank, known_rank(graph, node, 3));
  Parts p(graph, node, parts, graph.values[node.inputs[0]].type.dtype);
  p.finish("ReduceMax", {p.raw(0), p.list(spatial_axes(rank))});
  return {};
}

}  // namespace halyard::core
