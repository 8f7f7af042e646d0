// What Conv and ConvTranspose share: their operands and the checks of them.
#pragma once

#include <memory>
#include <vector>

#include "providers/cpu/kernel.hpp"
#include "providers/cpu/window.hpp"

namespace halyard::cpu {

/// Weights and bias of one run as f32; bias may be null.
struct ConvFloats {
  const float *weights, *bias;
};

/// Weights and bias that are known when the kernel is made, as f32.
struct ConvConstants {
  const float *weights = nullptr, *bias = nullptr;  // null: not constant
  int64_t weights_count = 0, channels = 0;          // of the weights, and their dim 0
  bool variable_bias = false;                       // there is one, and it is not constant
  std::vector<float> owned_weights, owned_bias;     // where the memory is not the host's

  static Result<ConvConstants> find(const Node& node, CompileContext& context);
  /// Makes the BatchNormalization that follows a Conv part of weights and bias, where all are constant.
  Result<bool> scale_by(const Node& normalization, CompileContext& context);
  /// The constants, or this run's operands 1 and 2.
  Result<ConvFloats> floats(Context& context) const;
};

/// Where in the input's plane the tap k of the output position `at` reads; negative: in the padding.
inline int64_t input_offset(const Window& w, const Dims& at, const Dims& k) {
  int64_t offset = 0;
  for (size_t i = 0; i < at.size(); ++i) {
    const int64_t p = at[i] * w.strides[i] + k[i] * w.dilations[i] - w.pads_begin[i];
    if (p < 0 || p >= w.input[i]) return -1;
    offset = offset * w.input[i] + p;
  }
  return offset;
}

Status check_bias(const Tensor* bias, int64_t channels);
Verdict check_convolution(const Node& node);

}  // namespace halyard::cpu
