#include "core/passes/passes.hpp"

namespace halyard::core {
namespace {

std::vector<bool> live_values(const Graph& graph) {
  std::vector<bool> live(graph.values.size());
  for (ValueId v : graph.outputs) live[v] = true;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    bool needed = false;
    for (ValueId v : node->outputs) needed = needed || (v != kNone && live[v]);
    if (!needed) continue;
    for (ValueId v : node->inputs)
      if (v != kNone) live[v] = true;
  }
  return live;
}

void drop_dead_nodes(Graph& graph, const std::vector<bool>& live) {
  std::vector<NodeData> kept;
  for (NodeData& node : graph.nodes) {
    bool needed = false;
    for (ValueId& v : node.outputs) {
      if (v != kNone && !live[v]) v = kNone;
      needed = needed || v != kNone;
    }
    // A trailing output that nobody wants is as good as absent; of a variadic list the length means something.
    const OperatorDecl* decl = find_operator(node.domain, node.op);
    const bool variadic =
        decl == nullptr || (!decl->outputs.empty() && decl->outputs.back().variadic);
    while (!variadic && !node.outputs.empty() && node.outputs.back() == kNone)
      node.outputs.pop_back();
    if (needed) kept.push_back(std::move(node));
  }
  graph.nodes = std::move(kept);
}

}  // namespace

void remove_dead_code(Graph& graph) {
  std::vector<bool> live = live_values(graph);
  drop_dead_nodes(graph, live);
  for (ValueId v : graph.inputs) live[v] = true;

  std::vector<ValueId> value_map(graph.values.size(), kNone);
  std::vector<uint32_t> constant_map(graph.constants.size(), kNone);
  std::vector<ValueData> values;
  std::vector<ConstantData> constants;
  std::vector<Graph> bodies;
  const auto keep_constant = [&](uint32_t& c) {
    if (c == kNone) return;
    if (constant_map[c] == kNone) {
      constant_map[c] = static_cast<uint32_t>(constants.size());
      constants.push_back(graph.constants[c]);
    }
    c = constant_map[c];
  };
  for (ValueId v = 0; v < graph.values.size(); ++v) {
    if (!live[v]) continue;
    value_map[v] = static_cast<ValueId>(values.size());
    values.push_back(std::move(graph.values[v]));
    keep_constant(values.back().constant);
  }
  const auto renumber = [&](std::vector<ValueId>& list) {
    for (ValueId& v : list)
      if (v != kNone) v = value_map[v];
  };
  for (StateData& state : graph.states) keep_constant(state.initial);
  for (NodeData& node : graph.nodes) {
    renumber(node.inputs);
    renumber(node.outputs);
    for (auto& [name, value] : node.attributes)
      if (auto* t = std::get_if<TensorAttr>(&value)) {
        keep_constant(t->constant);
      } else if (auto* g = std::get_if<GraphAttr>(&value)) {
        bodies.push_back(std::move(graph.bodies[g->subgraph]));
        g->subgraph = static_cast<uint32_t>(bodies.size() - 1);
      }
  }
  renumber(graph.inputs);
  renumber(graph.outputs);
  graph.values = std::move(values);
  graph.constants = std::move(constants);
  graph.bodies = std::move(bodies);
}

}  // namespace halyard::core
