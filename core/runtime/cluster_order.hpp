// Which clusters of a plan must end before which others begin.
#pragma once

#include <cstdint>
#include <vector>

#include "core/plan/plan.hpp"

namespace halyard::core {

/// A cluster waits for those whose results it reads and for the one before it on the same hardware; what
/// the core runs waits for all before it, and all after it wait for it. Constant.
class ClusterOrder {
 public:
  explicit ClusterOrder(const Plan& plan);

  /// Some clusters may run at the same time. If not, what follows is not known: they run in their order.
  bool concurrent() const { return concurrent_; }
  /// Those that wait for a cluster, each once.
  const std::vector<uint32_t>& successors(uint32_t cluster) const { return successors_[cluster]; }
  /// How many a cluster waits for.
  uint32_t wait_count(uint32_t cluster) const { return wait_counts_[cluster]; }
  /// a has ended whenever b begins.
  bool before(uint32_t a, uint32_t b) const { return ancestors_[b][a]; }

 private:
  std::vector<std::vector<uint32_t>> successors_;
  std::vector<uint32_t> wait_counts_;
  std::vector<std::vector<bool>> ancestors_;  // by cluster, then cluster
  bool concurrent_ = false;
};

}  // namespace halyard::core
