// Old forms of elementwise operators.
#include <cmath>
#include <limits>

#include "element_type.hpp"
#include "normalise/table.hpp"
#include "text.hpp"

namespace halyard::onnx {
namespace {

/// A bound of old Clip as an operand; none for a bound that no number passes.
uint32_t bound(Rewriter& node, uint32_t dtype, double value) {
  if (std::fabs(value) >= std::numeric_limits<float>::max()) return HY_NONE;
  return node.scalar(dtype, value);
}

/// The operand with ones appended to its dims, so that its first dim meets `axis` of a tensor of `rank`.
Result<uint32_t> aligned(Rewriter& node, uint32_t operand, int64_t rank, int64_t axis) {
  const int64_t own = node.facts(operand).rank;
  if (rank < 0 || own < 0)
    return unsupported(
        "its axis attribute of before opset 7 cannot be read, as the ranks are not known;"
        " convert the model to opset 7 or newer");
  if (axis < 0) axis += rank;
  if (axis < 0 || axis + own > rank)
    return invalid_model("axis " + std::to_string(axis) + " with a rank of " + std::to_string(own) +
                         " passes the rank " + std::to_string(rank) + " of the first input");
  std::vector<int64_t> ones;
  for (int64_t i = own; i < rank - axis; ++i) ones.push_back(i);
  if (ones.empty()) return operand;
  return node.emit("Unsqueeze", {operand, node.ints(ones)});
}

}  // namespace

Status cast(Rewriter& node) {
  const std::optional<AttributeValue> to = node.take_any("to");
  if (!to) return invalid_model("attribute \"to\" is missing; " + node.op() + " needs it");
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  std::string shown = "of another kind than int";
  if (const auto* number = std::get_if<int64_t>(&*to)) {
    dtype = dtype_of(*number);
    shown = std::to_string(*number);
  } else if (const auto* name = std::get_if<std::string>(&*to)) {
    dtype = dtype_of(*name);
    shown = quote(*name);
  }
  if (dtype == HY_DTYPE_UNDEFINED)
    return invalid_model("attribute \"to\" is " + shown + ", which is no known element type");
  HY_ASSIGN_OR_RETURN(const std::string rounding, node.take_string("round_mode", "up"));
  if (rounding != "up" && dtype == HY_DTYPE_F8E8M0)
    return unsupported("round_mode " + quote(rounding) + " is not known; only \"up\" is");
  Attributes attributes = node.rest();
  attributes.emplace_back("to", static_cast<int64_t>(dtype));
  return node.finish(node.op(), {node.input(0)}, std::move(attributes));
}

Status cast_like(Rewriter& node) {
  const uint32_t dtype = node.facts(node.input(1)).dtype;
  if (dtype == HY_DTYPE_UNDEFINED) return node.finish();
  node.drop("round_mode");
  Attributes attributes = node.rest();
  attributes.emplace_back("to", static_cast<int64_t>(dtype));
  return node.finish("Cast", {node.input(0)}, std::move(attributes));
}

Status clip_attributes(Rewriter& node) {
  const double most = std::numeric_limits<double>::infinity();
  HY_ASSIGN_OR_RETURN(const double min, node.take_float("min", -most));
  HY_ASSIGN_OR_RETURN(const double max, node.take_float("max", most));
  const uint32_t x = node.input(0), dtype = node.facts(x).dtype;
  const uint32_t low = bound(node, dtype, min), high = bound(node, dtype, max);
  return node.finish({x, low, high});
}

Status old_broadcast(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const int64_t broadcast, node.take_int("broadcast", 0));
  const bool has_axis = node.has("axis");
  HY_ASSIGN_OR_RETURN(const int64_t axis, node.take_int("axis", 0));
  uint32_t b = node.input(1);
  if (broadcast != 0 && has_axis) {
    HY_ASSIGN_OR_RETURN(b, aligned(node, b, node.facts(node.input(0)).rank, axis));
  }
  return node.finish({node.input(0), b});
}

/// Before opset 7 a slope with one dim belonged to the channels, axis 1.
Status old_prelu(Rewriter& node) {
  uint32_t slope = node.input(1);
  const TensorData* known = node.known(slope);
  const bool one = known != nullptr && known->dims == std::vector<int64_t>{1};
  if (node.facts(slope).rank == 1 && !one) {
    HY_ASSIGN_OR_RETURN(slope, aligned(node, slope, node.facts(node.input(0)).rank, 1));
  }
  return node.finish({node.input(0), slope});
}

Status sum(Rewriter& node) {
  if (node.input_count() == 0) return invalid_model("it has no inputs; Sum needs one");
  if (node.input_count() == 1) return node.finish("Identity", {node.input(0)}, {});
  uint32_t total = node.input(0);
  for (size_t i = 1; i + 1 < node.input_count(); ++i) {
    HY_ASSIGN_OR_RETURN(total, node.emit("Add", {total, node.input(i)}));
  }
  return node.finish("Add", {total, node.inputs().back()}, {});
}

Status mean(Rewriter& node) {
  if (node.input_count() == 0) return invalid_model("it has no inputs; Mean needs one");
  uint32_t total = node.input(0);
  for (size_t i = 1; i < node.input_count(); ++i) {
    HY_ASSIGN_OR_RETURN(total, node.emit("Add", {total, node.input(i)}));
  }
  const auto count = static_cast<double>(node.input_count());
  return node.finish("Div", {total, node.scalar(node.facts(node.input(0)).dtype, count)}, {});
}

}  // namespace halyard::onnx
