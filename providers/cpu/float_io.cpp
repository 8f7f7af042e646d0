#include "providers/cpu/float_io.hpp"

#include "providers/cpu/half.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrain = 1 << 16;

void widen_all(int threads, const Tensor& tensor, float* to) {
  parallel_for(threads, tensor.count(), kGrain, [&](int64_t begin, int64_t end) {
    if (tensor.dtype == HY_DTYPE_F16)
      widen(tensor.as<const F16>() + begin, to + begin, end - begin);
    if (tensor.dtype == HY_DTYPE_BF16)
      widen(tensor.as<const BF16>() + begin, to + begin, end - begin);
  });
}

}  // namespace

Result<const float*> read_f32(Context& context, const Tensor& tensor) {
  if (tensor.dtype == HY_DTYPE_F32 && tensor.block == 0) return tensor.as<const float>();
  const auto bytes = static_cast<size_t>(tensor.count()) * sizeof(float);
  HY_ASSIGN_OR_RETURN(void* memory, context.scratch(bytes));
  if (tensor.block != 0)
    unblock(context.threads(), tensor, static_cast<float*>(memory));
  else
    widen_all(context.threads(), tensor, static_cast<float*>(memory));
  return static_cast<const float*>(memory);
}

const float* read_f32(const Tensor& tensor, std::vector<float>* owned) {
  if (tensor.dtype == HY_DTYPE_F32) return tensor.as<const float>();
  owned->resize(static_cast<size_t>(tensor.count()));
  widen_all(1, tensor, owned->data());
  return owned->data();
}

Result<F32Output> F32Output::make(Context& context, uint32_t i, uint32_t dtype,
                                  std::span<const int64_t> dims) {
  HY_ASSIGN_OR_RETURN(Tensor tensor, context.output(i, dtype, dims));
  if (dtype == HY_DTYPE_F32) return F32Output(tensor, tensor.as<float>());
  HY_ASSIGN_OR_RETURN(void* memory,
                      context.scratch(static_cast<size_t>(tensor.count()) * sizeof(float)));
  return F32Output(tensor, static_cast<float*>(memory));
}

void F32Output::finish(Context& context) const {
  if (tensor_.dtype == HY_DTYPE_F32) return;
  parallel_for(context.threads(), tensor_.count(), kGrain, [&](int64_t begin, int64_t end) {
    if (tensor_.dtype == HY_DTYPE_F16)
      narrow(data_ + begin, tensor_.as<F16>() + begin, end - begin);
    if (tensor_.dtype == HY_DTYPE_BF16)
      narrow(data_ + begin, tensor_.as<BF16>() + begin, end - begin);
  });
}

}  // namespace halyard::cpu
