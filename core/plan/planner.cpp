#include "core/plan/planner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/graph/flat.hpp"
#include "core/opset/table.hpp"
#include "core/plan/clusters.hpp"
#include "core/plan/core_nodes.hpp"
#include "core/plan/offer.hpp"

namespace halyard::core {
namespace {

constexpr int kMaxDecompositionRounds = 8;
constexpr size_t kMaxNodesInMessage = 10;

/// One planning job. Its steps are the methods, in order.
class Planner {
 public:
  Planner(std::vector<std::shared_ptr<Device>> devices, const PlanOptions& options,
          hy_weights& weights, const ConstantReader& read, const Logger& logger)
      : options_(options), weights_(weights), read_(read), logger_(logger) {
    plan_.devices = std::move(devices);
  }

  Result<Plan> make(Graph graph) {
    plan_.graph = std::move(graph);
    HY_RETURN_IF_ERROR(negotiate());
    // Each round that does not finish takes at least one node from one device, so the loop ends.
    for (;;) {
      decide();
      HY_RETURN_IF_ERROR(check_placed());
      plan_.clusters =
          make_clusters(plan_.graph, device_of_, proposal_of_, options_.max_cluster_nodes);
      HY_RETURN_IF_ERROR(plan_bodies());
      HY_ASSIGN_OR_RETURN(const bool done, confirm_and_compile());
      if (done) break;
    }
    finish();
    return std::move(plan_);
  }

 private:
  /// Offers the graph; replaces composites that nobody takes by their parts, and offers again.
  Status negotiate() {
    for (int round = 0;; ++round) {
      verdicts_.clear();
      for (const auto& d : plan_.devices)
        verdicts_.push_back(offer(plan_.graph, *d, &weights_, logger_));
      if (round == kMaxDecompositionRounds) return {};
      HY_ASSIGN_OR_RETURN(const bool changed, decompose());
      if (!changed) return {};
      HY_RETURN_IF_ERROR(infer_graph(plan_.graph, read_).status());
    }
  }

  Result<bool> decompose() {
    std::vector<NodeData> nodes;
    bool changed = false;
    for (NodeId n = 0; n < plan_.graph.nodes.size(); ++n) {
      NodeData node = plan_.graph.nodes[n];
      const bool taken = runs_in_core(plan_.graph, node) ||
                         std::any_of(verdicts_.begin(), verdicts_.end(),
                                     [&](const auto& list) { return list[n].supported; });
      const OperatorImpl* impl = taken ? nullptr : find_operator_impl(node.domain, node.op);
      std::vector<NodeData> parts;
      if (impl != nullptr && impl->decompose != nullptr &&
          impl->decompose(plan_.graph, node, parts).ok()) {
        for (NodeData& part : parts) nodes.push_back(std::move(part));
        changed = true;
      } else {
        nodes.push_back(std::move(node));
      }
    }
    plan_.graph.nodes = std::move(nodes);
    return changed;
  }

  /// Strict priority: the first device that supports the node and was not banned from it.
  void decide() {
    const size_t count = plan_.graph.nodes.size();
    device_of_.assign(count, kNone);
    proposal_of_.assign(count, HY_CLUSTER_ANY);
    for (NodeId n = 0; n < count; ++n)
      for (uint32_t d = 0; d < plan_.devices.size() && device_of_[n] == kNone; ++d)
        if (verdicts_[d][n].supported) {
          device_of_[n] = d;
          proposal_of_[n] = verdicts_[d][n].cluster;
        }
    for (NodeId n = 0; n < count; ++n)
      if (device_of_[n] == kNone && runs_in_core(plan_.graph, plan_.graph.nodes[n])) {
        device_of_[n] = kCoreDevice;
        proposal_of_[n] = n;  // each for itself
      }
  }

  /// Plans the bodies of the nodes that the core runs, each once.
  Status plan_bodies() {
    for (Cluster& cluster : plan_.clusters) {
      if (cluster.device != kCoreDevice) continue;
      const NodeId n = cluster.nodes.front();
      const NodeData& node = plan_.graph.nodes[n];
      if (const auto it = bodies_.find(n); it != bodies_.end()) {
        cluster.bodies = it->second;
        continue;
      }
      for (const auto& [name, value] : node.attributes) {
        const auto* body = std::get_if<GraphAttr>(&value);
        if (body == nullptr) continue;
        auto plan = make_plan(plan_.graph.bodies[body->subgraph], plan_.devices, options_, weights_,
                              read_, logger_);
        if (!plan.ok())
          return plan.status().with_context(fmt::format("{}: {}", node.label(), name));
        cluster.bodies.push_back({name, std::make_shared<const Plan>(std::move(plan).value())});
      }
      bodies_[n] = cluster.bodies;
    }
    return {};
  }

  void ban(const Cluster& cluster, uint32_t reason, const std::string& words) {
    for (NodeId n : cluster.nodes) {
      Verdict& v = verdicts_[cluster.device][n];
      v.supported = false;
      v.reason = reason;
      v.operand = HY_OPERAND_NONE;
      v.got = words;
      v.limit.clear();
    }
    logger_->warn("provider {}: {} for a cluster of {} nodes; planning around it: {}",
                  plan_.devices[cluster.device]->provider().id(), reason_name(reason),
                  cluster.nodes.size(), words);
  }

  /// False: something was refused or failed, and is banned.
  Result<bool> confirm_and_compile() {
    bool done = true;
    for (Cluster& cluster : plan_.clusters) {
      if (cluster.device == kCoreDevice) continue;
      Device& device = *plan_.devices[cluster.device];
      const auto key = std::make_pair(cluster.device, cluster.nodes);
      if (const auto it = compiled_.find(key); it != compiled_.end()) {
        cluster.executable = it->second;
        continue;
      }
      HY_ASSIGN_OR_RETURN(const auto flat, write_flat(cluster_graph(plan_.graph, cluster)));
      const hy_bytes bytes{flat.data(), flat.size()};
      const auto refusals = device.confirm(bytes, &weights_);
      if (!refusals.ok() || !refusals->empty()) {
        std::string words = refusals.ok() ? "" : refusals.status().message();
        if (refusals.ok()) {
          const Verdict& first = refusals->front();
          words = reason_name(first.reason);
          if (!first.got.empty()) words += ": " + first.got;
          if (!first.limit.empty()) words += "; " + first.limit + " is supported";
        }
        ban(cluster, HY_REASON_CONFIRM_REFUSED, words);
        done = false;
        continue;
      }
      if (!options_.compile) {
        compiled_[key] = nullptr;
        continue;
      }
      auto executable = device.compile(bytes, &weights_);
      if (!executable.ok()) {
        ban(cluster, HY_REASON_COMPILE_FAILED, executable.status().message());
        done = false;
        continue;
      }
      compiled_[key] = cluster.executable = std::move(executable).value();
    }
    return done;
  }

  std::vector<Refusal> refusals_of(NodeId n) const {
    std::vector<Refusal> out;
    for (uint32_t d = 0; d < plan_.devices.size(); ++d) {
      if (d == device_of_[n]) continue;
      const std::string& id = plan_.devices[d]->provider().id();
      const Verdict& v = verdicts_[d][n];
      if (v.supported)
        out.push_back({id, HY_REASON_LOWER_PRIORITY,
                       fmt::format("{} has a higher priority", plan_.runner(device_of_[n]))});
      else
        out.push_back({id, v.reason, verdict_detail(v, plan_.graph.nodes[n], plan_.graph)});
    }
    out.insert(out.end(), options_.absent.begin(), options_.absent.end());
    return out;
  }

  Status check_placed() const {
    std::string words;
    size_t count = 0;
    bool unknown =
        false;  // an operator that no provider could know: the model is at fault, not the machine
    for (NodeId n = 0; n < plan_.graph.nodes.size(); ++n) {
      const bool wrong = device_of_[n] != kNone && device_of_[n] != kCoreDevice &&
                         !options_.require.empty() &&
                         plan_.devices[device_of_[n]]->provider().id() != options_.require;
      if (device_of_[n] != kNone && !wrong) continue;
      const NodeData& node = plan_.graph.nodes[n];
      unknown = unknown || (!wrong && find_operator_impl(node.domain, node.op) == nullptr);
      if (++count > kMaxNodesInMessage) continue;
      words += fmt::format(
          "\n  {}{}", node.label(),
          find_operator_impl(node.domain, node.op) == nullptr
              ? fmt::format(": operator {} of {} is not in the operator set", node.op,
                            node.domain.empty() ? "the default domain" : "domain " + node.domain)
              : std::string());
      for (const Refusal& r : refusals_of(n))
        if (options_.require.empty() || r.provider == options_.require)
          words += fmt::format("\n    {}: {}{}{}", r.provider, reason_name(r.reason),
                               r.detail.empty() ? "" : ": ", r.detail);
    }
    if (count == 0) return {};
    if (count > kMaxNodesInMessage)
      words += fmt::format("\n  and {} more", count - kMaxNodesInMessage);
    const std::string who =
        plan_.devices.empty()      ? "there is no usable provider (see `halyard plugins`)"
        : options_.require.empty() ? "no provider takes"
                                   : "the required provider " + options_.require + " does not take";
    return Status(unknown ? HY_ERROR_INVALID_MODEL : HY_ERROR_UNPLACED,
                  fmt::format("{} {} of {} nodes:{}", who, count, plan_.graph.nodes.size(), words));
  }

  void finish() {
    plan_.nodes.resize(plan_.graph.nodes.size());
    std::vector<uint32_t> cluster_of_value(plan_.graph.values.size(), kNone);
    for (uint32_t c = 0; c < plan_.clusters.size(); ++c) {
      for (NodeId n : plan_.clusters[c].nodes) plan_.nodes[n].cluster = c;
      for (ValueId v : plan_.clusters[c].outputs) cluster_of_value[v] = c;
    }
    for (NodeId n = 0; n < plan_.nodes.size(); ++n) {
      plan_.nodes[n].device = device_of_[n];
      if (device_of_[n] != kCoreDevice) plan_.nodes[n].est_us = verdicts_[device_of_[n]][n].est_us;
      plan_.nodes[n].refused_by = refusals_of(n);
    }
    for (uint32_t c = 0; c < plan_.clusters.size(); ++c)
      for (ValueId v : plan_.clusters[c].inputs)
        if (const uint32_t from = cluster_of_value[v]; from != kNone) {
          const uint32_t a = plan_.clusters[from].device, b = plan_.clusters[c].device;
          const auto host_memory = [&](uint32_t d) {
            return d == kCoreDevice || plan_.devices[d]->host_memory();
          };
          const TensorType& t = plan_.graph.values[v].type;
          const Dim count = element_count(t.shape);
          Edge e{from, c, v, -1, a != b && !(host_memory(a) && host_memory(b))};
          if (count.is_fixed() && t.is_tensor())
            e.bytes = (count.value() * dtype_bits(t.dtype) + 7) / 8;
          plan_.edges.push_back(e);
        }
  }

  const PlanOptions& options_;
  hy_weights& weights_;
  const ConstantReader& read_;
  const Logger& logger_;
  Plan plan_;
  std::vector<std::vector<Verdict>> verdicts_;  // by device, then node
  std::vector<uint32_t> device_of_, proposal_of_;
  std::map<std::pair<uint32_t, std::vector<NodeId>>, std::shared_ptr<Executable>> compiled_;
  std::map<NodeId, std::vector<BodyPlan>> bodies_;
};

}  // namespace

Result<Plan> make_plan(Graph graph, std::vector<std::shared_ptr<Device>> devices,
                       const PlanOptions& options, hy_weights& weights, const ConstantReader& read,
                       const Logger& logger) {
  return Planner(std::move(devices), options, weights, read, logger).make(std::move(graph));
}

std::string plan_summary(const Plan& plan) {
  std::map<uint32_t, std::pair<size_t, size_t>> per_device;  // nodes, clusters
  for (const NodePlacement& n : plan.nodes) ++per_device[n.device].first;
  for (const Cluster& c : plan.clusters) ++per_device[c.device].second;
  std::string out;
  std::vector<uint32_t> devices;
  for (uint32_t d = 0; d < plan.devices.size(); ++d) devices.push_back(d);
  if (per_device.contains(kCoreDevice)) devices.push_back(kCoreDevice);
  for (uint32_t d : devices) {
    const auto [nodes, clusters] = per_device[d];
    out += fmt::format("{}{} {}/{} nodes ({} cluster{})", out.empty() ? "" : ", ", plan.runner(d),
                       nodes, plan.nodes.size(), clusters, clusters == 1 ? "" : "s");
  }
  // What a preferred provider lost, by reason.
  std::map<std::pair<std::string, uint32_t>, size_t> lost;
  for (const NodePlacement& n : plan.nodes)
    for (const Refusal& r : n.refused_by)
      if (n.device != kCoreDevice && r.reason != HY_REASON_LOWER_PRIORITY &&
          r.reason != HY_REASON_POLICY_DENIED)
        ++lost[{r.provider, r.reason}];
  std::string why;
  for (const auto& [key, count] : lost)
    why += fmt::format("{}{} {} on {}", why.empty() ? "" : ", ", count, reason_name(key.second),
                       key.first);
  if (!why.empty()) out += "; refused: " + why;
  size_t copies = 0;
  int64_t bytes = 0;
  for (const Edge& e : plan.edges)
    if (e.copied) {
      ++copies;
      bytes += std::max<int64_t>(e.bytes, 0);
    }
  if (copies != 0) out += fmt::format("; {} copies, {} bytes a run", copies, bytes);
  return plan.nodes.empty() ? "no nodes: everything was computed at load" : out;
}

bool preferred_lost_nodes(const Plan& plan) {
  for (const NodePlacement& n : plan.nodes)
    if (n.device != 0 && n.device != kCoreDevice) return true;
  return false;
}

}  // namespace halyard::core
