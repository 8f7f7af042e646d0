#include "core/plan/clusters.hpp"

#include <algorithm>

namespace halyard::core {
namespace {

/// A set of cluster numbers that grows.
class Bits {
 public:
  bool has(size_t i) const {
    return i / 64 < words_.size() && (words_[i / 64] >> (i % 64) & 1) != 0;
  }
  void add(size_t i) {
    if (i / 64 >= words_.size()) words_.resize(i / 64 + 1);
    words_[i / 64] |= uint64_t{1} << (i % 64);
  }
  void add_all(const Bits& other) {
    if (words_.size() < other.words_.size()) words_.resize(other.words_.size());
    for (size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
  }

 private:
  std::vector<uint64_t> words_;
};

struct Growing {
  uint32_t device, proposal;
  std::vector<NodeId> nodes;
  Bits ancestors;  // clusters that some path leads here from; transitively closed
};

/// The clusters that compute a node's operands.
std::vector<uint32_t> predecessors(const NodeData& node, const std::vector<NodeId>& producers,
                                   const std::vector<uint32_t>& cluster_of) {
  std::vector<uint32_t> out;
  for (ValueId v : node.inputs)
    if (v != kNone && producers[v] != kNone) out.push_back(cluster_of[producers[v]]);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// Joining makes a cycle if another predecessor is itself reached from the cluster.
bool can_join(uint32_t cluster, const std::vector<uint32_t>& preds,
              const std::vector<Growing>& all) {
  return std::none_of(preds.begin(), preds.end(),
                      [&](uint32_t p) { return p != cluster && all[p].ancestors.has(cluster); });
}

std::vector<Cluster> in_running_order(const std::vector<Growing>& growing) {
  // An ancestor has fewer ancestors than its descendants, so counting gives an order; the number of the
  // cluster breaks ties and keeps it deterministic.
  std::vector<std::pair<size_t, uint32_t>> order;
  for (uint32_t c = 0; c < growing.size(); ++c) {
    size_t count = 0;
    for (uint32_t a = 0; a < growing.size(); ++a) count += growing[c].ancestors.has(a) ? 1 : 0;
    order.emplace_back(count, c);
  }
  std::sort(order.begin(), order.end());
  std::vector<Cluster> out;
  for (const auto& [count, c] : order) {
    Cluster cluster;
    cluster.device = growing[c].device;
    cluster.nodes = growing[c].nodes;
    out.push_back(std::move(cluster));
  }
  return out;
}

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

std::vector<Cluster> make_clusters(const Graph& graph, const std::vector<uint32_t>& device_of_node,
                                   const std::vector<uint32_t>& proposal_of_node,
                                   uint32_t max_nodes) {
  const std::vector<NodeId> producers = graph.producers();
  std::vector<Growing> growing;
  std::vector<uint32_t> cluster_of(graph.nodes.size(), kNone);
  for (NodeId n = 0; n < graph.nodes.size(); ++n) {
    const auto preds = predecessors(graph.nodes[n], producers, cluster_of);
    uint32_t home = kNone;
    for (uint32_t c = static_cast<uint32_t>(growing.size()); c-- > 0 && home == kNone;)
      if (growing[c].device == device_of_node[n] && growing[c].proposal == proposal_of_node[n] &&
          (max_nodes == 0 || growing[c].nodes.size() < max_nodes) && can_join(c, preds, growing))
        home = c;
    if (home == kNone) {
      home = static_cast<uint32_t>(growing.size());
      growing.push_back({device_of_node[n], proposal_of_node[n], {}, {}});
    }
    Bits added;
    for (uint32_t p : preds)
      if (p != home) {
        added.add(p);
        added.add_all(growing[p].ancestors);
      }
    growing[home].ancestors.add_all(added);
    for (Growing& g : growing)
      if (g.ancestors.has(home)) g.ancestors.add_all(added);
    growing[home].nodes.push_back(n);
    cluster_of[n] = home;
  }
  std::vector<Cluster> clusters = in_running_order(growing);
  find_ports(graph, producers, clusters);
  return clusters;
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
  return out;
}

}  // namespace halyard::core
