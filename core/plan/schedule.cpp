#include "core/plan/schedule.hpp"

#include <algorithm>
#include <cstddef>

namespace halyard::core {
namespace {

/// One run on paper.
class PaperRun {
 public:
  PaperRun(const PlacementProblem& problem, Schedule& out) : problem_(problem), out_(out) {
    uint32_t memories = 1, hardware = 1;
    for (const auto& d : problem.devices) {
      memories = std::max(memories, d.memory + 1);
      hardware = std::max(hardware, d.hardware + 1);
    }
    made_at_.assign(problem.values.size(), 0);
    there_.assign(problem.values.size(), std::vector<bool>(memories));
    free_.assign(hardware, 0);
    busy_.assign(hardware, 0);
    device_of_memory_.assign(memories, 0);
    for (uint32_t d = static_cast<uint32_t>(problem.devices.size()); d-- > 0;)
      device_of_memory_[problem.devices[d].memory] = d;
  }

  void run() {
    find_ports();
    for (size_t v = 0; v < problem_.values.size(); ++v)
      if (problem_.values[v].producer == kNoNode) there_[v][0] = true;
    for (uint32_t c = 0; c < out_.clusters.size(); ++c) run_cluster(c);
    for (size_t v = 0; v < problem_.values.size(); ++v)
      if (problem_.values[v].leaves) out_.makespan_us += fetch(v, 0);
    out_.busiest_us = *std::max_element(busy_.begin(), busy_.end());
  }

 private:
  /// The values that each cluster takes from outside, in order, and those that it makes.
  void find_ports() {
    inputs_.resize(out_.clusters.size());
    made_.resize(out_.clusters.size());
    for (uint32_t v = 0; v < problem_.values.size(); ++v) {
      const auto& value = problem_.values[v];
      const uint32_t home = value.producer == kNoNode ? kNoNode : out_.cluster_of[value.producer];
      if (home != kNoNode) made_[home].push_back(v);
      for (const uint32_t n : value.consumers) {
        const uint32_t c = out_.cluster_of[n];
        if (c != home && (inputs_[c].empty() || inputs_[c].back() != v)) inputs_[c].push_back(v);
      }
    }
  }

  void run_cluster(uint32_t c) {
    const uint32_t d = out_.clusters[c].label;
    const auto& device = problem_.devices[d];
    double at = free_[device.hardware];
    for (const uint32_t v : inputs_[c]) at = std::max(at, made_at_[v]);
    double us = device.launch_us;
    for (const uint32_t n : out_.clusters[c].nodes) us += problem_.cost_us[n][d];
    out_.cluster_us[c] = us;
    for (const uint32_t v : inputs_[c]) us += fetch(v, device.memory);
    at += us;
    for (const uint32_t v : made_[c]) {
      made_at_[v] = at;
      there_[v][device.memory] = true;
    }
    free_[device.hardware] = at;
    busy_[device.hardware] += us;
    out_.energy_uj += us * device.watts;
    out_.makespan_us = std::max(out_.makespan_us, at);
  }

  /// The time of the copies that bring a value into that memory.
  double fetch(size_t v, uint32_t memory) {
    if (there_[v][memory]) return 0;
    double us = 0;
    if (memory != 0) {
      us = fetch(v, 0) + copy_us(v, memory);
    } else {
      uint32_t from = 1;
      while (from + 1 < there_[v].size() && !there_[v][from]) ++from;
      us = copy_us(v, from);
    }
    there_[v][memory] = true;
    return us;
  }

  /// memory: that which is not the host's.
  double copy_us(size_t v, uint32_t memory) const {
    const auto& device = problem_.devices[device_of_memory_[memory]];
    return device.copy_latency_us + device.copy_us_per_byte * problem_.values[v].bytes;
  }

  const PlacementProblem& problem_;
  Schedule& out_;
  std::vector<std::vector<uint32_t>> inputs_, made_;  // by cluster: values
  std::vector<double> made_at_;                       // by value
  std::vector<std::vector<bool>> there_;              // by value, then memory
  std::vector<double> free_, busy_;                   // by hardware
  std::vector<uint32_t> device_of_memory_;            // the first that has it
};

}  // namespace

double Schedule::cost(Objective objective) const {
  switch (objective) {
    case Objective::kThroughput:
      return busiest_us;
    case Objective::kPower:
      return energy_uj;
    case Objective::kLatency:
      break;
  }
  return makespan_us;
}

namespace {

/// After nodes with a result that other hardware reads, and before those that read it.
Cuts hand_overs(const PlacementProblem& problem, const std::vector<uint32_t>& device_of) {
  const auto hardware = [&](uint32_t n) { return problem.devices[device_of[n]].hardware; };
  Cuts out;
  for (const auto& v : problem.values) {
    if (v.producer == kNoNode) continue;
    for (const uint32_t n : v.consumers)
      if (hardware(n) != hardware(v.producer)) {
        out.after.resize(problem.node_count());
        out.before.resize(problem.node_count());
        out.after[v.producer] = out.before[n] = true;
      }
  }
  return out;
}

Schedule run_on_paper(const PlacementProblem& problem, const std::vector<uint32_t>& device_of,
                      Cuts cuts) {
  Schedule out;
  std::vector<uint32_t> proposals(problem.node_count());
  for (uint32_t n = 0; n < proposals.size(); ++n) proposals[n] = problem.proposal[n][device_of[n]];
  out.clusters =
      convex_groups(problem.predecessors, device_of, proposals, problem.max_cluster_nodes, cuts);
  out.cuts = std::move(cuts);
  out.cluster_of.resize(problem.node_count());
  for (uint32_t c = 0; c < out.clusters.size(); ++c)
    for (const uint32_t n : out.clusters[c].nodes) out.cluster_of[n] = c;
  out.cluster_us.assign(out.clusters.size(), 0);
  PaperRun(problem, out).run();
  return out;
}

}  // namespace

Schedule make_schedule(const PlacementProblem& problem, const std::vector<uint32_t>& device_of) {
  Schedule large = run_on_paper(problem, device_of, {});
  Cuts cuts = hand_overs(problem, device_of);
  if (!cuts.any() || problem.objective != Objective::kLatency) return large;
  Schedule small = run_on_paper(problem, device_of, std::move(cuts));
  const bool too_many = problem.max_clusters != 0 && small.clusters.size() > problem.max_clusters;
  return !too_many && small.makespan_us < large.makespan_us ? small : large;
}

double memory_of(const PlacementProblem& problem, const std::vector<uint32_t>& device_of,
                 uint32_t device) {
  const auto here = [&](uint32_t n) { return n != kNoNode && device_of[n] == device; };
  double bytes = 0;
  for (const auto& w : problem.weights)
    if (std::any_of(w.consumers.begin(), w.consumers.end(), here)) bytes += w.bytes;
  std::vector<double> working(problem.node_count(), 0);
  for (const auto& v : problem.values) {
    const bool made = here(v.producer);
    bool read = false, elsewhere = v.leaves;
    for (const uint32_t n : v.consumers) {
      read = read || here(n);
      elsewhere = elsewhere || !here(n);
      if (here(n)) working[n] += v.bytes;
    }
    if (made) working[v.producer] += v.bytes;
    if ((read && !made) || (made && elsewhere)) bytes += v.bytes;
  }
  return bytes + (working.empty() ? 0 : *std::max_element(working.begin(), working.end()));
}

}  // namespace halyard::core
