// Experimental operators of ONNX 1.0 to 1.4, which models of that time still hold.
#include <algorithm>
#include <string>

#include "normalise/table.hpp"

namespace halyard::onnx {

/// Cuts a border [left, top, right, bottom] off pictures [N, C, H, W]; where `scale` is given, what is left
/// has that height and width, counted from the left and top border.
Status crop(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const auto border, node.take_ints("border"));
  HY_ASSIGN_OR_RETURN(const auto scale, node.take_ints("scale"));
  if (!border || border->size() != 4)
    return invalid_model("attribute \"border\" has " + std::to_string(border ? border->size() : 0) +
                         " numbers; it has 4");
  if (scale && scale->size() != 2)
    return invalid_model("attribute \"scale\" has " + std::to_string(scale->size()) +
                         " numbers; it has 2, a height and a width");
  const auto& b = *border;
  const auto small = [](int64_t v) { return v >= 0 && v <= INT32_MAX; };
  if (!std::all_of(b.begin(), b.end(), small) ||
      (scale && !std::all_of(scale->begin(), scale->end(), small)))
    return invalid_model("attributes \"border\" and \"scale\" hold numbers outside 0 to " +
                         std::to_string(INT32_MAX));
  std::vector<int64_t> ends{-b[3], -b[2]};
  if (scale) ends = {b[1] + (*scale)[0], b[0] + (*scale)[1]};
  for (int64_t& end : ends)
    if (end == 0) end = INT64_MAX;
  return node.finish(
      "Slice", {node.input(0), node.ints({b[1], b[0]}), node.ints(ends), node.ints({2, 3})}, {});
}

namespace {

Result<uint32_t> scaled(Rewriter& node, uint32_t x, double by) {
  if (by == 1) return x;
  return node.emit("Mul", {x, node.scalar(node.facts(x).dtype, by)});
}

}  // namespace

/// scale * x + bias of each channel.
Status image_scaler(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const double scale, node.take_float("scale", 1));
  HY_ASSIGN_OR_RETURN(const auto bias, node.take_floats("bias"));
  HY_ASSIGN_OR_RETURN(uint32_t x, scaled(node, node.input(0), scale));
  if (!bias) return node.finish("Identity", {x}, {});
  HY_ASSIGN_OR_RETURN(const uint32_t column,
                      node.emit("Reshape", {node.floats(*bias), node.ints({-1, 1, 1})}));
  const uint32_t dtype = node.facts(x).dtype;
  if (dtype == HY_DTYPE_F32 || dtype == HY_DTYPE_UNDEFINED)
    return node.finish("Add", {x, column}, {});
  HY_ASSIGN_OR_RETURN(const uint32_t like, node.emit("Cast", {column}, {{"to", int64_t{dtype}}}));
  return node.finish("Add", {x, like}, {});
}

/// alpha * x + beta
Status affine(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const double alpha, node.take_float("alpha", 1));
  HY_ASSIGN_OR_RETURN(const double beta, node.take_float("beta", 0));
  HY_ASSIGN_OR_RETURN(const uint32_t x, scaled(node, node.input(0), alpha));
  return node.finish("Add", {x, node.scalar(node.facts(node.input(0)).dtype, beta)}, {});
}

/// alpha * f(beta * x), of ParametricSoftplus and ScaledTanh.
Status scaled_function(Rewriter& node) {
  const bool tanh = node.op() == "ScaledTanh";
  HY_ASSIGN_OR_RETURN(const double alpha, node.take_float("alpha", 1));
  HY_ASSIGN_OR_RETURN(const double beta, node.take_float("beta", 1));
  HY_ASSIGN_OR_RETURN(const uint32_t x, scaled(node, node.input(0), beta));
  HY_ASSIGN_OR_RETURN(const uint32_t y, node.emit(tanh ? "Tanh" : "Softplus", {x}));
  return node.finish("Mul", {y, node.scalar(node.facts(node.input(0)).dtype, alpha)}, {});
}

}  // namespace halyard::onnx
