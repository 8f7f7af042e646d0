// Joins nodes of one device into convex clusters and cuts each out as a graph of its own.
#pragma once

#include <vector>

#include "core/plan/convex.hpp"
#include "core/plan/plan.hpp"

namespace halyard::core {

/// Of each node those whose results it reads, as often as it reads them.
std::vector<std::vector<NodeId>> predecessors(const Graph& graph);

/// Clusters of nodes with equal device and equal proposal number, in an order in which they can run.
/// Every node must have a device. Convex: no path leaves a cluster and comes back. A node joins the
/// youngest cluster that it can; none grows past max_nodes, unless that is 0, and none over a cut.
std::vector<Cluster> make_clusters(const Graph& graph, const std::vector<uint32_t>& device_of_node,
                                   const std::vector<uint32_t>& proposal_of_node,
                                   uint32_t max_nodes = 0, const Cuts& cuts = {});

/// Finds the states that one cluster alone can update where they lie: it makes what they become, and nobody else
/// reads what they were. For devices with takes_states.
void bind_states(const Graph& graph, const std::vector<std::shared_ptr<Device>>& devices,
                 std::vector<Cluster>& clusters);

/// The cluster as a whole graph: its inputs and outputs are cluster.inputs and cluster.outputs, in order.
Graph cluster_graph(const Graph& graph, const Cluster& cluster);

}  // namespace halyard::core
