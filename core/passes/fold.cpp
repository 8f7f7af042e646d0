#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "core/graph/flat.hpp"
#include "core/opset/table.hpp"
#include "core/passes/passes.hpp"
#include "core/plan/clusters.hpp"
#include "core/plan/offer.hpp"

namespace halyard::core {
namespace {

constexpr uint64_t kInlineBytes = 256;  // larger ones become weights

using Bytes = std::vector<unsigned char>;

void make_constant(Graph& graph, ValueId v, uint32_t dtype, std::vector<int64_t> dims,
                   std::shared_ptr<const Bytes> bytes, const WeightAdder* add_weight) {
  ConstantData c;
  c.dtype = dtype;
  c.dims = dims;
  c.size = bytes->size();
  if (add_weight != nullptr && c.size > kInlineBytes)
    c.weight = (*add_weight)(std::move(bytes));
  else
    c.bytes = std::move(bytes);
  graph.constants.push_back(std::move(c));
  ValueData& value = graph.values[v];
  value.kind = HY_VALUE_CONSTANT;
  value.constant = static_cast<uint32_t>(graph.constants.size() - 1);
  value.type.dtype = dtype;
  std::vector<Dim> shape;
  for (int64_t d : dims) shape.push_back(Dim::fixed(d));
  value.type.shape = std::move(shape);
}

/// A node of which every output became a constant is dead; one of which some did would write a constant.
void drop_folded_nodes(Graph& graph) {
  std::vector<NodeData> kept;
  for (NodeData& node : graph.nodes) {
    bool computes = false;
    for (ValueId& v : node.outputs) {
      if (v != kNone && graph.values[v].kind == HY_VALUE_CONSTANT) v = kNone;
      computes = computes || v != kNone;
    }
    if (computes) kept.push_back(std::move(node));
  }
  graph.nodes = std::move(kept);
}

bool small_enough(const Graph& graph, const NodeData& node) {
  for (ValueId v : node.outputs) {
    if (v == kNone) continue;
    const TensorType& t = graph.values[v].type;
    const Dim count = element_count(t.shape);
    if (!count.is_fixed() || dtype_bits(t.dtype) == 0) return false;
    if (count.value() > kMaxFoldedBytes * 8 / dtype_bits(t.dtype)) return false;
  }
  return true;
}

/// Runs a cluster that has no inputs and makes its outputs constants.
Status run_and_replace(Graph& graph, const Cluster& cluster, Device& device, hy_weights& weights,
                       const WeightAdder& add_weight) {
  HY_ASSIGN_OR_RETURN(const auto flat, write_flat(cluster_graph(graph, cluster)));
  HY_ASSIGN_OR_RETURN(const auto executable, device.compile({flat.data(), flat.size()}, &weights));
  std::vector<std::vector<int64_t>> dims;
  std::vector<std::shared_ptr<Bytes>> buffers;
  std::vector<hy_binding> outputs;
  for (ValueId v : cluster.outputs) {
    const TensorType& t = graph.values[v].type;
    dims.push_back(*fixed_dims(t.shape));
    const auto count = static_cast<uint64_t>(element_count(t.shape).value());
    buffers.push_back(std::make_shared<Bytes>((count * dtype_bits(t.dtype) + 7) / 8));
  }
  for (size_t i = 0; i < cluster.outputs.size(); ++i) {
    hy_binding b = HY_INIT(hy_binding);
    b.dtype = graph.values[cluster.outputs[i]].type.dtype;
    b.rank = static_cast<uint32_t>(dims[i].size());
    b.dims = dims[i].data();
    b.data = buffers[i]->data();
    b.bytes = buffers[i]->size();
    outputs.push_back(b);
  }
  hy_run_args args = HY_INIT(hy_run_args);
  args.outputs = {outputs.data(), static_cast<uint32_t>(outputs.size()), sizeof(hy_binding)};
  hy_job job;
  HY_RETURN_IF_ERROR(executable->run(job, args));
  for (size_t i = 0; i < cluster.outputs.size(); ++i)
    make_constant(graph, cluster.outputs[i], outputs[i].dtype, dims[i], buffers[i], &add_weight);
  return {};
}

}  // namespace

void fold_known_ints(Graph& graph, const Inference& inference) {
  for (const NodeData& node : graph.nodes)
    for (ValueId v : node.outputs) {
      if (v == kNone || v >= inference.ints.size() || !inference.ints[v]) continue;
      const TensorType type = graph.values[v].type;
      const auto dims = fixed_dims(type.shape);
      const auto& content = *inference.ints[v];
      const auto fixed = [](const Dim& d) { return d.is_fixed(); };
      if (!dims || !std::all_of(content.begin(), content.end(), fixed)) continue;
      if (type.dtype != HY_DTYPE_I64 && type.dtype != HY_DTYPE_I32) continue;
      auto bytes = std::make_shared<Bytes>();
      for (const Dim& d : content) {
        const int64_t wide = d.value();
        const auto narrow = static_cast<int32_t>(wide);
        const void* from = type.dtype == HY_DTYPE_I64 ? static_cast<const void*>(&wide) : &narrow;
        const auto* b = static_cast<const unsigned char*>(from);
        bytes->insert(bytes->end(), b, b + (type.dtype == HY_DTYPE_I64 ? 8 : 4));
      }
      make_constant(graph, v, type.dtype, *dims, std::move(bytes), nullptr);
    }
  drop_folded_nodes(graph);
}

Status fold_constants(Graph& graph, const std::shared_ptr<Device>& device, hy_weights& weights,
                      const WeightAdder& add_weight, const Logger& logger) {
  if (!device->host_memory() || device->has_async()) return {};
  std::vector<bool> constant(graph.values.size());
  for (ValueId v = 0; v < constant.size(); ++v)
    constant[v] = graph.values[v].kind == HY_VALUE_CONSTANT;
  std::vector<bool> fold(graph.nodes.size());
  bool any = false;
  for (NodeId n = 0; n < graph.nodes.size(); ++n) {
    const NodeData& node = graph.nodes[n];
    const bool known = std::all_of(node.inputs.begin(), node.inputs.end(),
                                   [&](ValueId v) { return v == kNone || constant[v]; });
    if (!known || !small_enough(graph, node) || is_random(graph, node)) continue;
    fold[n] = any = true;
    for (ValueId v : node.outputs)
      if (v != kNone) constant[v] = true;
  }
  if (!any) return {};
  const auto verdicts = offer(graph, *device, &weights, logger);
  std::vector<uint32_t> device_of(graph.nodes.size());
  for (NodeId n = 0; n < graph.nodes.size(); ++n)
    device_of[n] = fold[n] && verdicts[n].supported ? 0 : 1;
  // A node behind one that is not folded is not constant after all.
  const auto producers = graph.producers();
  for (NodeId n = 0; n < graph.nodes.size(); ++n)
    for (ValueId v : graph.nodes[n].inputs)
      if (v != kNone && producers[v] != kNone && device_of[producers[v]] == 1) device_of[n] = 1;
  for (const Cluster& c :
       make_clusters(graph, device_of, std::vector<uint32_t>(graph.nodes.size(), 0))) {
    if (c.device != 0 || c.outputs.empty()) continue;
    const Status s = run_and_replace(graph, c, *device, weights, add_weight);
    if (!s.ok()) logger->debug("constant folding: {} nodes stay: {}", c.nodes.size(), s.message());
  }
  drop_folded_nodes(graph);
  return {};
}

}  // namespace halyard::core
