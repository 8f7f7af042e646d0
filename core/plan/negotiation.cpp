#include "core/plan/negotiation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/opset/table.hpp"
#include "core/plan/core_nodes.hpp"
#include "core/plan/offer.hpp"

namespace halyard::core {
namespace {

constexpr int kMaxDecompositionRounds = 8;

bool has_parts(const NodeData& node) {
  const OperatorImpl* impl = find_operator_impl(node.domain, node.op);
  return impl != nullptr && impl->decompose != nullptr;
}

ValueId first_result(const NodeData& node) {
  for (const ValueId v : node.outputs)
    if (v != kNone) return v;
  return kNone;
}

}  // namespace

bool Negotiated::taken(NodeId n) const {
  return runs_in_core(graph, graph.nodes[n]) ||
         std::any_of(verdicts.begin(), verdicts.end(),
                     [&](const auto& list) { return list[n].supported; });
}

void Negotiation::offer_once(Negotiated& state) {
  state.verdicts.clear();
  for (uint32_t d = 0; d < devices_.size(); ++d) {
    state.verdicts.push_back(offer(state.graph, *devices_[d], &weights_, logger_));
    std::vector<Verdict>& list = state.verdicts.back();
    for (NodeId n = 0; n < list.size() && !banned_.empty(); ++n)
      if (const auto it = banned_.find({d, first_result(state.graph.nodes[n])});
          it != banned_.end() && list[n].supported)
        list[n] = it->second;
  }
}

Result<bool> Negotiation::replace(Negotiated& state, const std::vector<bool>& chosen) {
  std::vector<NodeData> nodes;
  std::vector<uint32_t> part_of;
  bool changed = false;
  for (NodeId n = 0; n < state.graph.nodes.size(); ++n) {
    NodeData node = state.graph.nodes[n];
    std::vector<NodeData> parts;
    const OperatorImpl* impl = chosen[n] ? find_operator_impl(node.domain, node.op) : nullptr;
    if (impl != nullptr && impl->decompose != nullptr &&
        impl->decompose(state.graph, node, parts).ok()) {
      steps_.push_back(
          {"decomposed", fmt::format("{}: into {} nodes", node.label(), parts.size())});
      part_of.insert(part_of.end(), parts.size(), state.part_of[n]);
      for (NodeData& part : parts) nodes.push_back(std::move(part));
      changed = true;
    } else {
      part_of.push_back(state.part_of[n]);
      nodes.push_back(std::move(node));
    }
  }
  if (!changed) return false;
  state.graph.nodes = std::move(nodes);
  state.part_of = std::move(part_of);
  HY_RETURN_IF_ERROR(infer_graph(state.graph, read_).status());
  return true;
}

Result<Negotiated> Negotiation::settle(Negotiated state) {
  for (int round = 0;; ++round) {
    offer_once(state);
    if (round == kMaxDecompositionRounds) break;
    std::vector<bool> untaken(state.graph.nodes.size());
    for (NodeId n = 0; n < untaken.size(); ++n) untaken[n] = !state.taken(n);
    HY_ASSIGN_OR_RETURN(const bool changed, replace(state, untaken));
    if (!changed) break;
  }
  return state;
}

Result<Negotiated> Negotiation::offer_all(Graph graph) {
  Negotiated state;
  state.graph = std::move(graph);
  state.part_of.assign(state.graph.nodes.size(), kNone);
  return settle(std::move(state));
}

std::vector<NodeId> Negotiation::openable(const Negotiated& whole) const {
  std::vector<NodeId> out;
  for (NodeId n = 0; n < whole.graph.nodes.size(); ++n) {
    const NodeData& node = whole.graph.nodes[n];
    if (runs_in_core(whole.graph, node) || !has_parts(node)) continue;
    if (std::any_of(whole.verdicts.begin(), whole.verdicts.end(),
                    [&](const auto& list) { return !list[n].supported; }))
      out.push_back(n);
  }
  return out;
}

Result<Negotiated> Negotiation::open(const Negotiated& whole,
                                     const std::vector<NodeId>& composites) {
  Negotiated state;
  state.graph = whole.graph;
  state.part_of.assign(state.graph.nodes.size(), kNone);
  std::vector<bool> chosen(state.graph.nodes.size());
  for (const NodeId n : composites) {
    chosen[n] = true;
    state.part_of[n] = n;
  }
  HY_RETURN_IF_ERROR(replace(state, chosen).status());
  return settle(std::move(state));
}

void Negotiation::ban(Negotiated& in, uint32_t device, NodeId node, uint32_t reason,
                      const std::string& words) {
  Verdict& v = in.verdicts[device][node];
  v.supported = false;
  v.reason = reason;
  v.operand = HY_OPERAND_NONE;
  v.got = words;
  v.limit.clear();
  if (const ValueId key = first_result(in.graph.nodes[node]); key != kNone)
    banned_[{device, key}] = v;
}

}  // namespace halyard::core
