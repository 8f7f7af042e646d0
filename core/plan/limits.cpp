#include "core/plan/limits.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "core/plan/schedule.hpp"

namespace halyard::core {
namespace {

/// A cluster to be moved, and what that changes.
struct Move {
  ConvexGroup cluster;
  std::vector<uint32_t> device_of;
  double loss = 0;  // what the placement then costs more
};

class Limits {
 public:
  Limits(const PlacementProblem& problem, std::vector<uint32_t>& device_of,
         std::vector<Withdrawal>& withdrawals)
      : p_(problem), device_of_(device_of), withdrawals_(withdrawals) {}

  bool enforce() {
    // Each step takes nodes from a device for good, so the loops end.
    taken_.assign(p_.node_count(), std::vector<bool>(p_.devices.size(), false));
    for (uint32_t d = 0; d < p_.devices.size(); ++d) keep_memory(d);
    keep_gain();
    keep_count();
    return fits(p_, device_of_);
  }

 private:
  bool takes(uint32_t n, uint32_t d) const {
    return p_.cost_us[n][d] != kRefusedCost && !taken_[n][d];
  }

  /// The cheapest device that takes all nodes of the cluster and has room; nothing if there is none.
  std::optional<Move> best_move(const ConvexGroup& cluster, double cost_now) const {
    std::optional<Move> best;
    for (uint32_t d = 0; d < p_.devices.size(); ++d) {
      if (d == cluster.label || !std::all_of(cluster.nodes.begin(), cluster.nodes.end(),
                                             [&](uint32_t n) { return takes(n, d); }))
        continue;
      Move m{cluster, device_of_, 0};
      for (const uint32_t n : cluster.nodes) m.device_of[n] = d;
      if (p_.devices[d].memory_bytes > 0 &&
          memory_of(p_, m.device_of, d) > p_.devices[d].memory_bytes)
        continue;
      m.loss = make_schedule(p_, m.device_of).cost(p_.objective) - cost_now;
      if (!best || m.loss < best->loss) best = std::move(m);
    }
    return best;
  }

  void withdraw(Move move, Withdrawal::Why why, double found, double limit) {
    for (const uint32_t n : move.cluster.nodes) taken_[n][move.cluster.label] = true;
    withdrawals_.push_back({why, move.cluster.label, move.cluster.nodes, found, limit});
    device_of_ = std::move(move.device_of);
  }

  /// Every cluster that could be elsewhere, what loses least first.
  std::vector<Move> moves() const {
    const Schedule now = make_schedule(p_, device_of_);
    std::vector<Move> out;
    for (const ConvexGroup& c : now.clusters)
      if (auto m = best_move(c, now.cost(p_.objective))) out.push_back(std::move(*m));
    std::stable_sort(out.begin(), out.end(),
                     [](const Move& a, const Move& b) { return a.loss < b.loss; });
    return out;
  }

  /// Withdraws clusters as long as `enough` asks for it, given a cluster's loss as it is by then.
  template <class F>
  void withdraw_while(F&& enough, Withdrawal::Why why, double limit) {
    for (bool any = true; any;) {
      any = false;
      for (const Move& planned : moves()) {
        const auto still_there = [&](uint32_t n) { return device_of_[n] == planned.cluster.label; };
        if (!std::all_of(planned.cluster.nodes.begin(), planned.cluster.nodes.end(), still_there))
          continue;
        const Schedule now = make_schedule(p_, device_of_);
        auto move = best_move(planned.cluster, now.cost(p_.objective));
        double found = 0;
        if (!move || !enough(now, *move, found)) continue;
        withdraw(std::move(*move), why, found, limit);
        any = true;
      }
    }
  }

  /// The device that has most of the work: leaving it is what must gain something.
  uint32_t home() const {
    std::vector<double> us(p_.devices.size(), 0);
    for (uint32_t n = 0; n < p_.node_count(); ++n)
      if (!p_.devices[device_of_[n]].neutral) us[device_of_[n]] += 1 + p_.cost_us[n][device_of_[n]];
    return static_cast<uint32_t>(std::max_element(us.begin(), us.end()) - us.begin());
  }

  void keep_gain() {
    if (p_.min_gain_us <= 0 || p_.objective == Objective::kPower) return;
    const uint32_t stays = home();
    const auto too_little = [&](const Schedule&, const Move& m, double& found) {
      found = std::max(0.0, m.loss);
      return m.cluster.label != stays && m.loss < p_.min_gain_us;
    };
    withdraw_while(too_little, Withdrawal::Why::kGain, p_.min_gain_us);
  }

  void keep_count() {
    if (p_.max_clusters == 0) return;
    const auto too_many = [&](const Schedule& now, const Move&, double& found) {
      found = static_cast<double>(now.clusters.size());
      return now.clusters.size() > p_.max_clusters;
    };
    withdraw_while(too_many, Withdrawal::Why::kClusters, p_.max_clusters);
  }

  /// Node by node from the end, so that what stays on the device is as much as fits.
  void keep_memory(uint32_t d) {
    const double limit = p_.devices[d].memory_bytes;
    if (limit <= 0) return;
    const double found = memory_of(p_, device_of_, d);
    if (found <= limit) return;
    Withdrawal gone{Withdrawal::Why::kMemory, d, {}, found, limit};
    for (uint32_t n = static_cast<uint32_t>(p_.node_count()); n-- > 0;) {
      if (device_of_[n] != d) continue;
      const uint32_t other = cheapest_other(n, d);
      if (other == kNoNode) continue;
      device_of_[n] = other;
      taken_[n][d] = true;
      gone.nodes.push_back(n);
      if (memory_of(p_, device_of_, d) <= limit) break;
    }
    std::reverse(gone.nodes.begin(), gone.nodes.end());
    if (!gone.nodes.empty()) withdrawals_.push_back(std::move(gone));
  }

  uint32_t cheapest_other(uint32_t n, uint32_t not_this) const {
    uint32_t best = kNoNode;
    for (uint32_t d = 0; d < p_.devices.size(); ++d)
      if (d != not_this && takes(n, d) &&
          (best == kNoNode || p_.cost_us[n][d] < p_.cost_us[n][best]))
        best = d;
    return best;
  }

  const PlacementProblem& p_;
  std::vector<uint32_t>& device_of_;
  std::vector<Withdrawal>& withdrawals_;
  std::vector<std::vector<bool>> taken_;  // by node, then device: withdrawn, not to come back
};

}  // namespace

bool enforce_limits(const PlacementProblem& problem, std::vector<uint32_t>& device_of,
                    std::vector<Withdrawal>& withdrawals) {
  return Limits(problem, device_of, withdrawals).enforce();
}

bool fits(const PlacementProblem& problem, const std::vector<uint32_t>& device_of) {
  for (uint32_t d = 0; d < problem.devices.size(); ++d)
    if (problem.devices[d].memory_bytes > 0 &&
        memory_of(problem, device_of, d) > problem.devices[d].memory_bytes)
      return false;
  return problem.max_clusters == 0 ||
         make_schedule(problem, device_of).clusters.size() <= problem.max_clusters;
}

}  // namespace halyard::core
