// f16 and bf16 operands for kernels that compute in f32.
#pragma once

#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

/// The elements of an f32, f16 or bf16 tensor as f32 in C order: its own memory, or scratch.
Result<const float*> read_f32(Context& context, const Tensor& tensor);
/// The same of a constant, into memory of the caller's (empty where the tensor is f32 already).
const float* read_f32(const Tensor& tensor, std::vector<float>* owned);

/// An f32, f16 or bf16 output that is computed as f32. Call finish() when all is written.
class F32Output {
 public:
  static Result<F32Output> make(Context& context, uint32_t i, uint32_t dtype,
                                std::span<const int64_t> dims);
  float* data() const { return data_; }
  int64_t count() const { return tensor_.count(); }
  void finish(Context& context) const;

 private:
  F32Output(Tensor tensor, float* data) : tensor_(std::move(tensor)), data_(data) {}
  Tensor tensor_;
  float* data_;
};

}  // namespace halyard::cpu
