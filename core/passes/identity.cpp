#include <algorithm>

#include "core/passes/passes.hpp"

namespace halyard::core {

void remove_identities(Graph& graph) {
  std::vector<ValueId> original(graph.values.size());
  for (ValueId v = 0; v < original.size(); ++v) original[v] = v;
  const auto is_output = [&](ValueId v) {
    return std::find(graph.outputs.begin(), graph.outputs.end(), v) != graph.outputs.end();
  };
  std::vector<NodeData> kept;
  for (NodeData& node : graph.nodes) {
    for (ValueId& v : node.inputs)
      if (v != kNone) v = original[v];
    // What becomes an output keeps its own value and name: the Identity stays and copies.
    if (node.domain.empty() && node.op == "Identity" && node.has_input(0) && node.has_output(0) &&
        !is_output(node.outputs[0]))
      original[node.outputs[0]] = node.inputs[0];
    else
      kept.push_back(std::move(node));
  }
  graph.nodes = std::move(kept);
}

}  // namespace halyard::core
