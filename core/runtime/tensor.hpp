// The tensor of the application API.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "halyard/halyard.h"
#include "halyard/status.hpp"

/// Type, dims and memory: its own, or the caller's. Read by many threads or written by one.
struct hy_tensor {
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  std::vector<int64_t> dims;
  void* data = nullptr;
  uint64_t bytes = 0;

  /// Zeroed memory of its own, aligned to kTensorAlignment. string_bytes: of a string tensor.
  static halyard::Result<std::unique_ptr<hy_tensor>> create(uint32_t dtype,
                                                            std::span<const int64_t> dims,
                                                            uint64_t string_bytes = 0);
  static halyard::Result<std::unique_ptr<hy_tensor>> borrow(uint32_t dtype,
                                                            std::span<const int64_t> dims,
                                                            void* data, uint64_t bytes);
  uint64_t count() const;

 private:
  struct Free {
    void operator()(void* p) const;
  };
  std::unique_ptr<void, Free> owned_;
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
