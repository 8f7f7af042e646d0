#include "core/plan/offer.hpp"

#include <fmt/format.h>

#include "core/graph/flat.hpp"

namespace halyard::core {
namespace {

Verdict refusal(uint32_t node, uint32_t reason, std::string got = {}) {
  Verdict v;
  v.node = node;
  v.reason = reason;
  v.got = std::move(got);
  return v;
}

/// The first operand whose dims are not all numbers, or kNone.
uint32_t dynamic_operand(const Graph& graph, const NodeData& node) {
  for (uint32_t i = 0; i < node.inputs.size(); ++i)
    if (node.has_input(i) && !fixed_dims(graph.values[node.inputs[i]].type.shape)) return i;
  return kNone;
}

void refuse_dynamic(const Graph& graph, std::vector<Verdict>& verdicts) {
  const auto names = graph.symbol_names();
  for (uint32_t n = 0; n < verdicts.size(); ++n) {
    if (!verdicts[n].supported) continue;
    const uint32_t operand = dynamic_operand(graph, graph.nodes[n]);
    if (operand == kNone) continue;
    verdicts[n] =
        refusal(n, HY_REASON_DIM_DYNAMIC,
                shape_text(graph.values[graph.nodes[n].inputs[operand]].type.shape, names));
    verdicts[n].operand = operand;
    verdicts[n].limit = "static dims";
  }
}

/// Sequences, optionals and maps never cross the border.
void refuse_other_kinds(const Graph& graph, std::vector<Verdict>& verdicts) {
  for (uint32_t n = 0; n < verdicts.size(); ++n) {
    if (!verdicts[n].supported) continue;
    const NodeData& node = graph.nodes[n];
    std::vector<ValueId> values = node.inputs;
    values.insert(values.end(), node.outputs.begin(), node.outputs.end());
    for (uint32_t i = 0; i < values.size(); ++i) {
      if (values[i] == kNone || graph.values[values[i]].type.is_tensor()) continue;
      verdicts[n] =
          refusal(n, HY_REASON_CONTROL_FLOW, value_kind_name(graph.values[values[i]].type.kind));
      verdicts[n].operand = i;
      verdicts[n].limit = "a tensor";
      break;
    }
  }
}

}  // namespace

std::vector<Verdict> offer(const Graph& graph, const Device& device, hy_weights* weights,
                           const Logger& logger) {
  std::vector<Verdict> out;
  const auto all = [&](const Status& why) {
    for (uint32_t n = 0; n < graph.nodes.size(); ++n)
      out.push_back(refusal(n, HY_REASON_QUERY_FAILED, why.message()));
    return out;
  };
  const auto flat = write_flat(graph, device.takes_states());
  if (!flat.ok()) return all(flat.status());
  auto pushed = device.query({flat->data(), flat->size()}, weights);
  if (!pushed.ok()) return all(pushed.status());
  for (uint32_t n = 0; n < graph.nodes.size(); ++n) out.push_back(refusal(n, HY_REASON_UNSTATED));
  std::vector<bool> answered(graph.nodes.size());
  for (Verdict& v : *pushed) {
    if (v.node >= graph.nodes.size()) {
      logger->warn("provider {}: a verdict is about node {}; the graph has {}",
                   device.provider().id(), v.node, graph.nodes.size());
    } else if (answered[v.node]) {
      out[v.node] = refusal(v.node, HY_REASON_DUPLICATE_VERDICT);
    } else {
      answered[v.node] = true;
      out[v.node] = std::move(v);
    }
  }
  if (!device.symbolic_shapes()) refuse_dynamic(graph, out);
  refuse_other_kinds(graph, out);
  return out;
}

std::string verdict_detail(const Verdict& v, const NodeData& node, const Graph& graph) {
  switch (v.reason) {
    case HY_REASON_UNSTATED:
      return "the provider gave no verdict about this node";
    case HY_REASON_DUPLICATE_VERDICT:
      return "the provider gave two verdicts about this node";
    case HY_REASON_OP_UNKNOWN:
      if (v.got.empty() && v.limit.empty())
        return fmt::format("the provider has no operator {}{}{}", node.domain,
                           node.domain.empty() ? "" : ":", node.op);
      break;
    default:
      break;
  }
  std::string subject;
  if (v.operand != HY_OPERAND_NONE) {
    ValueId value = kNone;
    std::string what = fmt::format("operand {}", v.operand);
    if (v.operand < node.inputs.size()) {
      value = node.inputs[v.operand];
    } else if (v.operand - node.inputs.size() < node.outputs.size()) {
      what = fmt::format("result {}", v.operand - node.inputs.size());
      value = node.outputs[v.operand - node.inputs.size()];
    }
    subject = value == kNone || graph.values[value].name.empty()
                  ? what
                  : fmt::format("{} ({})", what, graph.values[value].name);
  }
  std::string out = subject;
  if (!v.got.empty()) out += (out.empty() ? "" : " is ") + v.got;
  if (!v.limit.empty()) out += fmt::format("{}{} is supported", out.empty() ? "" : "; ", v.limit);
  return out;
}

}  // namespace halyard::core
