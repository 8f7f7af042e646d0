#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/cache/compiled_model.hpp"
#include "core/runtime/cluster_walk.hpp"
#include "core/runtime/session.hpp"

namespace halyard::core {
namespace {

/// The weights that a graph and its bodies refer to.
void find_weights(const Graph& graph, std::set<uint64_t>* ids) {
  for (const ConstantData& c : graph.constants)
    if (c.bytes == nullptr) ids->insert(c.weight);
  for (const Graph& body : graph.bodies) find_weights(body, ids);
}

}  // namespace

/// Adds the artefact of each cluster of the plan whose provider saves executables.
Status Session::add_artifacts(const Plan& plan, CompiledParts* parts) const {
  const Logger& logger = model_->registry()->host()->logger();
  return for_each_cluster(
      plan, [&](const Cluster& cluster, Device& device, hy_bytes flat) -> Status {
        if (!device.has_artifacts() || cluster.executable == nullptr) return {};
        HY_ASSIGN_OR_RETURN(CacheKey key, compile_cache_->key(device, flat));
        for (const auto& a : parts->artifacts)
          if (a.key == key) return {};
        auto bytes = cluster.executable->save();
        if (!bytes.ok()) {
          logger->warn("{}: a cluster of {} nodes will be compiled at each load: {}",
                       model_->path(), cluster.nodes.size(), bytes.status().message());
          return {};
        }
        parts->artifacts.push_back({std::move(key),
                                    fmt::format("{{\"nodes\":{}}}", cluster.nodes.size()),
                                    std::move(*bytes)});
        return {};
      });
}

Status Session::save(const std::string& path, const std::string& plan_json) const {
  if (options_.plan_only)
    return invalid_argument("the session was made to plan only; it has nothing compiled to save");
  CompiledParts parts;
  parts.origin = model_->compiled() != nullptr ? model_->compiled()->origin() : model_->path();
  parts.model = &model_->source();
  parts.plan = plan_json;
  parts.options.function = options_.function;
  parts.options.shapes = options_.shapes;
  parts.options.settings = options_.stated;
  parts.options.max_cluster_nodes = options_.max_cluster_nodes;
  std::set<uint64_t> ids;
  for (const Model::Function& f : model_->functions()) find_weights(f.graph, &ids);
  parts.weights.assign(ids.begin(), ids.end());
  HY_RETURN_IF_ERROR(add_artifacts(plan(), &parts));
  std::vector<std::shared_ptr<Program>> specialised;
  {
    const std::scoped_lock lock(mutex_);
    for (const Specialised& s : specialised_) specialised.push_back(s.program);
  }
  for (const auto& program : specialised)
    HY_RETURN_IF_ERROR(add_artifacts(program->plan(), &parts));
  return write_compiled_model(path, parts);
}

/// What the model was compiled with holds where nothing else is asked for. Of the settings the caller has seen to it.
void Session::adopt_compiled_options() {
  if (model_->compiled() == nullptr) return;
  const CompiledOptions& from = model_->compiled()->options();
  if (options_.function.empty()) options_.function = from.function;
  if (options_.shapes.empty()) options_.shapes = from.shapes;
  if (options_.max_cluster_nodes == 0) options_.max_cluster_nodes = from.max_cluster_nodes;
}

/// STALE where a provider that the model was compiled for is not used: then its part would be compiled.
Status Session::check_compiled_for() const {
  if (model_->compiled() == nullptr) return {};
  for (const CacheKey& key : model_->compiled()->keys()) {
    const std::string* provider = key.find("provider");
    const bool here = provider == nullptr ||
                      std::any_of(devices_.begin(), devices_.end(),
                                  [&](const auto& d) { return d->provider().id() == *provider; });
    if (here) continue;
    std::string why;
    for (const Refusal& r : absent_)
      if (r.provider == *provider) why = fmt::format(" ({}: {})", reason_name(r.reason), r.detail);
    return Status(
        HY_ERROR_STALE,
        fmt::format("{}: it was compiled for provider {}, which is not used here{}; compile it "
                    "again, or allow that it is compiled when it is loaded",
                    model_->path(), *provider, why));
  }
  return {};
}

}  // namespace halyard::core
