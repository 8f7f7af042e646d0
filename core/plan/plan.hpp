// A plan: which device runs each node of a graph, in which clusters, and why no other one does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/graph/graph.hpp"
#include "core/plan/estimate.hpp"
#include "core/plugin/provider.hpp"

namespace halyard::core {

/// Why a provider does not run a node.
struct Refusal {
  std::string provider;
  uint32_t reason = HY_REASON_OTHER;
  std::string detail;
};

struct NodePlacement {
  uint32_t device = kNone;   // into Plan::devices, or kCoreDevice
  uint32_t cluster = kNone;  // into Plan::clusters
  double est_us = -1;        // negative: unknown
  EstimateSource est_source = EstimateSource::kUnknown;
  std::vector<Refusal> refused_by;
};

/// The index that stands for the core's own executor in place of a device: it runs nodes that only choose,
/// copy or reference, and those with bodies.
inline constexpr uint32_t kCoreDevice = kNone - 1;
inline constexpr const char* kCoreName = "core";

struct Plan;

/// A body of a node that the core runs, planned like any graph.
struct BodyPlan {
  std::string name;  // of the attribute
  std::shared_ptr<const Plan> plan;
};

/// Nodes that run as one on one device; or one node that the core runs.
struct Cluster {
  uint32_t device = kNone;               // or kCoreDevice
  std::vector<NodeId> nodes;             // ascending
  std::vector<ValueId> inputs, outputs;  // values of the plan's graph, in port order
  std::vector<uint32_t> states;          // of the graph, that it updates where they lie: last ports
  std::shared_ptr<Executable> executable;  // null in a plan that was not compiled
  std::vector<BodyPlan> bodies;            // of a node that the core runs
  double est_us = -1;                      // launch and nodes; negative: unknown
};

/// A value handed from one cluster to another.
struct Edge {
  uint32_t from = 0, to = 0;
  ValueId value = 0;
  int64_t bytes = -1;   // -1: not known before the run
  bool copied = false;  // else both use the same memory
};

/// One step of the negotiation, for people: what happened, and its words.
struct PlanStep {
  std::string
      what;  // "offered", "decomposed", "opened", "pinned", "placed", "withdrawn", "refused",
             // "failed", "compiled", "missed"
  std::string detail;
};

/// What the whole plan was estimated to cost, in the unit of its objective: microseconds, or microjoules
/// where that is power. Negative: not known.
struct PlanEstimate {
  double cost = -1;
  double single_cost = -1;         // of all nodes on the best device alone
  uint32_t single_device = kNone;  // that device; kNone: none takes all
};

struct Plan {
  Graph graph;
  std::vector<std::shared_ptr<Device>> devices;  // in order of priority
  std::vector<NodePlacement> nodes;              // by node of the graph
  std::vector<Cluster> clusters;                 // in an order in which they can run
  std::vector<Edge> edges;
  std::vector<PlanStep> steps;  // how it came to be
  PlanEstimate estimate;
  bool by_priority = false;
  std::vector<std::string> complaints;  // what the user asked for and did not get

  /// The provider's id, or kCoreName.
  const std::string& runner(uint32_t device) const {
    static const std::string core = kCoreName;
    return device == kCoreDevice ? core : devices[device]->provider().id();
  }
};

/// By device: a number for the hardware it stands for. Devices of one resource group are one piece of hardware; one
/// that names none is its own.
std::vector<uint32_t> hardware_of(const std::vector<std::shared_ptr<Device>>& devices);

}  // namespace halyard::core
