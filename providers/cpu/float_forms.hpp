// Operands and results of kernels that have two forms: f32, which also serves the 16-bit floats, and f64.
#pragma once

#include <type_traits>

#include "providers/cpu/float_io.hpp"

namespace halyard::cpu {

/// The elements of a float tensor as T, float (f32, f16, bf16) or double (f64).
template <class T>
Result<const T*> read_floats(Context& context, const Tensor& tensor) {
  if constexpr (std::is_same_v<T, float>)
    return read_f32(context, tensor);
  else
    return tensor.as<const T>();
}
/// The same of operand i; null where it is absent.
template <class T>
Result<const T*> read_floats(Context& context, uint32_t i) {
  const Tensor* tensor = context.input(i);
  if (tensor == nullptr) return static_cast<const T*>(nullptr);
  return read_floats<T>(context, *tensor);
}

/// Scratch for `count` elements.
template <class T>
Result<T*> scratch_of(Context& context, int64_t count) {
  HY_ASSIGN_OR_RETURN(void* memory, context.scratch(static_cast<size_t>(count) * sizeof(T)));
  return static_cast<T*>(memory);
}

/// An output of a float type that is computed as T. Call finish() when all is written.
template <class T>
class FloatOutput;

template <>
class FloatOutput<float> {
 public:
  static Result<FloatOutput> make(Context& context, uint32_t i, uint32_t dtype,
                                  std::span<const int64_t> dims) {
    HY_ASSIGN_OR_RETURN(F32Output output, F32Output::make(context, i, dtype, dims));
    return FloatOutput(std::move(output));
  }
  float* data() const { return output_.data(); }
  void finish(Context& context) const { output_.finish(context); }

 private:
  explicit FloatOutput(F32Output output) : output_(std::move(output)) {}
  F32Output output_;
};

template <>
class FloatOutput<double> {
 public:
  static Result<FloatOutput> make(Context& context, uint32_t i, uint32_t dtype,
                                  std::span<const int64_t> dims) {
    HY_ASSIGN_OR_RETURN(const Tensor tensor, context.output(i, dtype, dims));
    return FloatOutput(tensor.as<double>());
  }
  double* data() const { return data_; }
  void finish(Context&) const {}

 private:
  explicit FloatOutput(double* data) : data_(data) {}
  double* data_;
};

/// f(T{}) with the form that computes a float type: float, or double for f64.
template <class F>
Status visit_form(uint32_t dtype, F&& f) {
  return dtype == HY_DTYPE_F64 ? f(double{}) : f(float{});
}

}  // namespace halyard::cpu
