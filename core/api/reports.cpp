#include "core/api/reports.hpp"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "core/plan/estimates.hpp"
#include "core/plan/summary.hpp"
#include "halyard/device_type.hpp"
#include "halyard/opset.hpp"

namespace halyard::core {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

/// Names of a model may hold any bytes; what is not UTF-8 is replaced.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json port_json(const Graph& graph, ValueId v) {
  const ValueData& value = graph.values[v];
  Json dims = Json::array();
  const auto names = graph.symbol_names();
  if (value.type.shape)
    for (const Dim& d : *value.type.shape)
      d.is_fixed() ? dims.push_back(d.value()) : dims.push_back(d.text(names));
  Json out{{"name", value.name}, {"type", dtype_name(value.type.dtype)}};
  out["dims"] = value.type.shape ? dims : Json();
  return out;
}

Json isolation_json(const Isolation& isolation) {
  const IsolationOptions& o = isolation.options();
  return {
      {"mode", isolation_name(o.mode)},
      {"helper", isolation.has_helper() ? Json(o.helper.string()) : Json()},
      {"state", o.state.empty() ? Json() : Json(o.state.string())},
      {"detail", isolation.has_helper() || o.mode == IsolationMode::kOff
                     ? ""
                     : fmt::format("{} is not there: plugins are opened in this process, untried",
                                   o.helper.empty() ? "halyard-worker" : o.helper.string())}};
}

Json time_json(double us) { return us < 0 ? Json() : Json(us); }

}  // namespace

std::string plugins_report(Registry& registry) {
  Json list = Json::array();
  for (const PluginRecord& r : registry.records()) {
    const char* kind = r.manifest.kind == HY_PLUGIN_PROVIDER ? "provider"
                       : r.manifest.kind == HY_PLUGIN_FORMAT ? "format"
                                                             : "unknown";
    const char* state = r.quarantined            ? "quarantined"
                        : r.rejection.rejected() ? "rejected"
                        : r.loaded               ? "loaded"
                                                 : "available";
    const std::string hint =
        r.quarantined ? fmt::format(
                            "; it stays away until its file changes, or `halyard plugins "
                            "--release {}`",
                            r.manifest.id)
                      : std::string();
    list.push_back(
        {{"id", r.manifest.id},
         {"kind", kind},
         {"path", (r.manifest.library.empty() ? r.manifest.file : r.manifest.library).string()},
         {"version", r.manifest.version},
         {"state", state},
         {"reason", r.rejection.reason},
         {"detail", r.rejection.detail + hint}});
    if (registry.isolation() != nullptr && r.manifest.kind == HY_PLUGIN_PROVIDER)
      list.back()["isolation"] =
          r.in_worker ? "worker"
                      : isolation_name(registry.isolation()->effective_mode(r.manifest.id));
  }
  Json out{{"schema", kSchema}, {"plugins", list}};
  if (registry.isolation() != nullptr) out["isolation"] = isolation_json(*registry.isolation());
  return dump(out);
}

std::string devices_report(Registry& registry) {
  Json list = Json::array(), rejected = Json::array();
  for (const auto& p : registry.providers())
    for (const DeviceInfo& d : p->devices()) {
      if (!d.usable()) continue;
      Json properties = Json::object();
      if (!d.driver.empty()) properties["driver"] = d.driver;
      for (const auto& [key, value] : d.properties) properties[key] = value;
      list.push_back({{"provider", p->id()},
                      {"index", d.index},
                      {"name", d.name},
                      {"type", device_type_name(d.type)},
                      {"software", (d.flags & HY_DEVICE_SOFTWARE) != 0},
                      {"resource_group", d.resource_group},
                      {"memory_bytes", d.memory_bytes},
                      {"properties", properties}});
    }
  for (const RejectedDevice& r : registry.rejected_devices())
    rejected.push_back({{"provider", r.provider}, {"reason", r.reason}, {"detail", r.detail}});
  for (const PluginRecord& r : registry.records())
    if (r.rejection.rejected() && r.manifest.kind == HY_PLUGIN_PROVIDER)
      rejected.push_back({{"provider", r.manifest.id},
                          {"reason", r.rejection.reason},
                          {"detail", r.rejection.detail}});
  return dump(Json{{"schema", kSchema}, {"devices", list}, {"rejected", rejected}});
}

std::string model_report(const Model& model) {
  Json functions = Json::array();
  std::map<std::string, size_t> operators;
  uint64_t parameters = 0, weight_bytes = 0;
  for (const Model::Function& f : model.functions()) {
    Json inputs = Json::array(), outputs = Json::array();
    for (size_t i = 0; i < f.graph.plain_inputs(); ++i)
      inputs.push_back(port_json(f.graph, f.graph.inputs[i]));
    for (size_t i = 0; i < f.graph.plain_outputs(); ++i)
      outputs.push_back(port_json(f.graph, f.graph.outputs[i]));
    Json states = Json::array();
    for (const StateData& s : f.graph.states) {
      states.push_back({{"name", s.name}, {"type", dtype_name(s.dtype)}, {"dims", s.dims}});
      if (s.growth_axis != kNone) states.back()["growth_axis"] = s.growth_axis;
    }
    functions.push_back(
        {{"name", f.name}, {"inputs", inputs}, {"outputs", outputs}, {"states", states}});
    for (const NodeData& n : f.graph.nodes)
      ++operators[n.domain.empty() ? n.op : n.domain + ":" + n.op];
    for (const ConstantData& c : f.graph.constants) {
      uint64_t count = 1;
      for (int64_t d : c.dims) count *= static_cast<uint64_t>(d);
      parameters += count;
      weight_bytes += c.size;
    }
  }
  Json counts = Json::object();
  for (const auto& [op, n] : operators) counts[op] = n;
  Json metadata = Json::object();
  for (const auto& [key, value] : model.source().metadata()) metadata[key] = value;
  return dump(Json{{"schema", kSchema},
                   {"model", model.path()},
                   {"format", model.source().format_id()},
                   {"functions", functions},
                   {"operators", counts},
                   {"parameters", parameters},
                   {"weight_bytes", weight_bytes},
                   {"metadata", metadata}});
}

namespace {

/// Empty for one that the node does not give.
Json value_names(const Graph& graph, const std::vector<ValueId>& values) {
  Json out = Json::array();
  for (const ValueId v : values) out.push_back(v == kNone ? "" : graph.values[v].name);
  return out;
}

/// The plan's cost and that of the best single device, in the unit of the objective.
Json estimate_json(const Plan& plan) {
  const PlanEstimate& e = plan.estimate;
  const Json single = e.single_device == kNone ? Json()
                                               : Json{{"provider", plan.runner(e.single_device)},
                                                      {"cost", time_json(e.single_cost)}};
  return {{"cost", time_json(e.cost)}, {"best_single", single}};
}

Json obstacles_json(const Plan& plan) {
  Json out = Json::array();
  for (const Obstacle& o : obstacles(plan))
    out.push_back({{"provider", plan.devices[0]->provider().id()},
                   {"reason", reason_name(o.reason)},
                   {"op", o.op},
                   {"detail", o.detail},
                   {"count", o.nodes.size()},
                   {"nodes", o.nodes},
                   {"est_us", o.est_us}});
  return out;
}

Json steps_json(const Plan& plan) {
  Json out = Json::array();
  for (const PlanStep& s : plan.steps) out.push_back({{"what", s.what}, {"detail", s.detail}});
  return out;
}

/// A plan and, in it, those of the bodies of its nodes.
Json plan_json(const Plan& plan) {
  const auto provider = [&](uint32_t device) { return plan.runner(device); };
  Json per_provider = Json::object();
  std::vector<uint32_t> devices;
  for (uint32_t d = 0; d < plan.devices.size(); ++d) devices.push_back(d);
  for (const NodePlacement& n : plan.nodes)
    if (n.device == kCoreDevice && devices.size() == plan.devices.size())
      devices.push_back(kCoreDevice);
  for (uint32_t d : devices) {
    size_t nodes = 0;
    double us = 0;
    bool known = true;
    for (const NodePlacement& n : plan.nodes) {
      if (n.device != d) continue;
      ++nodes;
      known = known && n.est_us >= 0;
      us += n.est_us;
    }
    per_provider[provider(d)] = {{"nodes", nodes}, {"est_us", known ? Json(us) : Json()}};
  }
  Json nodes = Json::array();
  for (NodeId i = 0; i < plan.nodes.size(); ++i) {
    const NodePlacement& p = plan.nodes[i];
    const NodeData& n = plan.graph.nodes[i];
    Json refused = Json::array();
    for (const Refusal& r : p.refused_by)
      refused.push_back(
          {{"provider", r.provider}, {"reason", reason_name(r.reason)}, {"detail", r.detail}});
    nodes.push_back(
        {{"index", i},
         {"name", n.name},
         {"op", n.domain.empty() ? n.op : n.domain + ":" + n.op},
         {"outputs", value_names(plan.graph, n.outputs)},
         {"provider", provider(p.device)},
         {"cluster", p.cluster},
         {"est_us", time_json(p.est_us)},
         {"est_source", p.est_us < 0 ? Json() : Json(estimate_source_name(p.est_source))},
         {"refused_by", refused},
         {"origin", n.origins}});
  }
  Json clusters = Json::array();
  for (uint32_t c = 0; c < plan.clusters.size(); ++c)
    clusters.push_back({{"id", c},
                        {"provider", provider(plan.clusters[c].device)},
                        {"device", plan.clusters[c].device == kCoreDevice
                                       ? kCoreName
                                       : plan.devices[plan.clusters[c].device]->info().name},
                        {"est_us", time_json(plan.clusters[c].est_us)},
                        {"nodes", plan.clusters[c].nodes}});
  Json edges = Json::array();
  size_t copies = 0;
  int64_t copy_bytes = 0;
  for (const Edge& e : plan.edges) {
    edges.push_back({{"from", e.from},
                     {"to", e.to},
                     {"bytes", e.bytes < 0 ? Json() : Json(e.bytes)},
                     {"mode", e.copied ? "copy" : "native"}});
    copies += e.copied ? 1 : 0;
    copy_bytes += e.copied && e.bytes > 0 ? e.bytes : 0;
  }
  const Json summary{
      {"nodes", plan.nodes.size()},      {"clusters", plan.clusters.size()},
      {"per_provider", per_provider},    {"copies", copies},
      {"copy_bytes", copy_bytes},        {"placement", plan.by_priority ? "priority" : "cost"},
      {"estimate", estimate_json(plan)}, {"complaints", plan.complaints}};
  Json out{{"summary", summary},
           {"nodes", nodes},
           {"clusters", clusters},
           {"edges", edges},
           {"obstacles", obstacles_json(plan)},
           {"steps", steps_json(plan)}};
  for (const Cluster& c : plan.clusters)
    for (const BodyPlan& body : c.bodies) {
      Json one{{"node", c.nodes.front()}, {"body", body.name}};
      one.update(plan_json(*body.plan));
      out["bodies"].push_back(std::move(one));
    }
  return out;
}

}  // namespace

std::string plan_report(const std::string& model, const Plan& plan) {
  Json out{{"schema", kSchema}, {"model", model}};
  out.update(plan_json(plan));
  return dump(out);
}

}  // namespace halyard::core
