// Activations in terms of arithmetic, in forms that neither overflow nor branch.
#include <fmt/format.h>

#include "core/opset/decompose.hpp"
#include "core/opset/parts.hpp"
#include "halyard/opset.hpp"

namespace halyard::core {

// x/2 * (1 + erf(x / sqrt 2)), or Hendrycks and Gimpel's (arXiv:1606.08415)
// x/2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))).
Status decompose_gelu(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  constexpr double kSqrtHalf = 0.70710678118654752440, kSqrtTwoOverPi = 0.79788456080286535588;
  const std::string approximate = node.attr_string("approximate", "none");
  if (approximate != "none" && approximate != "tanh")
    return unsupported(
        fmt::format("{}: attribute \"approximate\" is \"{}\"; none and tanh are known",
                    node.label(), approximate));
  Parts p(graph, node, parts);
  const ValueId x = p.input(0);
  ValueId bell;
  if (approximate == "tanh") {
    const ValueId cube = p.add("Mul", {p.add("Mul", {x, x}), x});
    const ValueId bent = p.add("Add", {x, p.add("Mul", {cube, p.scalar(0.044715)})});
    bell = p.add("Tanh", {p.add("Mul", {bent, p.scalar(kSqrtTwoOverPi)})});
  } else {
    bell = p.add("Erf", {p.add("Mul", {x, p.scalar(kSqrtHalf)})});
  }
  const ValueId half = p.add("Mul", {x, p.scalar(0.5)});
  p.finish("Mul", {half, p.add("Add", {bell, p.scalar(1)})});
  return {};
}

namespace {

/// alpha * x + beta, held in 0..1.
std::vector<ValueId> hard_sigmoid(Parts& p, double alpha, double beta) {
  const ValueId line = p.add("Add", {p.add("Mul", {p.input(0), p.scalar(alpha)}), p.scalar(beta)});
  return {line, p.scalar(0), p.scalar(1)};
}

}  // namespace

Status decompose_hard_sigmoid(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  Parts p(graph, node, parts);
  p.finish("Clip", hard_sigmoid(p, node.attr_float("alpha", 0.2), node.attr_float("beta", 0.5)));
  return {};
}

Status decompose_hard_swish(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  Parts p(graph, node, parts);
  const ValueId gate = p.add("Clip", hard_sigmoid(p, 1.0 / 6.0, 0.5));
  p.finish("Mul", {p.input(0), gate});
  return {};
}

// log(1 + exp(x)) == max(x, 0) + log(1 + exp(-|x|))
Status decompose_softplus(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  Parts p(graph, node, parts);
  const ValueId x = p.input(0);
  const ValueId decay = p.add("Exp", {p.add("Neg", {p.add("Abs", {x})})});
  const ValueId soft = p.add("Log", {p.add("Add", {decay, p.scalar(1)})});
  p.finish("Add", {p.add("Relu", {x}), soft});
  return {};
}

// x / (1 + |x|)
Status decompose_softsign(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  Parts p(graph, node, parts);
  const ValueId x = p.input(0);
  p.finish("Div", {x, p.add("Add", {p.add("Abs", {x}), p.scalar(1)})});
  return {};
}

// x tanh(log(1 + e^x))
Status decompose_mish(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  Parts p(graph, node, parts);
  const ValueId x = p.input(0);
  p.finish("Mul", {x, p.add("Tanh", {p.add("Softplus", {x})})});
  return {};
}

// x sigmoid(alpha x)
Status decompose_swish(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  Parts p(graph, node, parts);
  const ValueId x = p.input(0);
  const ValueId scaled = p.add("Mul", {x, p.scalar(node.attr_float("alpha", 1))});
  p.finish("Mul", {x, p.add("Sigmoid", {scaled})});
  return {};
}

namespace {

/// scale * (exp(min(x / by, 0)) - 1)
ValueId exponential_branch(Parts& p, double by, double scale) {
  const ValueId q = p.add("Min", {p.add("Div", {p.input(0), p.scalar(by)}), p.scalar(0)});
  return p.add("Mul", {p.add("Sub", {p.add("Exp", {q}), p.scalar(1)}), p.scalar(scale)});
}

}  // namespace

// max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)
Status decompose_celu(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  const double alpha = node.attr_float("alpha", 1);
  if (!(alpha > 0))
    return unsupported(fmt::format("{}: attribute \"alpha\" is {}; its parts need one above 0",
                                   node.label(), alpha));
  Parts p(graph, node, parts);
  p.finish("Add", {p.add("Relu", {p.input(0)}), exponential_branch(p, alpha, alpha)});
  return {};
}

// gamma * (max(x, 0) + alpha * (exp(min(x, 0)) - 1))
Status decompose_selu(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  Parts p(graph, node, parts);
  const double alpha = node.attr_float("alpha", 1.67326319217681884765625);
  const ValueId sum = p.add("Add", {p.add("Relu", {p.input(0)}), exponential_branch(p, 1, alpha)});
  p.finish("Mul", {sum, p.scalar(node.attr_float("gamma", 1.05070102214813232421875))});
  return {};
}

// max(x, 0) + alpha * (exp(min(x, 0)) - 1)
Status decompose_elu(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  Parts p(graph, node, parts);
  const ValueId x = p.input(0);
  const ValueId below = p.add("Exp", {p.add("Min", {x, p.scalar(0)})});
  const ValueId curve = p.add("Sub", {below, p.scalar(1)});
  const ValueId scaled = p.add("Mul", {curve, p.scalar(node.attr_float("alpha", 1))});
  p.finish("Add", {p.add("Relu", {x}), scaled});
  return {};
}

Status decompose_leaky_relu(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  Parts p(graph, node, parts);
  const ValueId x = p.input(0);
  const ValueId below = p.add("Min", {x, p.scalar(0)});
  const ValueId scaled = p.add("Mul", {below, p.scalar(node.attr_float("alpha", 0.01))});
  p.finish("Add", {p.add("Relu", {x}), scaled});
  return {};
}

// max(x, 0) + slope * min(x, 0). Relu does not take the unsigned types.
Status decompose_prelu(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  Parts p(graph, node, parts);
  const ValueId x = p.input(0), zero = p.scalar(0);
  const ValueId below = p.add("Mul", {p.add("Min", {x, zero}), p.input(1)});
  p.finish("Add", {p.add("Max", {x, zero}), below});
  return {};
}

// Where min is above max, max wins. Exact in every type.
Status decompose_clip(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  Parts p(graph, node, parts, graph.values[node.inputs[0]].type.dtype);
  const ValueId x = p.raw(0);
  if (p.has(1) && p.has(2))
    p.finish("Min", {p.add("Max", {x, p.raw(1)}), p.raw(2)});
  else if (p.has(1))
    p.finish("Max", {x, p.raw(1)});
  else if (p.has(2))
    p.finish("Min", {x, p.raw(2)});
  else
    p.finish("Identity", {x});
  return {};
}

}  // namespace halyard::core
