#include <fmt/format.h>

#include <cstring>

#include "core/api/error.hpp"
#include "core/api/objects.hpp"
#include "core/api/reports.hpp"
#include "core/config/report.hpp"
#include "core/plan/summary.hpp"
#include "core/plugin/host.hpp"
#include "halyard/halyard.h"

using namespace halyard;
using namespace halyard::core;

namespace {

/// The configuration; below it what a compiled model was compiled with, as far as this version knows it.
config::Config configuration_of(const hy_model& model, const hy_config* given) {
  const config::Config own = given != nullptr ? given->config : model.config;
  const auto& compiled = model.model->compiled();
  if (compiled == nullptr) return own;
  config::Config out = own;
  for (const auto& [key, text] : compiled->options().settings)
    out.set(key, text, compiled->name(), config::Layer::kModel);
  const Status wrong = out.status();
  if (wrong.ok() || !own.status().ok()) return out;
  model.model->registry()->host()->logger()->warn("{}: what it was compiled with is left aside: {}",
                                                  compiled->name(), wrong.message());
  return own;
}

/// That, and above it what the caller's options say.
Result<config::Config> config_of(const hy_model& model, const hy_session_options& given) {
  config::Config config = configuration_of(model, given.config);
  const auto set = [&](const char* key, const std::string& text, const char* member) {
    if (!text.empty()) config.set(key, text, std::string("hy_session_options.") + member);
  };
  set("providers", given.providers != nullptr ? given.providers : "", "providers");
  set("require.provider", given.require != nullptr ? given.require : "", "require");
  set("threads", given.threads != 0 ? std::to_string(given.threads) : "", "threads");
  set("policy.precision", given.precision == HY_PRECISION_RELAXED ? "relaxed" : "", "precision");
  HY_RETURN_IF_ERROR(config.status());
  HY_RETURN_IF_ERROR(
      config::status_of(config.plugin_issues(model.model->registry()->plugin_infos())));
  return config;
}

std::string text_or_empty(const char* text) { return text != nullptr ? text : ""; }

std::vector<hy_session::Port> describe(const Graph& graph, const std::vector<ValueId>& values,
                                       size_t count) {
  const auto names = graph.symbol_names();
  std::vector<hy_session::Port> out(count);
  for (size_t i = 0; i < count; ++i) {
    const Shape& shape = graph.values[values[i]].type.shape;
    for (size_t d = 0; shape && d < shape->size(); ++d) {
      const Dim& dim = (*shape)[d];
      out[i].dims.push_back(dim.is_fixed() ? dim.value() : -1);
      out[i].text.push_back(dim.text(names));
    }
    for (const std::string& t : out[i].text) out[i].text_views.push_back(str(t));
  }
  return out;
}

/// As much of it as the caller knows.
void write_info(hy_port_info from, hy_port_info* to) {
  const uint32_t size = to->struct_size;
  from.struct_size = size;
  std::memcpy(to, &from, std::min<size_t>(size, sizeof from));
}

Status port_info(const hy_session& s, const std::vector<ValueId>& values,
                 const std::vector<hy_session::Port>& ports, uint32_t index, hy_port_info* info) {
  if (info == nullptr || info->struct_size < sizeof(uint32_t))
    return invalid_argument("info is null or has no struct_size");
  if (index >= ports.size()) return not_found("there is no port " + std::to_string(index));
  const ValueData& value = s.session->graph().values[values[index]];
  hy_port_info out = HY_INIT(hy_port_info);
  out.dtype = value.type.dtype;
  out.name = str(value.name);
  out.rank = value.type.shape ? static_cast<uint32_t>(value.type.shape->size()) : HY_NONE_RANK;
  out.dims = ports[index].dims.data();
  out.dim_text = ports[index].text_views.data();
  out.kind = value.type.kind;
  out.element_kind = value.type.kind == HY_TYPE_OPTIONAL ? value.type.key : 0;
  out.key_dtype = value.type.kind == HY_TYPE_MAP ? value.type.key : 0;
  write_info(out, info);
  return {};
}

/// The words about the plan in use, made when they are first asked for.
const hy_session::Texts& texts_of(hy_session& session) {
  const Session::InUse in_use = session.session->in_use();
  const std::scoped_lock lock(session.mutex);
  hy_session::Texts& texts = session.texts[in_use.number];
  if (texts.plan.empty()) {
    texts.plan = plan_report(session.session->model().path(), in_use.plan());
    texts.summary = plan_summary(in_use.plan());
  }
  return texts;
}

}  // namespace

extern "C" {

hy_status hy_session_create(hy_model* model, const hy_session_options* options,
                            hy_session** session) {
  return guarded([&]() -> Status {
    if (model == nullptr || session == nullptr) return invalid_argument("model or session is null");
    *session = nullptr;
    HY_RETURN_IF_ERROR(alive(model->mark));
    const auto given = copy_record<hy_session_options>(options);
    SessionOptions wanted;
    HY_ASSIGN_OR_RETURN(const config::Config config, config_of(*model, given));
    wanted.settings = config.settings();
    wanted.stated = config::placement_statements(config);
    wanted.function = text_or_empty(given.function);
    wanted.shapes = text_or_empty(given.shapes);
    wanted.passes = given.no_passes == 0;
    wanted.plan_only = given.plan_only != 0;
    wanted.max_cluster_nodes = given.max_cluster_nodes;
    wanted.all_values = given.all_values != 0;
    wanted.cache = {given.no_cache != 0, false, text_or_empty(given.cache_dir), given.cache_max};
    if (given.stale > HY_STALE_REFUSE)
      return Status(
          HY_ERROR_CONFIG,
          fmt::format("stale is {}; HY_STALE_RECOMPILE ({}) and HY_STALE_REFUSE ({}) are known",
                      given.stale, HY_STALE_RECOMPILE, HY_STALE_REFUSE));
    wanted.refuse_stale = given.stale == HY_STALE_REFUSE;
    if (given.progress != nullptr)
      wanted.progress = [f = given.progress, user = given.progress_user](
                            std::string_view what, double done) { f(user, str(what), done); };
    auto out = std::make_unique<hy_session>();
    HY_ASSIGN_OR_RETURN(out->session, Session::create(model->model, std::move(wanted)));
    const Graph& graph = out->session->graph();
    out->inputs = describe(graph, graph.inputs, graph.plain_inputs());
    out->outputs = describe(graph, graph.outputs, graph.plain_outputs());
    *session = out.release();
    return {};
  });
}

void hy_session_destroy(hy_session* session) {
  if (session != nullptr && !session->mark.crossed()) delete session;
}

hy_status hy_session_plan(hy_session* session, hy_str* json) {
  return guarded([&]() -> Status {
    if (session == nullptr || json == nullptr) return invalid_argument("session or json is null");
    *json = str(texts_of(*session).plan);
    return {};
  });
}

hy_status hy_session_summary(hy_session* session, hy_str* line) {
  return guarded([&]() -> Status {
    if (session == nullptr || line == nullptr) return invalid_argument("session or line is null");
    *line = str(texts_of(*session).summary);
    return {};
  });
}

hy_status hy_session_record(hy_session* session, uint32_t on) {
  return guarded([&]() -> Status {
    if (session == nullptr) return invalid_argument("session is null");
    session->session->record(on != 0);
    return {};
  });
}

hy_status hy_session_trace(hy_session* session, hy_str* json) {
  return guarded([&]() -> Status {
    if (session == nullptr || json == nullptr) return invalid_argument("session or json is null");
    std::string trace = session->session->trace();
    const std::scoped_lock lock(session->mutex);
    session->trace = std::move(trace);
    *json = str(session->trace);
    return {};
  });
}

uint32_t hy_session_input_count(hy_session* session) {
  return session != nullptr ? static_cast<uint32_t>(session->inputs.size()) : 0;
}
uint32_t hy_session_output_count(hy_session* session) {
  return session != nullptr ? static_cast<uint32_t>(session->outputs.size()) : 0;
}
hy_status hy_session_input(hy_session* session, uint32_t index, hy_port_info* info) {
  return guarded([&]() -> Status {
    if (session == nullptr) return invalid_argument("session is null");
    return port_info(*session, session->session->graph().inputs, session->inputs, index, info);
  });
}
uint32_t hy_session_state_count(hy_session* session) {
  return session != nullptr ? static_cast<uint32_t>(session->session->graph().states.size()) : 0;
}
hy_status hy_session_state(hy_session* session, uint32_t index, hy_port_info* info,
                           uint32_t* growth_axis) {
  return guarded([&]() -> Status {
    if (session == nullptr) return invalid_argument("session is null");
    if (info == nullptr || info->struct_size < sizeof(uint32_t))
      return invalid_argument("info is null or has no struct_size");
    const auto& states = session->session->graph().states;
    if (index >= states.size()) return not_found("there is no state " + std::to_string(index));
    const StateData& state = states[index];
    hy_port_info out = HY_INIT(hy_port_info);
    out.dtype = state.dtype;
    out.name = str(state.name);
    out.rank = static_cast<uint32_t>(state.dims.size());
    out.dims = state.dims.data();
    write_info(out, info);
    if (growth_axis != nullptr) *growth_axis = state.growth_axis;
    return {};
  });
}
hy_status hy_session_output(hy_session* session, uint32_t index, hy_port_info* info) {
  return guarded([&]() -> Status {
    if (session == nullptr) return invalid_argument("session is null");
    return port_info(*session, session->session->graph().outputs, session->outputs, index, info);
  });
}

}  // extern "C"
