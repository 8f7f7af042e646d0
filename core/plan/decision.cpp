#include "core/plan/decision.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <map>

#include "core/plan/clusters.hpp"
#include "core/plan/core_nodes.hpp"
#include "core/plan/work.hpp"

namespace halyard::core {
namespace {

using Devices = std::vector<std::shared_ptr<Device>>;

bool matches(const std::vector<std::string>& patterns, const std::string& text) {
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) {
           return fnmatch(p.c_str(), text.c_str(), 0) == 0;
         });
}

bool matches(const Pin& pin, const NodeData& node, const std::string& path) {
  const std::string op = node.domain.empty() ? node.op : node.domain + ":" + node.op;
  const bool name = matches(pin.name, node.name) ||
                    std::any_of(node.origins.begin(), node.origins.end(),
                                [&](const std::string& o) { return matches(pin.name, o); });
  return name && matches(pin.op, op) && matches(pin.subgraph, path);
}

/// What the core's executor costs for each of its nodes.
constexpr double kCoreNodeUs = 0.5;

/// Makes the placement problem of a negotiated graph. Device devices.size() is the core.
class ProblemMaker {
 public:
  ProblemMaker(const Negotiated& negotiated, const Devices& devices, const Policy& policy,
               const std::vector<uint32_t>& pinned, const Decision& decision)
      : n_(negotiated), devices_(devices), policy_(policy), pinned_(pinned), decision_(decision) {}

  PlacementProblem make() {
    add_devices();
    add_nodes();
    add_values();
    p_.objective = policy_.objective;
    p_.min_gain_us = policy_.min_gain_us;
    p_.max_clusters = policy_.max_clusters;
    return std::move(p_);
  }

 private:
  void add_devices() {
    const std::vector<uint32_t> hardware = hardware_of(devices_);
    uint32_t core_hardware = 0;
    uint32_t memories = 1;
    for (const auto& device : devices_) {
      const DeviceInfo& info = device->info();
      const DeviceFigures f = figures_of(info);
      PlacementProblem::Device d;
      d.memory = device->host_memory() ? 0 : memories++;
      d.hardware = hardware[p_.devices.size()];
      core_hardware = std::max(core_hardware, d.hardware + 1);
      d.launch_us = f.launch_us;
      d.watts = f.watts;
      if (devices_.size() > 1) {
        const Link link = device->link();
        d.copy_latency_us = link.latency_us;
        d.copy_us_per_byte = link.us_per_byte;
      }
      if (!device->host_memory()) d.memory_bytes = memory_limit(info);
      p_.devices.push_back(d);
    }
    PlacementProblem::Device core;
    core.hardware = core_hardware;
    core.neutral = true;
    p_.devices.push_back(core);
  }

  double memory_limit(const DeviceInfo& info) const {
    const auto has = static_cast<double>(info.memory_bytes);
    const auto may = static_cast<double>(policy_.memory_limit);
    return has > 0 && may > 0 ? std::min(has, may) : std::max(has, may);
  }

  void add_nodes() {
    const Graph& g = n_.graph;
    p_.predecessors = predecessors(g);
    for (NodeId n = 0; n < g.nodes.size(); ++n) {
      std::vector<double> cost;
      std::vector<uint32_t> proposal;
      const bool held = pinned_[n] != kNone && n_.verdicts[pinned_[n]][n].supported;
      for (uint32_t d = 0; d < devices_.size(); ++d) {
        const bool may = n_.verdicts[d][n].supported && (!held || pinned_[n] == d);
        cost.push_back(may ? decision_.estimates[d][n].us : kRefusedCost);
        proposal.push_back(n_.verdicts[d][n].cluster);
      }
      // The core takes what is its own and nobody else wants.
      const bool alone = !std::any_of(n_.verdicts.begin(), n_.verdicts.end(),
                                      [&](const auto& list) { return list[n].supported; });
      cost.push_back(alone && runs_in_core(g, g.nodes[n]) ? kCoreNodeUs : kRefusedCost);
      proposal.push_back(n);  // each for itself
      p_.cost_us.push_back(std::move(cost));
      p_.proposal.push_back(std::move(proposal));
    }
  }

  void add_values() {
    const Graph& g = n_.graph;
    std::vector<std::vector<uint32_t>> readers(g.values.size());
    for (NodeId n = 0; n < g.nodes.size(); ++n)
      for (const ValueId v : g.nodes[n].inputs)
        if (v != kNone && (readers[v].empty() || readers[v].back() != n)) readers[v].push_back(n);
    const std::vector<NodeId> producers = g.producers();
    std::vector<bool> leaves(g.values.size());
    for (const ValueId v : g.outputs) leaves[v] = true;
    for (ValueId v = 0; v < g.values.size(); ++v) {
      if (readers[v].empty() && !leaves[v]) continue;
      if (g.values[v].kind == HY_VALUE_CONSTANT) {
        p_.weights.push_back({readers[v], value_bytes(g, v)});
      } else {
        p_.values.push_back({producers[v] == kNone ? kNoNode : producers[v], readers[v],
                             value_bytes(g, v), leaves[v]});
      }
    }
  }

  const Negotiated& n_;
  const Devices& devices_;
  const Policy& policy_;
  const std::vector<uint32_t>& pinned_;
  const Decision& decision_;
  PlacementProblem p_;
};

std::string withdrawal_text(const Withdrawal& w) {
  switch (w.why) {
    case Withdrawal::Why::kGain:
      return fmt::format(
          "a cluster of {} nodes would gain {:.1f} us; {:.1f} us at least is asked for",
          w.nodes.size(), w.found, w.limit);
    case Withdrawal::Why::kClusters:
      return fmt::format("the plan would have {:.0f} clusters; {:.0f} are allowed", w.found,
                         w.limit);
    case Withdrawal::Why::kMemory:
      break;
  }
  return fmt::format("the nodes wanted here need {:.0f} bytes; the device may hold {:.0f}", w.found,
                     w.limit);
}

void estimate_all(const Negotiated& negotiated, const Devices& devices,
                  const MeasuredTimes* measured, Decision& out) {
  for (uint32_t d = 0; d < devices.size(); ++d) {
    out.estimates.emplace_back(negotiated.graph.nodes.size());
    for (NodeId n = 0; n < negotiated.graph.nodes.size(); ++n)
      if (negotiated.verdicts[d][n].supported)
        out.estimates[d][n] = estimate(negotiated.graph, negotiated.graph.nodes[n], *devices[d],
                                       negotiated.verdicts[d][n], measured);
  }
}

}  // namespace

std::vector<uint32_t> find_pins(const Graph& graph, const std::string& path, const Devices& devices,
                                const std::vector<Pin>& pins) {
  std::vector<uint32_t> out(graph.nodes.size(), kNone);
  if (pins.empty()) return out;
  for (NodeId n = 0; n < graph.nodes.size(); ++n) {
    const auto pin = std::find_if(pins.begin(), pins.end(),
                                  [&](const Pin& p) { return matches(p, graph.nodes[n], path); });
    if (pin == pins.end()) continue;
    for (uint32_t d = 0; d < devices.size() && out[n] == kNone; ++d)
      if (devices[d]->provider().id() == pin->provider) out[n] = d;
  }
  return out;
}

Decision decide(const Negotiated& negotiated, const Devices& devices, const Policy& policy,
                const std::vector<uint32_t>& pinned, const MeasuredTimes* measured,
                uint32_t max_cluster_nodes) {
  const size_t count = negotiated.graph.nodes.size();
  Decision out;
  estimate_all(negotiated, devices, measured, out);
  out.withdrawn.assign(devices.size(), std::vector<std::string>(count));
  out.withdrawn_why.assign(devices.size(), std::vector<uint32_t>(count, HY_REASON_NONE));
  out.device_of.assign(count, kNone);
  out.proposal_of.assign(count, HY_CLUSTER_ANY);

  PlacementProblem problem = ProblemMaker(negotiated, devices, policy, pinned, out).make();
  problem.max_cluster_nodes = max_cluster_nodes;
  const auto core = static_cast<uint32_t>(devices.size());
  for (NodeId n = 0; n < count; ++n) {
    auto& costs = problem.cost_us[n];
    // Who takes nothing makes no problem; the caller names such nodes.
    if (std::all_of(costs.begin(), costs.end(), [](double c) { return c == kRefusedCost; })) {
      out.within_limits = false;
      return out;
    }
  }
  Placement placement = policy.by_priority ? place_by_priority(problem) : place(problem);
  for (NodeId n = 0; n < count; ++n) {
    const uint32_t d = placement.device_of[n];
    out.device_of[n] = d == core ? kCoreDevice : d;
    out.proposal_of[n] = problem.proposal[n][d];
  }
  for (const Withdrawal& w : placement.withdrawals)
    for (const uint32_t n : w.nodes) {
      if (out.device_of[n] == w.device) continue;
      out.withdrawn[w.device][n] = withdrawal_text(w);
      out.withdrawn_why[w.device][n] =
          w.why == Withdrawal::Why::kMemory ? HY_REASON_MEMORY_BUDGET : HY_REASON_NOT_PROFITABLE;
    }
  out.cost_us = placement.cost;
  if (placement.single_cost != kRefusedCost) {
    out.single_cost_us = placement.single_cost;
    out.single_device = placement.single_device;
  }
  out.within_limits = placement.within_limits;
  out.cuts = std::move(placement.cuts);
  return out;
}

std::vector<NodeId> better_opened(const Negotiated& whole, const Negotiated& opened,
                                  const Devices& devices, bool by_priority,
                                  const MeasuredTimes* measured) {
  Decision of_whole, of_parts;
  estimate_all(whole, devices, measured, of_whole);
  estimate_all(opened, devices, measured, of_parts);
  // What each device would need for all parts of a composite; refused where one part is.
  std::map<NodeId, std::vector<double>> parts;
  for (NodeId n = 0; n < opened.graph.nodes.size(); ++n) {
    if (opened.part_of[n] == kNone) continue;
    auto& sums = parts.try_emplace(opened.part_of[n], devices.size(), 0.0).first->second;
    for (uint32_t d = 0; d < devices.size(); ++d)
      sums[d] += opened.verdicts[d][n].supported ? of_parts.estimates[d][n].us : kRefusedCost;
  }
  std::vector<NodeId> out;
  for (const auto& [composite, sums] : parts) {
    double best_whole = kRefusedCost, best_parts = kRefusedCost;
    for (uint32_t d = 0; d < devices.size(); ++d) {
      const bool takes = whole.verdicts[d][composite].supported;
      if (by_priority) {
        // Positions stand for costs; the whole wins at equal priority.
        if (takes && best_whole == kRefusedCost) best_whole = d;
        if (sums[d] != kRefusedCost && best_parts == kRefusedCost) best_parts = d;
      } else {
        if (takes) best_whole = std::min(best_whole, of_whole.estimates[d][composite].us);
        best_parts = std::min(best_parts, sums[d]);
      }
    }
    if (best_parts < best_whole) out.push_back(composite);
  }
  return out;
}

}  // namespace halyard::core
