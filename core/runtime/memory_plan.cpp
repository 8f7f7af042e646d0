#include "core/runtime/memory_plan.hpp"

#include <algorithm>
#include <numeric>

namespace halyard::core {

MemoryPlan plan_memory(std::span<const Lifetime> blocks, uint64_t alignment,
                       const TogetherFn& given) {
  MemoryPlan plan;
  plan.offsets.resize(blocks.size());
  std::vector<size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return blocks[a].bytes > blocks[b].bytes; });
  const auto rounded = [&](uint64_t n) { return (n + alignment - 1) / alignment * alignment; };
  std::vector<size_t> placed;  // by offset
  for (size_t i : order) {
    if (blocks[i].bytes == 0) continue;
    uint64_t offset = 0;
    for (size_t other : placed) {
      const bool together =
          given ? given(other, i)
                : blocks[other].first <= blocks[i].last && blocks[i].first <= blocks[other].last;
      if (!together) continue;
      if (plan.offsets[other] >= offset + rounded(blocks[i].bytes)) break;
      offset = std::max(offset, plan.offsets[other] + rounded(blocks[other].bytes));
    }
    plan.offsets[i] = offset;
    plan.total = std::max(plan.total, offset + rounded(blocks[i].bytes));
    const auto at = std::upper_bound(placed.begin(), placed.end(), offset,
                                     [&](uint64_t o, size_t p) { return o < plan.offsets[p]; });
    placed.insert(at, i);
  }
  return plan;
}

}  // namespace halyard::core
