#include "providers/cpu/activation.hpp"

#include <vector>

#include "providers/cpu/float_io.hpp"

namespace halyard::cpu {

namespace {

/// Bound i of a Clip: false where it is there and not known.
Result<bool> read_bound(const Node& node, uint32_t i, CompileContext& context, float* bound) {
  if (i >= node.input_count() || !node.has_input(i)) return true;
  HY_ASSIGN_OR_RETURN(const auto t, context.known(node, i));
  if (!t || t->count() != 1 || t->dtype == HY_DTYPE_F64) return false;
  std::vector<float> owned;
  *bound = read_f32(*t, &owned)[0];
  return true;
}

}  // namespace

Result<Activation> Activation::from(const Node& node, CompileContext& context) {
  Activation a;
  if (node.op() == "Relu" || node.op() == "LeakyRelu") {
    a.kind = kLeaky;
    a.alpha = node.op() == "Relu" ? 0 : static_cast<float>(node.attr_float("alpha", 0.01));
  }
  if (node.op() == "Clip") {
    HY_ASSIGN_OR_RETURN(const bool low, read_bound(node, 1, context, &a.low));
    HY_ASSIGN_OR_RETURN(const bool high, read_bound(node, 2, context, &a.high));
    if (low && high && a.low <= a.high) a.kind = kClip;
  }
  return a;
}

}  // namespace halyard::cpu
