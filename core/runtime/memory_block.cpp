#include "core/runtime/memory_block.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>

#include "core/runtime/tensor.hpp"

namespace halyard::core {

MemoryBlock::~MemoryBlock() { std::free(data); }

Status MemoryBlock::reserve(uint64_t bytes, uint64_t kept) {
  if (data != nullptr && capacity >= bytes) return {};
  const uint64_t rounded = (bytes / kTensorAlignment + 1) * kTensorAlignment;
  void* fresh = bytes > physical_memory() ? nullptr : std::aligned_alloc(kTensorAlignment, rounded);
  if (fresh == nullptr)
    return Status(HY_ERROR_OUT_OF_MEMORY, fmt::format("{} bytes cannot be allocated", bytes));
  if (kept != 0) std::memcpy(fresh, data, kept);
  std::free(data);
  data = fresh;
  capacity = rounded;
  return {};
}

Result<std::shared_ptr<MemoryBlock>> BlockPool::get(uint64_t bytes) {
  std::shared_ptr<MemoryBlock>* found = nullptr;
  for (auto& block : blocks_)
    if (block.use_count() == 1 && (found == nullptr || block->capacity >= bytes)) found = &block;
  if (found == nullptr) found = &blocks_.emplace_back(std::make_shared<MemoryBlock>());
  HY_RETURN_IF_ERROR((*found)->reserve(bytes));
  return *found;
}

}  // namespace halyard::core
