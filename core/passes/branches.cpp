#include "core/passes/passes.hpp"
#include "halyard/opset.hpp"

namespace halyard::core {
namespace {

/// The branch that a known condition takes, or null.
const Graph* taken_branch(const Graph& graph, const NodeData& node, const Inference& inference) {
  if (!node.domain.empty() || node.op != "If" || !node.has_input(0)) return nullptr;
  const KnownInts& cond = inference.ints[node.inputs[0]];
  if (!cond || cond->size() != 1 || !(*cond)[0].is_fixed()) return nullptr;
  return graph.body(node, (*cond)[0].is_fixed(0) ? "else_branch" : "then_branch");
}

/// Copies the nodes of a branch into the graph, in place of the node that has it.
class Inliner {
 public:
  Inliner(Graph& graph, const NodeData& node, const Graph& branch)
      : graph_(graph), branch_(branch), value_(branch.values.size(), kNone) {
    for (size_t i = 0; i < branch.inputs.size(); ++i)
      value_[branch.inputs[i]] = i + 1 < node.inputs.size() ? node.inputs[i + 1] : kNone;
    // A result that the branch gives out is computed where the node's output is.
    for (size_t o = 0; o < branch.outputs.size() && o < node.outputs.size(); ++o) {
      const ValueId v = branch.outputs[o];
      if (node.outputs[o] == kNone) continue;
      if (branch.values[v].kind == HY_VALUE_RESULT && value_[v] == kNone)
        value_[v] = node.outputs[o];
      else
        copies_.emplace_back(v, node.outputs[o]);
    }
  }

  void run(const NodeData& node, std::vector<NodeData>& out) {
    for (NodeData inner : branch_.nodes) {
      for (ValueId& v : inner.inputs) v = mapped(v);
      for (ValueId& v : inner.outputs) v = mapped(v);
      for (auto& [name, attribute] : inner.attributes) {
        if (auto* tensor = std::get_if<TensorAttr>(&attribute)) {
          graph_.constants.push_back(branch_.constants[tensor->constant]);
          tensor->constant = static_cast<uint32_t>(graph_.constants.size() - 1);
        } else if (auto* body = std::get_if<GraphAttr>(&attribute)) {
          graph_.bodies.push_back(branch_.bodies[body->subgraph]);
          body->subgraph = static_cast<uint32_t>(graph_.bodies.size() - 1);
        }
      }
      inner.name = node.name + "/" + inner.name;
      out.push_back(std::move(inner));
    }
    for (const auto& [from, to] : copies_) {
      NodeData copy;
      copy.op = "Identity";
      copy.name = node.name + "/copy";
      copy.signature = identity_signature();
      copy.inputs = {mapped(from)};
      copy.outputs = {to};
      copy.origins = node.origins;
      out.push_back(std::move(copy));
    }
  }

 private:
  static uint64_t identity_signature() {
    static const uint64_t digest = find_operator("", "Identity")->digest;
    return digest;
  }

  ValueId mapped(ValueId v) {
    if (v == kNone) return kNone;
    if (value_[v] != kNone || branch_.values[v].kind == HY_VALUE_INPUT) return value_[v];
    ValueData copy = branch_.values[v];
    if (copy.kind == HY_VALUE_CONSTANT) {
      graph_.constants.push_back(branch_.constants[copy.constant]);
      copy.constant = static_cast<uint32_t>(graph_.constants.size() - 1);
    }
    graph_.values.push_back(std::move(copy));
    return value_[v] = static_cast<ValueId>(graph_.values.size() - 1);
  }

  Graph& graph_;
  const Graph branch_;          // a copy: the graph's own bodies move while it grows
  std::vector<ValueId> value_;  // by value of the branch: that of the graph
  std::vector<std::pair<ValueId, ValueId>> copies_;  // outputs that no node of the branch computes
};

}  // namespace

bool inline_known_branches(Graph& graph, const Inference& inference) {
  std::vector<NodeData> nodes;
  bool changed = false;
  for (NodeData& node : graph.nodes) {
    const Graph* branch = taken_branch(graph, node, inference);
    if (branch == nullptr) {
      nodes.push_back(std::move(node));
      continue;
    }
    Inliner(graph, node, *branch).run(node, nodes);
    changed = true;
  }
  graph.nodes = std::move(nodes);
  return changed;
}

}  // namespace halyard::core
