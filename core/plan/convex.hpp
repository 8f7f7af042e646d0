// Convex groups of the nodes of an acyclic graph: what may run as one.
#pragma once

#include <cstdint>
#include <vector>

namespace halyard::core {

/// Nodes that may run as one, with the label that they share.
struct ConvexGroup {
  uint32_t label = 0;
  std::vector<uint32_t> nodes;  // ascending
};

/// Where groups must not grow, by node; empty: nowhere.
struct Cuts {
  std::vector<bool> before;  // the node joins no group that is there already
  std::vector<bool> after;   // no later node joins its group
  bool any() const { return !before.empty() || !after.empty(); }
};

/// Groups of nodes with equal label and equal proposal, in an order in which they can run. Convex: no path
/// leaves a group and comes back. A node joins the youngest group that it can; none grows past max_nodes,
/// unless that is 0, and none over a cut. predecessors: of each node those whose results it reads, all of
/// lower number.
std::vector<ConvexGroup> convex_groups(const std::vector<std::vector<uint32_t>>& predecessors,
                                       const std::vector<uint32_t>& label_of_node,
                                       const std::vector<uint32_t>& proposal_of_node,
                                       uint32_t max_nodes = 0, const Cuts& cuts = {});

}  // namespace halyard::core
