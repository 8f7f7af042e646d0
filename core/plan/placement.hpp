// The placement problem as plain data, and its solution: which device runs each node.
//
// Deterministic: equal problems have equal solutions. Ties go to the device of higher priority, then to
// the node of lower number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/plan/convex.hpp"

namespace halyard::core {

inline constexpr double kRefusedCost = std::numeric_limits<double>::infinity();
inline constexpr uint32_t kNoNode = 0xffffffffu;

enum class Objective {
  kLatency,     // the time from the first input to the last output
  kThroughput,  // the busiest piece of hardware, as when runs follow one another without a gap
  kPower,       // energy: watts by time
};

/// Devices are numbered in order of priority.
struct PlacementProblem {
  struct Device {
    uint32_t memory = 0;    // devices of one number share memory; 0 is the host's
    uint32_t hardware = 0;  // devices of one number never compute at once
    double launch_us = 0;   // of each cluster
    double copy_latency_us = 0, copy_us_per_byte = 0;  // between its memory and the host's
    double watts = 1;
    double memory_bytes = 0;  // the most that its clusters may hold; 0: no limit
    bool neutral = false;     // has what nobody else could: not a choice, whoever has the rest
  };
  struct Value {
    uint32_t producer = kNoNode;      // kNoNode: lies in the host's memory from the start
    std::vector<uint32_t> consumers;  // ascending, without doubles
    double bytes = 0;
    bool leaves = false;  // is wanted in the host's memory at the end
  };
  /// A constant lies in the memory of each device that reads it.
  struct Weight {
    std::vector<uint32_t> consumers;
    double bytes = 0;
  };

  std::vector<Device> devices;
  std::vector<std::vector<double>> cost_us;         // by node, then device; kRefusedCost: it cannot
  std::vector<std::vector<uint32_t>> proposal;      // by node, then device: as convex_groups
  std::vector<std::vector<uint32_t>> predecessors;  // by node
  std::vector<Value> values;
  std::vector<Weight> weights;

  Objective objective = Objective::kLatency;
  double min_gain_us = 0;          // a cluster that gains less is withdrawn
  uint32_t max_clusters = 0;       // 0: no limit
  uint32_t max_cluster_nodes = 0;  // 0: no limit

  size_t node_count() const { return cost_us.size(); }
};

/// Nodes that the search wanted on a device and that a limit took from it.
struct Withdrawal {
  enum class Why { kGain, kClusters, kMemory };
  Why why = Why::kGain;
  uint32_t device = 0;
  std::vector<uint32_t> nodes;
  double found = 0, limit = 0;  // us, clusters or bytes
};

struct Placement {
  std::vector<uint32_t> device_of;  // by node
  Cuts cuts;                        // of its clusters
  double cost = 0;                  // in the objective's unit: us, or uJ for kPower
  /// The least cost with all nodes on one device, and that device; kRefusedCost where none takes all.
  double single_cost = kRefusedCost;
  uint32_t single_device = 0;
  std::vector<Withdrawal> withdrawals;
  bool within_limits = true;  // false: max_clusters or memory cannot be kept
};

/// Every node must have a device that takes it. Exact for small problems (kExhaustive placements at most).
/// For others the best of: each device with all that it takes, each node where it is fastest, moves of
/// whole sets found by minimum cuts, moves of clusters and of single nodes until none gains, and annealing
/// with a fixed sequence of numbers. Then limits are enforced. Never costs more than the best single device, where one takes all.
Placement place(const PlacementProblem& problem);

/// As place, by exhaustion; for problems of any size, so mind the time. For tests.
Placement place_exhaustively(const PlacementProblem& problem);
/// As place, without exhaustion. For tests.
Placement place_by_search(const PlacementProblem& problem);

/// The first device of each node's that takes it; then memory and max_clusters are enforced. No cluster
/// need gain anything.
Placement place_by_priority(const PlacementProblem& problem);

}  // namespace halyard::core
