#include <cstring>

#include "core/api/error.hpp"
#include "core/api/objects.hpp"
#include "core/api/reports.hpp"
#include "core/plan/summary.hpp"
#include "core/plugin/host.hpp"
#include "halyard/halyard.h"

using namespace halyard;
using namespace halyard::core;

namespace {

/// The configuration, and above it what the caller's options say.
Result<Settings> settings_of(const hy_model& model, const hy_session_options& given) {
  config::Config config = given.config != nullptr ? given.config->config : model.config;
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
  return config.settings();
}

std::string text_or_empty(const char* text) { return text != nullptr ? text : ""; }

std::vector<hy_session::Port> describe(const Graph& graph, const std::vector<ValueId>& values) {
  const auto names = graph.symbol_names();
  std::vector<hy_session::Port> out(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
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

Status port_info(const hy_session& s, const std::vector<ValueId>& values,
                 const std::vector<hy_session::Port>& ports, uint32_t index, hy_port_info* info) {
  if (info == nullptr || info->struct_size < sizeof(uint32_t))
    return invalid_argument("info is null or has no struct_size");
  if (index >= values.size()) return not_found("there is no port " + std::to_string(index));
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
  const uint32_t size = info->struct_size;
  out.struct_size = size;
  std::memcpy(info, &out, std::min<size_t>(size, sizeof out));
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
    const auto given = copy_record<hy_session_options>(options);
    SessionOptions wanted;
    HY_ASSIGN_OR_RETURN(wanted.settings, settings_of(*model, given));
    wanted.function = text_or_empty(given.function);
    wanted.shapes = text_or_empty(given.shapes);
    wanted.passes = given.no_passes == 0;
    wanted.plan_only = given.plan_only != 0;
    wanted.max_cluster_nodes = given.max_cluster_nodes;
    wanted.all_values = given.all_values != 0;
    auto out = std::make_unique<hy_session>();
    HY_ASSIGN_OR_RETURN(out->session, Session::create(model->model, std::move(wanted)));
    out->inputs = describe(out->session->graph(), out->session->graph().inputs);
    out->outputs = describe(out->session->graph(), out->session->graph().outputs);
    *session = out.release();
    return {};
  });
}

void hy_session_destroy(hy_session* session) { delete session; }

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
hy_status hy_session_output(hy_session* session, uint32_t index, hy_port_info* info) {
  return guarded([&]() -> Status {
    if (session == nullptr) return invalid_argument("session is null");
    return port_info(*session, session->session->graph().outputs, session->outputs, index, info);
  });
}

}  // extern "C"
