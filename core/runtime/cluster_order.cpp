#include "core/runtime/cluster_order.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace halyard::core {
ClusterOrder::ClusterOrder(const Plan& plan) {
  const auto count = static_cast<uint32_t>(plan.clusters.size());
  const std::vector<uint32_t> hardware = hardware_of(plan.devices);
  std::set<uint32_t> used;
  for (const Cluster& c : plan.clusters)
    if (c.device != kCoreDevice) used.insert(hardware[c.device]);
  if (used.size() < 2) return;  // one after the other
  std::vector<std::set<uint32_t>> waits(count);
  std::map<uint32_t, uint32_t> latest;  // by hardware: the last cluster so far
  std::vector<uint32_t> made_by(plan.graph.values.size(), kNone);
  uint32_t barrier = kNone;  // the last cluster of the core
  for (uint32_t c = 0; c < count; ++c) {
    const Cluster& cluster = plan.clusters[c];
    const auto wait_for_maker = [&](ValueId v) {
      if (v != kNone && made_by[v] != kNone && made_by[v] != c) waits[c].insert(made_by[v]);
    };
    for (const ValueId v : cluster.inputs) wait_for_maker(v);
    if (barrier != kNone) waits[c].insert(barrier);
    if (cluster.device == kCoreDevice) {
      for (const auto& [h, last] : latest) waits[c].insert(last);
      barrier = c;
      latest.clear();
    } else {
      const auto [at, first] = latest.try_emplace(hardware[cluster.device], c);
      if (!first) waits[c].insert(at->second);
      at->second = c;
    }
    for (const ValueId v : cluster.outputs) made_by[v] = c;
  }
  successors_.resize(count);
  wait_counts_.resize(count);
  ancestors_.assign(count, std::vector<bool>(count));
  for (uint32_t c = 0; c < count; ++c) {
    wait_counts_[c] = static_cast<uint32_t>(waits[c].size());
    for (const uint32_t w : waits[c]) {
      successors_[w].push_back(c);
      ancestors_[c][w] = true;
      for (uint32_t a = 0; a < w; ++a)
        if (ancestors_[w][a]) ancestors_[c][a] = true;
    }
    // Whoever of the earlier ones is no ancestor may run beside it.
    concurrent_ = concurrent_ || std::count(ancestors_[c].begin(), ancestors_[c].end(), true) != c;
  }
}

}  // namespace halyard::core
