#include "core/runtime/tensor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "halyard/opset.hpp"

using halyard::Result;
using halyard::Status;

uint64_t hy_tensor::count() const {
  uint64_t n = 1;
  for (int64_t d : dims) n *= static_cast<uint64_t>(d);
  return n;
}

Result<std::unique_ptr<hy_tensor>> hy_tensor::create(uint32_t dtype, std::span<const int64_t> dims,
                                                     uint64_t string_bytes) {
  uint64_t bytes = string_bytes;
  if (dtype != HY_DTYPE_STRING) {
    HY_ASSIGN_OR_RETURN(bytes, halyard::core::tensor_bytes(dtype, dims));
  }
  auto t = std::make_unique<hy_tensor>();
  t->dtype = dtype;
  t->dims.assign(dims.begin(), dims.end());
  t->bytes = bytes;
  constexpr uint64_t kAlign = halyard::core::kTensorAlignment;
  // The system promises more than it has; a tensor that it cannot hold must fail here, not when it is used.
  if (const uint64_t limit = halyard::core::physical_memory(); bytes > limit)
    return Status(
        HY_ERROR_OUT_OF_MEMORY,
        fmt::format("a tensor {} {} has {} bytes; this machine has {}", halyard::dtype_name(dtype),
                    halyard::core::dims_text(dims), bytes, limit));
  const uint64_t rounded = (bytes / kAlign + 1) * kAlign;
  t->owner.reset(std::aligned_alloc(kAlign, rounded), std::free);
  if (t->owner == nullptr)
    return Status(HY_ERROR_OUT_OF_MEMORY,
                  fmt::format("a tensor {} {} of {} bytes cannot be allocated",
                              halyard::dtype_name(dtype), halyard::core::dims_text(dims), bytes));
  t->data = t->owner.get();
  std::memset(t->data, 0, bytes);
  return t;
}

Result<std::unique_ptr<hy_tensor>> hy_tensor::borrow(uint32_t dtype, std::span<const int64_t> dims,
                                                     void* data, uint64_t bytes) {
  HY_ASSIGN_OR_RETURN(const uint64_t needed, halyard::core::tensor_bytes(dtype, dims));
  if (bytes < needed || (data == nullptr && needed != 0))
    return halyard::invalid_argument(
        fmt::format("{} {} needs {} bytes; {} were given", halyard::dtype_name(dtype),
                    halyard::core::dims_text(dims), needed, data ? bytes : 0));
  auto t = std::make_unique<hy_tensor>();
  t->dtype = dtype;
  t->dims.assign(dims.begin(), dims.end());
  t->data = data;
  t->bytes = needed;
  return t;
}

namespace halyard::core {

uint64_t physical_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(size)
                               : UINT64_MAX / 2;
}

Result<uint64_t> tensor_bytes(uint32_t dtype, std::span<const int64_t> dims) {
  const uint64_t bits = dtype_bits(dtype);
  if (bits == 0)
    return invalid_argument(fmt::format("type {} has no element size", dtype_name(dtype)));
  uint64_t total = bits;
  bool zero = false;
  for (int64_t d : dims) {
    if (d < 0)
      return invalid_argument(fmt::format("dims {} have a negative size", dims_text(dims)));
    zero = zero || d == 0;
    if (d != 0 && __builtin_mul_overflow(total, static_cast<uint64_t>(d), &total))
      return invalid_argument(
          fmt::format("dims {} have more elements than fit in memory", dims_text(dims)));
  }
  if (total > UINT64_MAX - 7)
    return invalid_argument(fmt::format("dims {} are too large", dims_text(dims)));
  return zero ? 0 : (total + 7) / 8;
}

std::string dims_text(std::span<const int64_t> dims) {
  return fmt::format("[{}]", fmt::join(dims, ","));
}

}  // namespace halyard::core
