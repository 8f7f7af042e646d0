// Where the values between clusters lie in one arena: values that are never alive together share bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace halyard::core {

/// A block that is alive from step `first` to step `last`, both included.
struct Lifetime {
  uint64_t bytes = 0;
  uint32_t first = 0, last = 0;
};

struct MemoryPlan {
  std::vector<uint64_t> offsets;  // by block
  uint64_t total = 0;
};

/// Whether two blocks, by their numbers, are ever alive together.
using TogetherFn = std::function<bool(size_t, size_t)>;

/// Greedy by size: the largest block first, each at the lowest offset where nothing that lives with it
/// lies. Offsets are multiples of alignment. Deterministic. together: in place of the steps, where these
/// have no order.
MemoryPlan plan_memory(std::span<const Lifetime> blocks, uint64_t alignment,
                       const TogetherFn& together = {});

}  // namespace halyard::core
