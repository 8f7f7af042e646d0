#include "core/plan/placement.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>

#include "core/plan/expansion.hpp"
#include "core/plan/limits.hpp"
#include "core/plan/schedule.hpp"

namespace halyard::core {
namespace {

/// So many placements are tried one by one.
constexpr double kExhaustive = 4096;
/// The search ends after so many node visits in schedules, so that large graphs do not take for ever.
constexpr size_t kSearchVisits = 1'000'000;
constexpr size_t kLeastTrials = 64, kMostTrials = 4000;
constexpr int kMaxRounds = 8;
/// Annealing starts so often, ready to lose such a part of the cost in a move.
constexpr int kAnnealings = 4;
constexpr double kHeat = 0.2;

/// A gain below this is rounding.
bool less(double a, double b) { return a < b - 1e-9 * std::max(1.0, std::abs(b)); }

std::vector<uint32_t> first_takers(const PlacementProblem& p) {
  std::vector<uint32_t> out;
  for (const auto& costs : p.cost_us)
    out.push_back(static_cast<uint32_t>(
        std::find_if(costs.begin(), costs.end(), [](double c) { return c != kRefusedCost; }) -
        costs.begin()));
  return out;
}

class Search {
 public:
  explicit Search(const PlacementProblem& problem)
      : p_(problem),
        trials_left_(std::clamp(kSearchVisits / std::max<size_t>(1, problem.node_count()),
                                kLeastTrials, kMostTrials)) {}

  std::vector<uint32_t> run() {
    for (const auto& start : starts()) consider(start);
    expand_all();
    for (int round = 0; round < kMaxRounds; ++round)
      if (!move_clusters() && !move_nodes()) break;
    anneal();
    return best_;
  }

 private:
  std::vector<std::vector<uint32_t>> starts() const {
    std::vector<std::vector<uint32_t>> out{fastest()};
    for (uint32_t d = 0; d < p_.devices.size(); ++d) {
      out.push_back(out.front());
      for (uint32_t n = 0; n < p_.node_count(); ++n)
        if (takes(n, d)) out.back()[n] = d;
    }
    out.push_back(first_takers(p_));
    return out;
  }

  std::vector<uint32_t> fastest() const {
    std::vector<uint32_t> out(p_.node_count());
    for (uint32_t n = 0; n < p_.node_count(); ++n)
      out[n] = static_cast<uint32_t>(std::min_element(p_.cost_us[n].begin(), p_.cost_us[n].end()) -
                                     p_.cost_us[n].begin());
    return out;
  }

  bool takes(uint32_t n, uint32_t d) const { return p_.cost_us[n][d] != kRefusedCost; }

  /// Keeps a placement that is better than what there is.
  bool consider(const std::vector<uint32_t>& device_of, double* found = nullptr) {
    if (trials_left_ > 0) --trials_left_;
    const double cost = make_schedule(p_, device_of).cost(p_.objective);
    if (found != nullptr) *found = cost;
    if (!best_.empty() && !less(cost, best_cost_)) return false;
    best_ = device_of;
    best_cost_ = cost;
    return true;
  }

  /// From each start, as the moves of a poor start may lead further than those of a good one.
  void expand_all() {
    if (p_.devices.size() < 2) return;
    for (std::vector<uint32_t> from : starts())
      for (int round = 0; round < kMaxRounds && trials_left_ > 0; ++round) {
        const std::vector<uint32_t> before = from;
        for (uint32_t d = 0; d < p_.devices.size(); ++d) {
          std::vector<uint32_t> moved = expand(p_, from, d);
          if (moved == from) continue;
          from = std::move(moved);
          consider(from);
        }
        if (from == before) break;
      }
  }

  /// A whole cluster at a time to another device.
  bool move_clusters() {
    bool any = false;
    const auto clusters = make_schedule(p_, best_).clusters;
    for (const ConvexGroup& c : clusters)
      for (uint32_t d = 0; d < p_.devices.size() && trials_left_ > 0; ++d) {
        const auto other = [&](uint32_t n) { return best_[n] != d && takes(n, d); };
        if (!std::any_of(c.nodes.begin(), c.nodes.end(), other)) continue;
        std::vector<uint32_t> moved = best_;
        for (const uint32_t n : c.nodes)
          if (takes(n, d)) moved[n] = d;
        any = consider(moved) || any;
      }
    return any;
  }

  /// A node at a time, and with it all that comes before or after it.
  bool move_nodes() {
    bool any = false;
    for (uint32_t n = 0; n < p_.node_count(); ++n)
      for (uint32_t d = 0; d < p_.devices.size() && trials_left_ > 0; ++d) {
        if (!takes(n, d)) continue;
        if (best_[n] != d) {
          std::vector<uint32_t> moved = best_;
          moved[n] = d;
          any = consider(moved) || any;
        }
        std::vector<uint32_t> before = best_, after = best_;
        for (uint32_t m = 0; m < p_.node_count(); ++m)
          if (takes(m, d)) (m <= n ? before : after)[m] = d;
        if (before != best_) any = consider(before) || any;
        if (after != best_) any = consider(after) || any;
      }
    return any;
  }

  /// What is left of the trials goes into moves of a few neighbours at random, of which ever fewer of the
  /// bad ones are kept: the ways out of where no single move gains. The numbers are the same each time.
  void anneal() {
    if (p_.devices.size() < 2 || p_.node_count() < 2) return;
    std::mt19937 random(1);
    const size_t each = trials_left_ / kAnnealings;
    for (int i = 0; i < kAnnealings; ++i) anneal(random, each);
  }

  void anneal(std::mt19937& random, size_t trials) {
    std::vector<uint32_t> at = best_;
    double cost = best_cost_;
    const size_t end_at = trials_left_ - std::min(trials, trials_left_);
    while (trials_left_ > end_at) {
      const double heat = kHeat * best_cost_ * static_cast<double>(trials_left_ - end_at) /
                          static_cast<double>(trials);
      std::vector<uint32_t> moved = at;
      const auto first = static_cast<uint32_t>(random() % p_.node_count());
      const auto d = static_cast<uint32_t>(random() % p_.devices.size());
      const auto end = std::min<size_t>(p_.node_count(), first + 1 + random() % 4);
      for (uint32_t n = first; n < end; ++n)
        if (takes(n, d)) moved[n] = d;
      if (moved == at) {
        --trials_left_;
        continue;
      }
      double moved_cost = 0;
      consider(moved, &moved_cost);
      const double chance = static_cast<double>(random()) / static_cast<double>(random.max());
      if (moved_cost > cost && chance >= std::exp((cost - moved_cost) / std::max(heat, 1e-9)))
        continue;
      at = std::move(moved);
      cost = moved_cost;
    }
  }

  const PlacementProblem& p_;
  size_t trials_left_;
  std::vector<uint32_t> best_;
  double best_cost_ = 0;
};

std::vector<uint32_t> exhaust(const PlacementProblem& p) {
  std::vector<std::vector<uint32_t>> choices(p.node_count());
  std::vector<uint32_t> at(p.node_count(), 0), device_of(p.node_count()), best;
  for (uint32_t n = 0; n < p.node_count(); ++n) {
    for (uint32_t d = 0; d < p.devices.size(); ++d)
      if (p.cost_us[n][d] != kRefusedCost) choices[n].push_back(d);
    device_of[n] = choices[n].front();
  }
  double best_cost = 0;
  for (;;) {
    const double cost = make_schedule(p, device_of).cost(p.objective);
    if (best.empty() || less(cost, best_cost)) {
      best = device_of;
      best_cost = cost;
    }
    uint32_t n = 0;
    while (n < p.node_count() && ++at[n] == choices[n].size()) {
      at[n] = 0;
      device_of[n] = choices[n][0];
      ++n;
    }
    if (n == p.node_count()) return best;
    device_of[n] = choices[n][at[n]];
  }
}

double placements(const PlacementProblem& p) {
  double count = 1;
  for (const auto& costs : p.cost_us)
    count *= static_cast<double>(
        std::count_if(costs.begin(), costs.end(), [](double c) { return c != kRefusedCost; }));
  return count;
}

/// All nodes on the device, but for those of neutral ones; empty where it does not take them.
std::vector<uint32_t> alone_on(const PlacementProblem& p, uint32_t device) {
  std::vector<uint32_t> out(p.node_count(), device);
  for (uint32_t n = 0; n < p.node_count(); ++n) {
    for (uint32_t d = 0; d < p.devices.size() && p.cost_us[n][out[n]] == kRefusedCost; ++d)
      if (p.devices[d].neutral && p.cost_us[n][d] != kRefusedCost) out[n] = d;
    if (p.cost_us[n][out[n]] == kRefusedCost) return {};
  }
  return out;
}

/// The best device that takes every node.
std::vector<uint32_t> find_single(const PlacementProblem& p, Placement& out) {
  std::vector<uint32_t> best;
  for (uint32_t d = 0; d < p.devices.size(); ++d) {
    std::vector<uint32_t> all = alone_on(p, d);
    if (p.devices[d].neutral || all.empty() || !fits(p, all)) continue;
    const double cost = make_schedule(p, all).cost(p.objective);
    if (!best.empty() && !less(cost, out.single_cost)) continue;
    out.single_cost = cost;
    out.single_device = d;
    best = std::move(all);
  }
  return best;
}

Placement finish(const PlacementProblem& p, std::vector<uint32_t> wanted) {
  Placement out;
  out.device_of = std::move(wanted);
  if (p.node_count() == 0) return out;
  out.within_limits = enforce_limits(p, out.device_of, out.withdrawals);
  Schedule schedule = make_schedule(p, out.device_of);
  out.cost = schedule.cost(p.objective);
  out.cuts = std::move(schedule.cuts);
  std::vector<uint32_t> single = find_single(p, out);
  // Limits may have cost more than the parts gained.
  if (!single.empty() && (less(out.single_cost, out.cost) || !out.within_limits)) {
    out.device_of = std::move(single);
    out.cuts = {};
    out.cost = out.single_cost;
    out.within_limits = true;
  }
  return out;
}

}  // namespace

Placement place_by_priority(const PlacementProblem& problem) {
  Placement out;
  out.device_of = first_takers(problem);
  if (problem.node_count() == 0) return out;
  PlacementProblem strict = problem;
  strict.min_gain_us = 0;
  out.within_limits = enforce_limits(strict, out.device_of, out.withdrawals);
  Schedule schedule = make_schedule(strict, out.device_of);
  out.cost = schedule.cost(strict.objective);
  out.cuts = std::move(schedule.cuts);
  find_single(strict, out);
  return out;
}

Placement place_exhaustively(const PlacementProblem& problem) {
  return finish(problem, exhaust(problem));
}

Placement place_by_search(const PlacementProblem& problem) {
  return finish(problem, Search(problem).run());
}

Placement place(const PlacementProblem& problem) {
  return placements(problem) <= kExhaustive ? place_exhaustively(problem)
                                            : place_by_search(problem);
}

}  // namespace halyard::core
