// The memory of one run's intermediate tensors, kept for the next run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "halyard/status.hpp"

namespace halyard::cpu {

inline constexpr size_t kAlignment = 64;

/// What tensors without elements point to; never read or written.
alignas(kAlignment) inline constinit std::byte nothing[kAlignment] = {};

inline Status no_memory(size_t bytes) {
  return {HY_ERROR_OUT_OF_MEMORY, "no memory for a tensor of " + std::to_string(bytes) + " bytes"};
}

/// Counted buffers, reused within a run and by the next one. One thread at a time. Owns the memory.
class BufferPool {
 public:
  struct Buffer {
    void* data = nullptr;
    size_t capacity = 0;
    int owners = 0;        // 0: free
    bool touched = false;  // in this run
  };

  BufferPool() = default;
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  ~BufferPool();

  /// A buffer of at least that size, with one owner, aligned to kAlignment; null: out of memory.
  Buffer* take(size_t bytes);
  void share(Buffer* buffer) { ++buffer->owners; }
  void drop(Buffer* buffer) { --buffer->owners; }
  /// Ends a run: all buffers become free, those that the run did not need go back to the system.
  void end_run();

 private:
  std::vector<std::unique_ptr<Buffer>> buffers_;
};

}  // namespace halyard::cpu
