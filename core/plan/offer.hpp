// Asks a device about every node of a graph and judges the answer.
#pragma once

#include <vector>

#include "core/base/log.hpp"
#include "core/graph/graph.hpp"
#include "core/plugin/provider.hpp"

namespace halyard::core {

/// Exactly one verdict for each node of the graph, whatever the provider pushed: none becomes UNSTATED,
/// two become DUPLICATE_VERDICT, a failed query QUERY_FAILED for all; a verdict about a node that does
/// not exist is logged. A device of static shapes is refused nodes whose operands have other dims.
std::vector<Verdict> offer(const Graph& graph, const Device& device, hy_weights* weights,
                           const Logger& logger);

/// "operand 1 (weight) is i64; f32 or bf16 is supported"
std::string verdict_detail(const Verdict& verdict, const NodeData& node, const Graph& graph);

}  // namespace halyard::core
