// Normalisations by the mean square, the norm, or both moments of rows, groups and neighbours.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/opset/decompose.hpp"
#include "core/opset/parts.hpp"

namespace halyard::core {
namespace {

/// Axes counted from 0. Fails with UNSUPPORTED where one lies outside the rank.
Status count_from_0(const NodeData& node, size_t rank, std::vector<int64_t>& axes) {
  const auto r = static_cast<int64_t>(rank);
  for (int64_t& a : axes) {
    if (a < -r || a >= r)
      return unsupported(node.label() + ": its axis lies outside the rank of operand 0");
    if (a < 0) a += r;
  }
  return {};
}

ValueId mean_square(Parts& p, ValueId x, ValueId axes) {
  return p.add("ReduceMean", {p.add("Mul", {x, x}), axes});
}

/// A list of channels as [C, 1, ...], to broadcast over [N, C, ...].
ValueId by_channel(Parts& p, ValueId list, size_t rank) {
  if (rank == 2) return list;
  std::vector<int64_t> axes(rank - 2);
  std::iota(axes.begin(), axes.end(), 1);
  return p.add("Unsqueeze", {list, p.list(axes)});
}

}  // namespace

// x / sqrt(mean(x^2) + epsilon) * scale
Status decompose_rms_normalization(Graph& graph, const NodeData& node,
                                   std::vector<NodeData>& parts) {
  HY_ASSIGN_OR_RETURN(const size_t rank, known_rank(graph, node, 1));
  std::vector<int64_t> axes = {node.attr_int("axis", -1)};
  HY_RETURN_IF_ERROR(count_from_0(node, rank, axes));
  for (int64_t a = axes[0] + 1; a < static_cast<int64_t>(rank); ++a) axes.push_back(a);
  const bool wide = graph.values[node.inputs[0]].type.dtype == HY_DTYPE_F64 ||
                    graph.values[node.inputs[1]].type.dtype == HY_DTYPE_F64;
  Parts p(graph, node, parts, wide ? HY_DTYPE_F64 : HY_DTYPE_F32);
  const ValueId x = p.input(0), epsilon = p.scalar(node.attr_float("epsilon", 1e-5));
  const ValueId square = mean_square(p, x, p.list(axes));
  const ValueId norm = p.add("Sqrt", {p.add("Add", {square, epsilon})});
  p.finish("Mul", {p.add("Div", {x, norm}), p.input(1)});
  return {};
}

// Each group as one row, then scale and bias of each channel.
Status decompose_group_normalization(Graph& graph, const NodeData& node,
                                     std::vector<NodeData>& parts) {
  HY_ASSIGN_OR_RETURN(const size_t rank, known_rank(graph, node, 2));
  Parts p(graph, node, parts);
  const ValueId x = p.input(0), axis = p.list({2});
  const ValueId rows = p.add("Reshape", {x, p.list({0, node.attr_int("num_groups", 1), -1})});
  const ValueId centred = p.add("Sub", {rows, p.add("ReduceMean", {rows, axis})});
  const ValueId epsilon = p.scalar(node.attr_float("epsilon", 1e-5));
  const ValueId variance = p.add("Add", {mean_square(p, centred, axis), epsilon});
  const ValueId normal = p.add("Div", {centred, p.add("Sqrt", {variance})});
  const ValueId back = p.add("Reshape", {normal, p.add("Shape", {x})});
  const ValueId scaled = p.add("Mul", {back, by_channel(p, p.input(1), rank)});
  p.finish("Add", {scaled, by_channel(p, p.input(2), rank)});
  return {};
}

// (x - mean) / (sqrt(variance) + 1e-9)
Status decompose_mean_variance_normalization(Graph& graph, const NodeData& node,
                                             std::vector<NodeData>& parts) {
  HY_ASSIGN_OR_RETURN(const size_t rank, known_rank(graph, node, 0));
  std::vector<int64_t> axes = {0, 2, 3};
  if (node.attribute("axes") != nullptr) axes = node.attr_ints("axes");
  HY_RETURN_IF_ERROR(count_from_0(node, rank, axes));
  Parts p(graph, node, parts);
  if (axes.empty()) {  // a mean of one
    const ValueId x = p.input(0);
    p.finish("Sub", {x, x});
    return {};
  }
  const ValueId x = p.input(0), list = p.list(axes);
  const ValueId centred = p.add("Sub", {x, p.add("ReduceMean", {x, list})});
  const ValueId deviation = p.add("Sqrt", {mean_square(p, centred, list)});
  p.finish("Div", {centred, p.add("Add", {deviation, p.scalar(1e-9)})});
  return {};
}

// x / norm, where a norm of 0 counts as 1
Status decompose_lp_normalization(Graph& graph, const NodeData& node,
                                  std::vector<NodeData>& parts) {
  HY_ASSIGN_OR_RETURN(const size_t rank, known_rank(graph, node, 1));
  std::vector<int64_t> axes = {node.attr_int("axis", -1)};
  HY_RETURN_IF_ERROR(count_from_0(node, rank, axes));
  Parts p(graph, node, parts);
  const ValueId x = p.input(0), list = p.list(axes);
  const ValueId norm = node.attr_int("p", 2) == 1
                           ? p.add("ReduceSum", {p.add("Abs", {x}), list})
                           : p.add("Sqrt", {p.add("ReduceSum", {p.add("Mul", {x, x}), list})});
  const ValueId is_zero = p.add("Equal", {norm, p.scalar(0)});
  p.finish("Div", {x, p.add("Where", {is_zero, p.scalar(1), norm})});
  return {};
}

// x / (bias + alpha * mean of x^2 over the channels around)^beta: the mean is a pool over the channels
// as a spatial axis, whose padding counts.
Status decompose_lrn(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  HY_ASSIGN_OR_RETURN(const size_t rank, known_rank(graph, node, 2));
  constexpr size_t kMost = 4;  // what pools take, less one
  if (rank > kMost)
    return unsupported(fmt::format("{}: it decomposes for rank {} at most; operand 0 has rank {}",
                                   node.label(), kMost, rank));
  const int64_t size = node.attr_int("size", 1);
  std::vector<int64_t> kernel(rank - 1, 1), pads(2 * (rank - 1), 0);
  kernel[0] = size;
  pads[0] = (size - 1) / 2;
  pads[rank - 1] = size / 2;
  Parts p(graph, node, parts);
  const ValueId x = p.input(0), axis = p.list({1});
  const ValueId lifted = p.add("Unsqueeze", {p.add("Mul", {x, x}), axis});
  const ValueId pooled =
      p.add("AveragePool", {lifted},
            {{"kernel_shape", kernel}, {"pads", pads}, {"count_include_pad", int64_t{1}}});
  const ValueId mean = p.add("Squeeze", {pooled, axis});
  const ValueId scaled = p.add("Mul", {mean, p.scalar(node.attr_float("alpha", 1e-4))});
  const ValueId base = p.add("Add", {scaled, p.scalar(node.attr_float("bias", 1))});
  const ValueId power = p.add("Pow", {base, p.scalar(node.attr_float("beta", 0.75))});
  p.finish("Div", {x, power});
  return {};
}

}  // namespace halyard::core
