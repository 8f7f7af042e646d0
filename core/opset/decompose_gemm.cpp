#include <fmt/format.h>

#include "core/opset/decompose.hpp"
#include "core/opset/parts.hpp"
#include "halyard/opset.hpp"

namespace halyard::core {
namespace {

ValueId turned(Parts& p, size_t operand, bool transpose) {
  const ValueId v = p.input(operand);
  return transpose ? p.add("Transpose", {v}, {{"perm", std::vector<int64_t>{1, 0}}}) : v;
}

}  // namespace

// alpha * A' * B' + beta * C
Status decompose_gemm(Graph& graph, const NodeData& node, std::vector<NodeData>& parts) {
  const double alpha = node.attr_float("alpha", 1), beta = node.attr_float("beta", 1);
  Parts p(graph, node, parts);
  const bool real = p.inner() == HY_DTYPE_F32 || p.inner() == HY_DTYPE_F64;
  const bool add = p.has(2) && beta != 0;
  if (!real && (alpha != 1 || (add && beta != 1)))
    return unsupported(
        fmt::format("{}: alpha {} and beta {} of {} operands; they decompose with 1 "
                    "alone",
                    node.label(), alpha, beta, dtype_name(p.inner())));
  const ValueId a = turned(p, 0, node.attr_int("transA") != 0);
  const ValueId b = turned(p, 1, node.attr_int("transB") != 0);
  if (alpha == 1 && !add) {
    p.finish("MatMul", {a, b});
    return {};
  }
  ValueId product = p.add("MatMul", {a, b});
  if (!add) {
    p.finish("Mul", {product, p.scalar(alpha)});
    return {};
  }
  if (alpha != 1) product = p.add("Mul", {product, p.scalar(alpha)});
  const ValueId c = beta == 1 ? p.input(2) : p.add("Mul", {p.input(2), p.scalar(beta)});
  p.finish("Add", {product, c});
  return {};
}

}  // namespace halyard::core
