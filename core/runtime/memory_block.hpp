// Memory that values share, used again once nobody holds it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "halyard/status.hpp"

namespace halyard::core {

/// Aligned to 64 bytes.
struct MemoryBlock {
  void* data = nullptr;
  uint64_t capacity = 0;
  MemoryBlock() = default;
  MemoryBlock(const MemoryBlock&) = delete;
  ~MemoryBlock();
  /// At least `bytes`; keeps the first `kept` of them.
  Status reserve(uint64_t bytes, uint64_t kept = 0);
};

/// Blocks of one kind of value. A block is free while the pool alone holds it: in a loop whose values pass
/// from one iteration to the next, two blocks take turns. Single-threaded.
class BlockPool {
 public:
  Result<std::shared_ptr<MemoryBlock>> get(uint64_t bytes);

 private:
  std::vector<std::shared_ptr<MemoryBlock>> blocks_;
};

}  // namespace halyard::core
