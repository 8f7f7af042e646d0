// f32 pooling by oneDNN.
#pragma once

#include "providers/cpu/dnnl/engine.hpp"
#include "providers/cpu/window.hpp"

namespace halyard::cpu::dnn {

/// A node's primitives, one for each shape. Any thread.
class Pooling {
 public:
  enum Kind { kMax, kAverage, kAverageWithPadding };
  explicit Pooling(Kind kind) : kind_(kind) {}

  /// Input 0 of the context, f32, to its output 0. Fails with UNSUPPORTED, before it has made the
  /// output, where oneDNN has no such pool.
  Status run(Context& context, const Window& window) const;

 private:
  struct Prepared;
  Result<std::shared_ptr<const Prepared>> prepare(const Tensor& x, const Dims& y,
                                                  const Window& w) const;

  const Kind kind_;
  ShapeCache<Prepared> cache_;
};

}  // namespace halyard::cpu::dnn
