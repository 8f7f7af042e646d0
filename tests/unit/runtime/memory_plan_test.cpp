#include "core/runtime/memory_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace halyard::core {
namespace {

TEST(MemoryPlan, ReusesBytesAfterTheLastUse) {
  const std::vector<Lifetime> blocks{{1000, 0, 1}, {1000, 2, 3}};
  EXPECT_EQ(plan_memory(blocks, 64).total, 1024u);
}

TEST(MemoryPlan, KeepsApartWhatLivesTogether) {
  const std::vector<Lifetime> blocks{{1000, 0, 1}, {1000, 1, 2}};
  EXPECT_EQ(plan_memory(blocks, 64).total, 2048u);
}

TEST(MemoryPlan, RandomLifetimesNeverOverlap) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::vector<Lifetime> blocks;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < random() % 60; ++i) {
      const auto first = static_cast<uint32_t>(random() % 20);
      blocks.push_back({random() % 5000, first, first + static_cast<uint32_t>(random() % 6)});
      sum += (blocks.back().bytes + 63) / 64 * 64;
    }
    const MemoryPlan plan = plan_memory(blocks, 64);
    EXPECT_LE(plan.total, sum);
    for (size_t a = 0; a < blocks.size(); ++a) {
      EXPECT_EQ(plan.offsets[a] % 64, 0u);
      EXPECT_LE(plan.offsets[a] + blocks[a].bytes, plan.total);
      for (size_t b = 0; b < a; ++b) {
        const bool together =
            blocks[a].first <= blocks[b].last && blocks[b].first <= blocks[a].last;
        const bool overlap = plan.offsets[a] < plan.offsets[b] + blocks[b].bytes &&
                             plan.offsets[b] < plan.offsets[a] + blocks[a].bytes;
        EXPECT_FALSE(together && overlap && blocks[a].bytes != 0 && blocks[b].bytes != 0);
      }
    }
  }
}

}  // namespace
}  // namespace halyard::core
