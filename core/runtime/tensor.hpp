// The tensor of the application API.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "halyard/halyard.h"
#include "halyard/status.hpp"

/// A tensor: type, dims and memory, its own or the caller's. Or a sequence, an optional or a map: its
/// children. Copies share memory. Read by many threads or written by one.
struct hy_tensor {
  uint32_t dtype = HY_DTYPE_UNDEFINED;  // of a sequence, an optional, a map: the elements'
  std::vector<int64_t> dims;
  void* data = nullptr;
  uint64_t bytes = 0;
  uint32_t kind = HY_TYPE_TENSOR;
  std::shared_ptr<void> owner;                             // of data; null: the caller
  std::vector<std::shared_ptr<const hy_tensor>> children;  // of what is no tensor

  /// Zeroed memory of its own, aligned to kTensorAlignment. string_bytes: of a string tensor.
  static halyard::Result<std::unique_ptr<hy_tensor>> create(uint32_t dtype,
                                                            std::span<const int64_t> dims,
                                                            uint64_t string_bytes = 0);
  static halyard::Result<std::unique_ptr<hy_tensor>> borrow(uint32_t dtype,
                                                            std::span<const int64_t> dims,
                                                            void* data, uint64_t bytes);
  uint64_t count() const;
};

namespace halyard::core {

inline constexpr size_t kTensorAlignment = 64;

/// In bytes.
uint64_t physical_memory();
/// The size of a dense tensor's elements; fails on negative dims, on overflow and for strings.
Result<uint64_t> tensor_bytes(uint32_t dtype, std::span<const int64_t> dims);
/// "[1,3,224,224]"
std::string dims_text(std::span<const int64_t> dims);

}  // namespace halyard::core
