// Convolution, plain and transposed, by oneDNN.
#pragma once

#include "providers/cpu/activation.hpp"
#include "providers/cpu/dnnl/engine.hpp"
#include "providers/cpu/window.hpp"

namespace halyard::cpu::dnn {

/// One call's operands. x: f32, f16 or bf16, of [n, channels_in, window.input...], blocked or not;
/// weights in C order as ONNX has them, bias [channels_out] or null; y_dims: [n, channels_out, ...].
struct ConvolutionCall {
  const Window& window;
  const Tensor& x;
  const Dims& y_dims;
  const float *weights, *bias;
};

/// A node's primitives, one for each shape. Any thread.
class Convolution {
 public:
  /// constant_weights: they are the same memory in every call, and are packed once.
  Convolution(bool transposed, int64_t groups, bool constant_weights)
      : transposed_(transposed), groups_(groups), constant_weights_(constant_weights) {}

  /// Before the first run.
  void set_activation(const Activation& activation) { activation_ = activation; }

  /// Makes and fills the context's output 0. Fails with UNSUPPORTED, before it has made it, where oneDNN
  /// has no such convolution.
  Status run(Context& context, const ConvolutionCall& call) const;

 private:
  struct Prepared;
  Result<std::shared_ptr<const Prepared>> prepare(const ConvolutionCall& call) const;
  Result<dnnl::memory> weights_for(Context& context, const Prepared& p,
                                   const ConvolutionCall& call) const;

  const bool transposed_;
  const int64_t groups_;
  const bool constant_weights_;
  Activation activation_;
  ShapeCache<Prepared> cache_;
  PackedWeights packed_;
};

}  // namespace halyard::cpu::dnn
