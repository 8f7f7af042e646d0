#include "core/runtime/weights.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>

namespace halyard::core {
namespace {

// Ids of the core's own weights have the top bit.
constexpr uint64_t kAdded = uint64_t{1} << 63;

}  // namespace

void WeightStore::Free::operator()(void* p) const { std::free(p); }

uint64_t WeightStore::add(std::shared_ptr<const std::vector<unsigned char>> bytes) {
  const std::scoped_lock lock(mutex_);
  added_.push_back(std::move(bytes));
  return kAdded | (added_.size() - 1);
}

Result<hy_bytes> WeightStore::original(uint64_t id) {
  if ((id & kAdded) == 0) return model_->weight(id);
  const std::scoped_lock lock(mutex_);
  const uint64_t i = id & ~kAdded;
  if (i >= added_.size()) return not_found(fmt::format("there is no weight {}", id));
  return hy_bytes{added_[i]->data(), added_[i]->size()};
}

Result<hy_bytes> WeightStore::get(uint64_t id, uint32_t alignment) {
  HY_ASSIGN_OR_RETURN(const hy_bytes bytes, original(id));
  const auto misaligned = [&](const void* p) {
    return reinterpret_cast<uintptr_t>(p) % alignment != 0;
  };
  if (!misaligned(bytes.data)) return bytes;
  const std::scoped_lock lock(mutex_);
  const auto [begin, end] = copies_.equal_range(id);
  for (auto it = begin; it != end; ++it)
    if (!misaligned(it->second.data.get())) return hy_bytes{it->second.data.get(), it->second.size};
  const size_t unit = std::max<size_t>(alignment, 64);
  Copy copy{std::unique_ptr<void, Free>(std::aligned_alloc(unit, (bytes.size / unit + 1) * unit)),
            bytes.size, alignment};
  if (copy.data == nullptr)
    return Status(HY_ERROR_OUT_OF_MEMORY,
                  fmt::format("weight {} of {} bytes cannot be copied", id, bytes.size));
  std::memcpy(copy.data.get(), bytes.data, bytes.size);
  const auto it = copies_.emplace(id, std::move(copy));
  return hy_bytes{it->second.data.get(), it->second.size};
}

Result<hy_bytes> WeightStore::read(const ConstantData& constant) {
  if (constant.bytes != nullptr) return hy_bytes{constant.bytes->data(), constant.size};
  return original(constant.weight);
}

}  // namespace halyard::core
