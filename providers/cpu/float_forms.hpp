// Operands and results of kernels that have two forms: f32, which also serves the 16-bit floats, and f64.
#pragma once

#include <algorithm>
#include <type_traits>
#include <utility>

#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/float_io.hpp"

namespace halyard::cpu {

/// The elements of a float tensor as T, float or double. float does not take f64.
template <class T>
Result<const T*> read_floats(Context& context, const Tensor& tensor) {
  if constexpr (std::is_same_v<T, float>) {
    return read_f32(context, tensor);
  } else {
    if (tensor.dtype == HY_DTYPE_F64) return tensor.as<const double>();
    HY_ASSIGN_OR_RETURN(const float* narrow, read_f32(context, tensor));
    HY_ASSIGN_OR_RETURN(void* memory,
                        context.scratch(static_cast<size_t>(tensor.count()) * sizeof(double)));
    std::copy_n(narrow, tensor.count(), static_cast<double*>(memory));
    return static_cast<const double*>(memory);
  }
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
    if (dtype == HY_DTYPE_F64) return FloatOutput(tensor, tensor.as<double>());
    HY_ASSIGN_OR_RETURN(double* data, scratch_of<double>(context, tensor.count()));
    return FloatOutput(tensor, data);
  }
  double* data() const { return data_; }
  void finish(Context&) const {
    if (tensor_.dtype == HY_DTYPE_F64) return;
    (void)visit_float(tensor_.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      for (int64_t i = 0; i < tensor_.count(); ++i)
        tensor_.as<T>()[i] = static_cast<T>(static_cast<compute_t<T>>(data_[i]));
      return {};
    });
  }

 private:
  FloatOutput(Tensor tensor, double* data) : tensor_(std::move(tensor)), data_(data) {}
  Tensor tensor_;
  double* data_;
};

/// f(T{}) with the form that computes a float type: float, or double for f64.
template <class F>
Status visit_form(uint32_t dtype, F&& f) {
  return dtype == HY_DTYPE_F64 ? f(double{}) : f(float{});
}

}  // namespace halyard::cpu
