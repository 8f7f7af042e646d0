// Joins nodes of one device into convex clusters and cuts each out as a graph of its own.
#pragma once

#include <vector>

#include "core/plan/plan.hpp"

namespace halyard::core {

/// Clusters of nodes with equal device and equal proposal number, in an order in which they can run.
/// Every node must have a device. Convex: no path leaves a cluster and comes back. A node joins the
/// youngest cluster that it can; none grows past max_nodes, unless that is 0.
std::vector<Cluster> make_clusters(const Graph& graph, const std::vector<uint32_t>& device_of_node,
                                   const std::vector<uint32_t>& proposal_of_node,
                                   uint32_t max_nodes = 0);

/// The cluster as a whole graph: its inputs and outputs are cluster.inputs and cluster.outputs, in order.
Graph cluster_graph(const Graph& graph, const Cluster& cluster);

}  // namespace halyard::core
