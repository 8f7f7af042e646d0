#include "providers/cpu/ops/conv_operands.hpp"

#include <cmath>

#include "providers/cpu/float_io.hpp"

namespace halyard::cpu {

Result<ConvConstants> ConvConstants::find(const Node& node, CompileContext& context) {
  ConvConstants out;
  HY_ASSIGN_OR_RETURN(const auto weights, context.known(node, 1));
  HY_ASSIGN_OR_RETURN(const auto bias, context.known(node, 2));
  if (weights && weights->dtype != HY_DTYPE_F64)
    out.weights = read_f32(*weights, &out.owned_weights);
  if (out.weights != nullptr && weights->rank() > 0) {
    out.weights_count = weights->count();
    out.channels = weights->dim(0);
  }
  out.variable_bias = node.input_count() > 2 && node.has_input(2) && !bias;
  if (bias && bias->dtype != HY_DTYPE_F64) out.bias = read_f32(*bias, &out.owned_bias);
  return out;
}

Result<bool> ConvConstants::scale_by(const Node& normalization, CompileContext& context) {
  if (weights == nullptr || variable_bias || channels == 0) return false;
  std::vector<float> parameters[4];  // scale, B, mean, var
  for (uint32_t i = 0; i < 4; ++i) {
    HY_ASSIGN_OR_RETURN(const auto t, context.known(normalization, i + 1));
    if (!t || t->dtype == HY_DTYPE_F64 || t->rank() != 1 || t->dim(0) != channels) return false;
    const float* values = read_f32(*t, &parameters[i]);
    parameters[i].assign(values, values + channels);
  }
  const double epsilon = normalization.attr_float("epsilon", 1e-5);
  std::vector<float> scaled(weights, weights + weights_count), moved(static_cast<size_t>(channels));
  for (int64_t c = 0; c < channels; ++c) {
    const auto at = static_cast<size_t>(c);
    const double factor =
        parameters[0][at] / std::sqrt(static_cast<double>(parameters[3][at]) + epsilon);
    const double before = bias != nullptr ? static_cast<double>(bias[c]) : 0;
    moved[at] = static_cast<float>((before - parameters[2][at]) * factor + parameters[1][at]);
    const int64_t row = weights_count / channels;
    for (int64_t i = c * row; i < (c + 1) * row; ++i)
      scaled[static_cast<size_t>(i)] = static_cast<float>(scaled[static_cast<size_t>(i)] * factor);
  }
  owned_weights = std::move(scaled);
  owned_bias = std::move(moved);
  weights = owned_weights.data();
  bias = owned_bias.data();
  return true;
}

Result<ConvFloats> ConvConstants::floats(Context& context) const {
  ConvFloats out{weights, bias};
  if (out.weights == nullptr) {
    HY_ASSIGN_OR_RETURN(out.weights, read_f32(context, *context.input(1)));
  }
  if (out.bias == nullptr && context.input(2) != nullptr) {
    HY_ASSIGN_OR_RETURN(out.bias, read_f32(context, *context.input(2)));
  }
  return out;
}

Status check_bias(const Tensor* bias, int64_t channels) {
  if (bias == nullptr || (bias->rank() == 1 && bias->dim(0) == channels)) return {};
  return mismatch("the bias is " + dims_text(bias->dims) + " and there are " +
                  std::to_string(channels) + " output channels");
}

Verdict check_convolution(const Node& node) {
  const int64_t group = node.attr_int("group", 1);
  if (group < 1)
    return reject(Reason::attribute).got("group=" + std::to_string(group)).limit("at least 1");
  return check_window(node);
}

}  // namespace halyard::cpu
