#include "core/plan/planner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/graph/flat.hpp"
#include "core/opset/table.hpp"
#include "core/plan/clusters.hpp"
#include "core/plan/core_nodes.hpp"
#include "core/plan/decision.hpp"
#include "core/plan/negotiation.hpp"
#include "core/plan/offer.hpp"
#include "core/plan/unplaced.hpp"

namespace halyard::core {
namespace {

/// One planning job. Its steps are the methods, in order.
class Planner {
 public:
  Planner(std::vector<std::shared_ptr<Device>> devices, const PlanOptions& options,
          hy_weights& weights, const ConstantReader& read, const Logger& logger)
      : options_(options),
        policy_(options.policy),
        weights_(weights),
        read_(read),
        logger_(logger),
        devices_(std::move(devices)),
        negotiation_(devices_, weights, read, logger, steps_) {}

  Result<Plan> make(Graph graph) {
    HY_RETURN_IF_ERROR(negotiate(std::move(graph)));
    // Each round that does not finish takes at least one node from one device, so the loop ends.
    for (;;) {
      HY_RETURN_IF_ERROR(decide_or_open());
      HY_RETURN_IF_ERROR(check_placed());
      clusters_ = make_clusters(state_.graph, decision_.device_of, decision_.proposal_of,
                                options_.max_cluster_nodes, decision_.cuts);
      bind_states(state_.graph, devices_, clusters_);
      HY_RETURN_IF_ERROR(plan_bodies());
      HY_ASSIGN_OR_RETURN(const bool done, confirm_and_compile());
      if (done) break;
    }
    if (options_.progress) options_.progress("done", 1);
    HY_RETURN_IF_ERROR(check_share());
    return finish();
  }

 private:
  void step(const char* what, std::string detail) { steps_.push_back({what, std::move(detail)}); }

  Status negotiate(Graph graph) {
    HY_ASSIGN_OR_RETURN(Negotiated whole, negotiation_.offer_all(std::move(graph)));
    note_offers(whole);
    HY_ASSIGN_OR_RETURN(state_, open_composites(std::move(whole)));
    pinned_ = find_pins(state_.graph, options_.path, devices_, policy_.pins);
    note_pins();
    return {};
  }

  /// Composites whose parts a preferred or faster device takes, where the whole is not to its taste.
  Result<Negotiated> open_composites(Negotiated whole) {
    const std::vector<NodeId> candidates = negotiation_.openable(whole);
    if (candidates.empty()) return whole;
    HY_ASSIGN_OR_RETURN(Negotiated opened, negotiation_.open(whole, candidates));
    const std::vector<NodeId> better =
        better_opened(whole, opened, devices_, policy_.by_priority, options_.measured);
    if (better.empty()) return whole;
    if (better.size() != candidates.size()) {
      HY_ASSIGN_OR_RETURN(opened, negotiation_.open(whole, better));
    }
    if (!policy_.by_priority && cost_of(opened) >= cost_of(whole)) return whole;
    for (const NodeId n : better)
      step("opened", fmt::format("{}: its parts are placed instead", whole.graph.nodes[n].label()));
    return opened;
  }

  double cost_of(const Negotiated& state) const {
    const auto pins = find_pins(state.graph, options_.path, devices_, policy_.pins);
    const Decision d =
        decide(state, devices_, policy_, pins, options_.measured, options_.max_cluster_nodes);
    return d.cost_us < 0 ? kRefusedCost : d.cost_us;
  }

  void note_offers(const Negotiated& whole) {
    for (uint32_t d = 0; d < devices_.size(); ++d) {
      const auto& list = whole.verdicts[d];
      step("offered", fmt::format("{}: takes {} of {} nodes", devices_[d]->provider().id(),
                                  std::count_if(list.begin(), list.end(),
                                                [](const Verdict& v) { return v.supported; }),
                                  list.size()));
    }
  }

  void note_pins() {
    for (NodeId n = 0; n < pinned_.size(); ++n) {
      if (pinned_[n] == kNone) continue;
      const std::string& id = devices_[pinned_[n]]->provider().id();
      const std::string& label = state_.graph.nodes[n].label();
      const Verdict& v = state_.verdicts[pinned_[n]][n];
      if (v.supported) {
        step("pinned", fmt::format("{}: to {}", label, id));
      } else {
        complain(fmt::format("{} is pinned to {}, which does not take it ({}: {})", label, id,
                             reason_name(v.reason),
                             verdict_detail(v, state_.graph.nodes[n], state_.graph)));
      }
    }
  }

  void complain(std::string words) {
    step("missed", words);
    if (std::find(complaints_.begin(), complaints_.end(), words) == complaints_.end())
      complaints_.push_back(std::move(words));
  }

  /// A composite that everybody lost in the meantime may go on as its parts.
  Status decide_or_open() {
    std::vector<NodeId> lost;
    for (NodeId n = 0; n < state_.graph.nodes.size(); ++n)
      if (!state_.taken(n)) lost.push_back(n);
    if (!lost.empty()) {
      const size_t before = state_.graph.nodes.size();
      HY_ASSIGN_OR_RETURN(Negotiated opened, negotiation_.open(state_, lost));
      if (opened.graph.nodes.size() != before) {
        state_ = std::move(opened);
        pinned_ = find_pins(state_.graph, options_.path, devices_, policy_.pins);
        bodies_.clear();  // the numbers of nodes have changed
        compiled_.clear();
      }
    }
    decision_ =
        decide(state_, devices_, policy_, pinned_, options_.measured, options_.max_cluster_nodes);
    if (!policy_.require.provider.empty() &&
        share_of(policy_.require.provider) < policy_.require.min_share) {
      give_to_required();
      decision_ =
          decide(state_, devices_, policy_, pinned_, options_.measured, options_.max_cluster_nodes);
    }
    step("placed",
         decision_.cost_us < 0
             ? std::string("not all nodes")
             : fmt::format("{}, estimated at {:.1f} {}",
                           policy_.by_priority ? "by priority" : "by cost", decision_.cost_us,
                           policy_.objective == Objective::kPower ? "uJ" : "us"));
    return {};
  }

  /// What is not pinned goes to the required provider, whatever that costs.
  void give_to_required() {
    for (NodeId n = 0; n < pinned_.size(); ++n)
      for (uint32_t d = 0; d < devices_.size() && pinned_[n] == kNone; ++d)
        if (devices_[d]->provider().id() == policy_.require.provider) pinned_[n] = d;
  }

  /// Plans the bodies of the nodes that the core runs, each once.
  Status plan_bodies() {
    for (Cluster& cluster : clusters_) {
      if (cluster.device != kCoreDevice) continue;
      const NodeId n = cluster.nodes.front();
      const NodeData& node = state_.graph.nodes[n];
      if (const auto it = bodies_.find(n); it != bodies_.end()) {
        cluster.bodies = it->second;
        continue;
      }
      for (const auto& [name, value] : node.attributes) {
        const auto* body = std::get_if<GraphAttr>(&value);
        if (body == nullptr) continue;
        PlanOptions inner = options_;
        inner.path += fmt::format("/{}:{}", node.name, name);
        auto plan = make_plan(state_.graph.bodies[body->subgraph], devices_, inner, weights_, read_,
                              logger_);
        if (!plan.ok())
          return plan.status().with_context(fmt::format("{}: {}", node.label(), name));
        cluster.bodies.push_back({name, std::make_shared<const Plan>(std::move(plan).value())});
      }
      bodies_[n] = cluster.bodies;
    }
    return {};
  }

  void ban(const Cluster& cluster, uint32_t reason, const std::string& words) {
    const std::string& id = devices_[cluster.device]->provider().id();
    for (const NodeId n : cluster.nodes) negotiation_.ban(state_, cluster.device, n, reason, words);
    step(reason == HY_REASON_COMPILE_FAILED ? "failed" : "refused",
         fmt::format("{}: a cluster of {} nodes: {}", id, cluster.nodes.size(), words));
    logger_->warn("provider {}: {} for a cluster of {} nodes; planning around it: {}", id,
                  reason_name(reason), cluster.nodes.size(), words);
  }

  /// The refusal of a cluster in words; empty: it is confirmed.
  std::string refusal(const Device& device, hy_bytes graph) const {
    const auto refusals = device.confirm(graph, &weights_);
    if (!refusals.ok()) return refusals.status().message();
    if (refusals->empty()) return {};
    const Verdict& first = refusals->front();
    std::string words = reason_name(first.reason);
    if (!first.got.empty()) words += ": " + first.got;
    if (!first.limit.empty()) words += "; " + first.limit + " is supported";
    return words;
  }

  /// Tells how far the compilation of a cluster is, as a part of all; and that it begins.
  CompileProgress progress_of(const Cluster& cluster) const {
    if (!options_.progress) return {};
    const auto index = static_cast<size_t>(&cluster - clusters_.data());
    std::string what = fmt::format("cluster {} of {} ({} nodes) for {}", index + 1,
                                   clusters_.size(), cluster.nodes.size(), runner(cluster.device));
    CompileProgress out = [this, index, what = std::move(what)](double done) {
      const double part = done > 0 ? std::min(done, 1.0) : 0;  // negative: it cannot say
      options_.progress(
          what, (static_cast<double>(index) + part) / static_cast<double>(clusters_.size()));
    };
    out(0);
    return out;
  }

  /// False: something was refused or failed, and is banned.
  Result<bool> confirm_and_compile() {
    bool done = true;
    for (Cluster& cluster : clusters_) {
      if (cluster.device == kCoreDevice) continue;
      const auto key = std::make_pair(cluster.device, cluster.nodes);
      if (const auto it = compiled_.find(key); it != compiled_.end()) {
        cluster.executable = it->second;
        continue;
      }
      Device& device = *devices_[cluster.device];
      HY_ASSIGN_OR_RETURN(const auto flat, write_flat(cluster_graph(state_.graph, cluster)));
      const hy_bytes bytes{flat.data(), flat.size()};
      if (const std::string words = refusal(device, bytes); !words.empty()) {
        ban(cluster, HY_REASON_CONFIRM_REFUSED, words);
        done = false;
        continue;
      }
      if (!options_.compile) {
        compiled_[key] = nullptr;
        continue;
      }
      const CompileProgress progress = progress_of(cluster);
      auto executable = options_.compile_with ? options_.compile_with(device, bytes, progress)
                                              : device.compile(bytes, &weights_, progress);
      // Of a compiled model that must fit: no plan around it would do.
      if (executable.status().code() == HY_ERROR_STALE) return executable.status();
      if (!executable.ok()) {
        if (policy_.fail_on_compile_error)
          return executable.status().with_context(
              fmt::format("provider {}: compiling a cluster of {} nodes (the configuration asks to "
                          "fail on such errors)",
                          device.provider().id(), cluster.nodes.size()));
        ban(cluster, HY_REASON_COMPILE_FAILED, executable.status().message());
        done = false;
        continue;
      }
      compiled_[key] = cluster.executable = std::move(executable).value();
    }
    return done;
  }

  /// Why a device that takes the node does not have it.
  Refusal loss_of(uint32_t d, NodeId n) const {
    const std::string& id = devices_[d]->provider().id();
    const uint32_t winner = decision_.device_of[n];
    if (pinned_[n] == winner && winner != kNone)
      return {id, HY_REASON_POLICY_DENIED, "the configuration gives the node to " + runner(winner)};
    if (!decision_.withdrawn[d][n].empty())
      return {id, decision_.withdrawn_why[d][n], decision_.withdrawn[d][n]};
    if (policy_.by_priority)
      return {id, HY_REASON_LOWER_PRIORITY, runner(winner) + " has a higher priority"};
    const double here = decision_.estimates[d][n].us;
    if (winner == kCoreDevice || winner == kNone) return {id, HY_REASON_COST, ""};
    const double there = decision_.estimates[winner][n].us;
    return {
        id, HY_REASON_COST,
        fmt::format("{:.3g} us here, {:.3g} us on {}{}", here, there, runner(winner),
                    here < there ? "; starting it and handing values over would cost more" : "")};
  }

  std::vector<Refusal> refusals_of(NodeId n) const {
    std::vector<Refusal> out;
    for (uint32_t d = 0; d < devices_.size(); ++d) {
      if (d == decision_.device_of[n]) continue;
      const Verdict& v = state_.verdicts[d][n];
      if (v.supported)
        out.push_back(loss_of(d, n));
      else
        out.push_back({devices_[d]->provider().id(), v.reason,
                       verdict_detail(v, state_.graph.nodes[n], state_.graph)});
    }
    out.insert(out.end(), options_.absent.begin(), options_.absent.end());
    return out;
  }

  const std::string& runner(uint32_t device) const {
    static const std::string core = kCoreName;
    return device == kCoreDevice ? core : devices_[device]->provider().id();
  }

  /// Of the nodes that providers run; 1 where there are none.
  double share_of(const std::string& provider) const {
    size_t all = 0, here = 0;
    for (const uint32_t d : decision_.device_of) {
      if (d == kCoreDevice) continue;
      ++all;
      here += d != kNone && devices_[d]->provider().id() == provider ? 1 : 0;
    }
    return all == 0 ? 1 : static_cast<double>(here) / static_cast<double>(all);
  }

  /// The nodes in the way: those that nobody takes; where a provider must have all, those it has not.
  Status check_placed() const {
    const Requirement& r = policy_.require;
    const bool all_there = r.provider.empty() || r.only_warn || r.min_share < 1;
    Unplaced out(state_.graph, devices_.empty(), all_there ? "" : r.provider);
    for (NodeId n = 0; n < state_.graph.nodes.size(); ++n) {
      const uint32_t d = decision_.device_of[n];
      const bool elsewhere = !all_there && d != kNone && d != kCoreDevice &&
                             devices_[d]->provider().id() != r.provider;
      // Without a placement nobody has a node; at fault are those that nobody takes.
      if (d == kNone ? !state_.taken(n) : elsewhere) out.add(n, refusals_of(n), d != kNone);
    }
    return out.status();
  }

  Status check_share() {
    const Requirement& r = policy_.require;
    if (r.provider.empty()) return {};
    const double share = share_of(r.provider);
    if (share >= r.min_share) return {};
    const std::string words =
        fmt::format("provider {} has {:.0f} % of the nodes; {:.0f} % at least is required",
                    r.provider, 100 * share, 100 * r.min_share);
    if (r.only_warn) {
      complain(words);
      return {};
    }
    Unplaced out(state_.graph, false, r.provider);
    for (NodeId n = 0; n < state_.graph.nodes.size(); ++n)
      if (const uint32_t d = decision_.device_of[n];
          d != kCoreDevice && devices_[d]->provider().id() != r.provider)
        out.add(n, refusals_of(n), true);
    return out.status().with_context(words);
  }

  Plan finish() {
    Plan plan;
    plan.graph = std::move(state_.graph);
    plan.devices = devices_;
    plan.clusters = std::move(clusters_);
    plan.by_priority = policy_.by_priority;
    plan.estimate = {decision_.cost_us, decision_.single_cost_us, decision_.single_device};
    if (!decision_.within_limits)
      complain("the limits of clusters or memory that the configuration sets cannot be kept");
    place_nodes(plan);
    add_edges(plan);
    step("compiled", fmt::format("{} clusters", plan.clusters.size()));
    plan.steps = std::move(steps_);
    plan.complaints = std::move(complaints_);
    return plan;
  }

  void place_nodes(Plan& plan) {
    plan.nodes.resize(plan.graph.nodes.size());
    for (uint32_t c = 0; c < plan.clusters.size(); ++c)
      for (const NodeId n : plan.clusters[c].nodes) plan.nodes[n].cluster = c;
    state_.graph = plan.graph;  // refusals name its values
    for (NodeId n = 0; n < plan.nodes.size(); ++n) {
      const uint32_t d = decision_.device_of[n];
      plan.nodes[n].device = d;
      if (d != kCoreDevice) {
        plan.nodes[n].est_us = decision_.estimates[d][n].us;
        plan.nodes[n].est_source = decision_.estimates[d][n].source;
      }
      plan.nodes[n].refused_by = refusals_of(n);
    }
    for (Cluster& c : plan.clusters) {
      if (c.device == kCoreDevice) continue;
      c.est_us = figures_of(devices_[c.device]->info()).launch_us;
      for (const NodeId n : c.nodes) c.est_us += plan.nodes[n].est_us;
    }
  }

  static void add_edges(Plan& plan) {
    std::vector<uint32_t> made_by(plan.graph.values.size(), kNone);
    for (uint32_t c = 0; c < plan.clusters.size(); ++c)
      for (const ValueId v : plan.clusters[c].outputs) made_by[v] = c;
    const auto host_memory = [&](uint32_t d) {
      return d == kCoreDevice || plan.devices[d]->host_memory();
    };
    for (uint32_t c = 0; c < plan.clusters.size(); ++c)
      for (const ValueId v : plan.clusters[c].inputs) {
        const uint32_t from = made_by[v];
        if (from == kNone) continue;
        const uint32_t a = plan.clusters[from].device, b = plan.clusters[c].device;
        const TensorType& t = plan.graph.values[v].type;
        const Dim count = element_count(t.shape);
        Edge e{from, c, v, -1, a != b && !(host_memory(a) && host_memory(b))};
        if (count.is_fixed() && t.is_tensor())
          e.bytes = (count.value() * dtype_bits(t.dtype) + 7) / 8;
        plan.edges.push_back(e);
      }
  }

  const PlanOptions& options_;
  const Policy& policy_;
  hy_weights& weights_;
  const ConstantReader& read_;
  const Logger& logger_;
  std::vector<std::shared_ptr<Device>> devices_;
  std::vector<PlanStep> steps_;
  std::vector<std::string> complaints_;
  Negotiation negotiation_;
  Negotiated state_;
  std::vector<uint32_t> pinned_;  // by node: a device, or kNone
  Decision decision_;
  std::vector<Cluster> clusters_;
  std::map<std::pair<uint32_t, std::vector<NodeId>>, std::shared_ptr<Executable>> compiled_;
  std::map<NodeId, std::vector<BodyPlan>> bodies_;
};

}  // namespace

Result<Plan> make_plan(Graph graph, std::vector<std::shared_ptr<Device>> devices,
                       const PlanOptions& options, hy_weights& weights, const ConstantReader& read,
                       const Logger& logger) {
  return Planner(std::move(devices), options, weights, read, logger).make(std::move(graph));
}

}  // namespace halyard::core
