#include <numeric>

#include "core/opset/decompose.hpp"
#include "core/opset/parts.hpp"
#include "halyard/opset.hpp"

namespace halyard::core {
namespace {

std::vector<int64_t> count_from(int64_t first, size_t count) {
  std::vector<int64_t> out(count);
  std::iota(out.begin(), out.end(), first);
  return out;
}

/// A list of channels as [C, 1, ...], to broadcast over [N, C, ...].
ValueId by_channel(Parts& p, ValueId list, size_t rank) {
  return rank == 2 ? list : p.add("Unsqueeze", {list, p.list(count_from(1, rank - 2))});
}

ValueId deviation(Parts& p, ValueId variance, const NodeData& node) {
  const ValueId epsilon = p.scalar(node.attr_float("epsilon", 1e-5));
  return p.add("Sqrt", {p.add("Add", {variance, epsilon})});
}

}  // namespace

// (x - mean) / sqrt(var + epsilon) * scale + B
Status decompose_batch_normalization(Graph& graph, const NodeData& node,
                                     std::vector<NodeData>& parts) {
  HY_ASSIGN_OR_RETURN(const size_t rank, known_rank(graph, node, 2));
  Parts p(graph, node, parts);
  const ValueId x = p.input(0), mean = p.input(3);
  const ValueId factor = p.add("Div", {p.input(1), deviation(p, p.input(4), node)});
  const ValueId centred = p.add("Sub", {x, by_channel(p, mean, rank)});
  const ValueId scaled = p.add("Mul", {centred, by_channel(p, factor, rank)});
  p.finish("Add", {scaled, by_channel(p, p.input(2), rank)});
  return {};
}

Status decompose_instance_normalization(Graph& graph, const NodeData& node,
                                        std::vector<NodeData>& parts) {
  HY_ASSIGN_OR_RETURN(const size_t rank, known_rank(graph, node, 3));
  Parts p(graph, node, parts);
  const ValueId x = p.input(0), axes = p.list(count_from(2, rank - 2));
  const ValueId centred = p.add("Sub", {x, p.add("ReduceMean", {x, axes})});
  const ValueId variance = p.add("ReduceMean", {p.add("Mul", {centred, centred}), axes});
  const ValueId normal = p.add("Div", {centred, deviation(p, variance, node)});
  const ValueId scaled = p.add("Mul", {normal, by_channel(p, p.input(1), rank)});
  p.finish("Add", {scaled, by_channel(p, p.input(2), rank)});
  return {};
}

Status decompose_layer_normalization(Graph& graph, const NodeData& node,
                                     std::vector<NodeData>& parts) {
  HY_ASSIGN_OR_RETURN(const size_t rank, known_rank(graph, node, 1));
  const auto r = static_cast<int64_t>(rank);
  const int64_t axis = node.attr_int("axis", -1);
  const int64_t first = axis < 0 ? axis + r : axis;
  if (first < 0 || first >= r)
    return unsupported(node.label() + ": its axis lies outside the rank of operand 0");
  Parts p(graph, node, parts);
  const ValueId x = p.input(0), axes = p.list(count_from(first, rank - static_cast<size_t>(first)));
  const ValueId mean = p.finish("ReduceMean", {x, axes}, {}, 1);
  const ValueId centred = p.add("Sub", {x, mean});
  const ValueId variance = p.add("ReduceMean", {p.add("Mul", {centred, centred}), axes});
  const ValueId inverse = p.finish("Reciprocal", {deviation(p, variance, node)}, {}, 2);
  const ValueId normal = p.add("Mul", {centred, inverse});
  if (p.has(2))
    p.finish("Add", {p.add("Mul", {normal, p.input(1)}), p.input(2)});
  else
    p.finish("Mul", {normal, p.input(1)});
  return {};
}

}  // namespace halyard::core
