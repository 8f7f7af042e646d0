// Which nodes the core's own executor can run.
#pragma once

#include "core/graph/graph.hpp"

namespace halyard::core {

/// Nodes with bodies, of sequences, optionals and maps: they choose, copy or reference, and compute nothing.
/// A device may run such a node, too, where its operands and results are tensors.
bool runs_in_core(const Graph& graph, const NodeData& node);

}  // namespace halyard::core
