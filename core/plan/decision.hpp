// Decides which device runs each node of a negotiated graph.
#pragma once

#include <string>
#include <vector>

#include "core/plan/estimates.hpp"
#include "core/plan/negotiation.hpp"
#include "core/plan/policy.hpp"

namespace halyard::core {

/// A decision, by node.
struct Decision {
  std::vector<uint32_t> device_of;               // kNone: nobody takes it; kCoreDevice
  std::vector<uint32_t> proposal_of;             // as make_clusters wants it,
  Cuts cuts;                                     // and this
  std::vector<std::vector<Estimate>> estimates;  // by device, then node
  /// What took a node from a device that supports it: by device, then node; empty where nothing did.
  std::vector<std::vector<std::string>> withdrawn;
  std::vector<std::vector<uint32_t>> withdrawn_why;  // HY_REASON_*
  double cost_us = -1;         // of the whole, by the objective; negative: not known
  double single_cost_us = -1;  // of the best device alone; negative: none takes all
  uint32_t single_device = kNone;
  bool within_limits = true;
};

/// Which device each node is pinned to: by node, an index into devices, or kNone.
std::vector<uint32_t> find_pins(const Graph& graph, const std::string& path,
                                const std::vector<std::shared_ptr<Device>>& devices,
                                const std::vector<Pin>& pins);

/// pinned: as find_pins gives it. A pinned node goes to its device if that takes it, else as if it were
/// not pinned. max_cluster_nodes: 0: no limit.
Decision decide(const Negotiated& negotiated, const std::vector<std::shared_ptr<Device>>& devices,
                const Policy& policy, const std::vector<uint32_t>& pinned,
                const MeasuredTimes* measured, uint32_t max_cluster_nodes);

/// The composites that are better opened: their parts go to a device of higher priority or, where placement
/// is by cost, take less time on some device than the whole does on any.
std::vector<NodeId> better_opened(const Negotiated& whole, const Negotiated& opened,
                                  const std::vector<std::shared_ptr<Device>>& devices,
                                  bool by_priority, const MeasuredTimes* measured);

}  // namespace halyard::core
