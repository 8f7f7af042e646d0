#include "core/plan/clusters.hpp"

#include <algorithm>

namespace halyard::core {
namespace {

void find_ports(const Graph& graph, const std::vector<NodeId>& producers,
                std::vector<Cluster>& clusters) {
  std::vector<uint32_t> cluster_of(graph.nodes.size());
  for (uint32_t c = 0; c < clusters.size(); ++c)
    for (NodeId n : clusters[c].nodes) cluster_of[n] = c;
  std::vector<bool> leaves(graph.values.size());  // read outside of the cluster that computes it
  for (ValueId v : graph.outputs) leaves[v] = true;
  for (NodeId n = 0; n < graph.nodes.size(); ++n)
    for (ValueId v : graph.nodes[n].inputs)
      if (v != kNone && producers[v] != kNone && cluster_of[producers[v]] != cluster_of[n])
        leaves[v] = true;
  for (uint32_t c = 0; c < clusters.size(); ++c) {
    Cluster& cluster = clusters[c];
    for (NodeId n : cluster.nodes) {
      for (ValueId v : graph.nodes[n].inputs) {
        if (v == kNone || graph.values[v].kind == HY_VALUE_CONSTANT) continue;
        if (producers[v] != kNone && cluster_of[producers[v]] == c) continue;
        if (std::find(cluster.inputs.begin(), cluster.inputs.end(), v) == cluster.inputs.end())
          cluster.inputs.push_back(v);
      }
      for (ValueId v : graph.nodes[n].outputs)
        if (v != kNone && leaves[v]) cluster.outputs.push_back(v);
    }
  }
}

}  // namespace

std::vector<std::vector<NodeId>> predecessors(const Graph& graph) {
  const std::vector<NodeId> producers = graph.producers();
  std::vector<std::vector<NodeId>> out(graph.nodes.size());
  for (NodeId n = 0; n < graph.nodes.size(); ++n)
    for (ValueId v : graph.nodes[n].inputs)
      if (v != kNone && producers[v] != kNone) out[n].push_back(producers[v]);
  return out;
}

std::vector<Cluster> make_clusters(const Graph& graph, const std::vector<uint32_t>& device_of_node,
                                   const std::vector<uint32_t>& proposal_of_node,
                                   uint32_t max_nodes, const Cuts& cuts) {
  std::vector<Cluster> clusters;
  for (ConvexGroup& group :
       convex_groups(predecessors(graph), device_of_node, proposal_of_node, max_nodes, cuts)) {
    clusters.emplace_back();
    clusters.back().device = group.label;
    clusters.back().nodes = std::move(group.nodes);
  }
  find_ports(graph, graph.producers(), clusters);
  return clusters;
}

void bind_states(const Graph& graph, const std::vector<std::shared_ptr<Device>>& devices,
                 std::vector<Cluster>& clusters) {
  for (uint32_t s = 0; s < graph.states.size(); ++s) {
    if (!graph.states[s].read || !graph.states[s].written) continue;
    const ValueId before = graph.inputs[graph.input_of_state(s)];
    const ValueId after = graph.outputs[graph.output_of_state(s)];
    // As an output of the graph, what it was is read at the end, when it is gone; of two states that become
    // the same value one must be copied.
    if (std::find(graph.outputs.begin(), graph.outputs.end(), before) != graph.outputs.end() ||
        std::count(graph.outputs.begin() + static_cast<ptrdiff_t>(graph.plain_outputs()),
                   graph.outputs.end(), after) > 1)
      continue;
    Cluster* maker = nullptr;
    size_t readers = 0;
    for (Cluster& c : clusters) {
      const auto has = [](const std::vector<ValueId>& list, ValueId v) {
        return std::find(list.begin(), list.end(), v) != list.end();
      };
      readers += has(c.inputs, before) ? 1 : 0;
      if (has(c.inputs, before) && has(c.outputs, after)) maker = &c;
    }
    if (maker == nullptr || readers != 1 || maker->device >= devices.size() ||
        !devices[maker->device]->takes_states())
      continue;
    maker->states.push_back(s);
    std::erase(maker->inputs, before);
    maker->inputs.push_back(before);
    std::erase(maker->outputs, after);
    maker->outputs.push_back(after);
  }
}

Graph cluster_graph(const Graph& graph, const Cluster& cluster) {
  Graph out;
  out.name = graph.name;
  out.symbols = graph.symbols;
  std::vector<ValueId> value_map(graph.values.size(), kNone);
  std::vector<uint32_t> constant_map(graph.constants.size(), kNone);
  const auto map_constant = [&](uint32_t c) {
    if (c == kNone) return kNone;
    if (constant_map[c] == kNone) {
      constant_map[c] = static_cast<uint32_t>(out.constants.size());
      out.constants.push_back(graph.constants[c]);
    }
    return constant_map[c];
  };
  const auto map_value = [&](ValueId v) {
    if (v == kNone) return kNone;
    if (value_map[v] == kNone) {
      value_map[v] = static_cast<ValueId>(out.values.size());
      ValueData data = graph.values[v];
      data.constant = map_constant(data.constant);
      out.values.push_back(std::move(data));
    }
    return value_map[v];
  };
  for (ValueId v : cluster.inputs) {
    out.inputs.push_back(map_value(v));
    out.values[out.inputs.back()].kind = HY_VALUE_INPUT;
  }
  for (NodeId n : cluster.nodes) {
    NodeData node = graph.nodes[n];
    for (ValueId& v : node.inputs) v = map_value(v);
    for (ValueId& v : node.outputs) v = map_value(v);
    for (auto& [name, value] : node.attributes)
      if (auto* t = std::get_if<TensorAttr>(&value)) {
        t->constant = map_constant(t->constant);
      } else if (auto* g = std::get_if<GraphAttr>(&value)) {
        out.bodies.push_back(graph.bodies[g->subgraph]);
        g->subgraph = static_cast<uint32_t>(out.bodies.size() - 1);
      }
    out.nodes.push_back(std::move(node));
  }
  for (ValueId v : cluster.outputs) out.outputs.push_back(map_value(v));
  for (const uint32_t s : cluster.states) {
    out.states.push_back(graph.states[s]);
    out.states.back().initial = kNone;  // whoever makes a state fills it
  }
  return out;
}

}  // namespace halyard::core
