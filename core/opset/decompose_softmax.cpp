#include "core/opset/decompose.hpp"
#include "core/opset/parts.hpp"

namespace halyard::core {
namespace {

// The greatest element is taken off first, so that exp does not overflow.
struct Shifted {
  ValueId axes, x, exp, sum;
};

Shifted shifted(Parts& p, const NodeData& node) {
  Shifted s{};
  s.axes = p.list({node.attr_int("axis", -1)});
  s.x = p.add("Sub", {p.input(0), p.add("ReduceMax", {p.input(0), s.axes})});
  s.exp = p.add("Exp", {s.x});
  s.sum = p.add("ReduceSum", {s.exp, s.axes});
  return s;
}

}  // namespace

Status decompose_softmax(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  HY_RETURN_IF_ERROR(known_rank(graph, node, 1).status());
  Parts p(graph, node, parts);
  const Shifted s = shifted(p, node);
  p.finish("Div", {s.exp, s.sum});
  return {};
}

Status decompose_log_softmax(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  HY_RETURN_IF_ERROR(known_rank(graph, node, 1).status());
  Parts p(graph, node, parts);
  const Shifted s = shifted(p, node);
  p.finish("Sub", {s.x, p.add("Log", {s.sum})});
  return {};
}

}  // namespace halyard::core
