#include <dlfcn.h>
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>

#include "core/api/error.hpp"
#include "core/api/objects.hpp"
#include "core/api/reports.hpp"
#include "core/plugin/host.hpp"
#include "halyard/halyard.h"

namespace halyard::core {
namespace {

/// halyard/ beside the file that holds this library.
std::string default_folder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&hy_version), &info) == 0 || info.dli_fname == nullptr)
    return {};
  std::error_code error;
  const auto file = std::filesystem::canonical(info.dli_fname, error);
  return error ? std::string() : (file.parent_path() / "halyard").string();
}

std::vector<std::string> search_folders(const hy_runtime_options& options,
                                        const PluginSettings& settings) {
  std::vector<std::string> out;
  if (options.plugin_path == nullptr) out = settings.path;
  // A process with raised privileges must not load what its caller's environment names.
  const char* environment = secure_getenv("HALYARD_PLUGIN_PATH");
  std::string_view path = options.plugin_path != nullptr          ? options.plugin_path
                          : environment != nullptr && out.empty() ? environment
                                                                  : "";
  while (!path.empty()) {
    const size_t end = std::min(path.find(':'), path.size());
    if (end != 0) out.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  if (options.no_default_plugins == 0)
    if (std::string folder = default_folder(); !folder.empty()) out.push_back(std::move(folder));
  return out;
}

std::string environment(const char* name) {
  const char* value = secure_getenv(name);
  return value != nullptr ? value : "";
}

/// A number of the environment; where it is none, that is told.
Status read_number(const char* name, uint32_t* out) {
  const std::string text = environment(name);
  if (text.empty()) return {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  if (error != std::errc() || end != text.data() + text.size())
    return Status(HY_ERROR_CONFIG,
                  fmt::format("{} is \"{}\"; a whole number is wanted", name, text));
  return {};
}

Result<IsolationOptions> isolation_options(const hy_runtime_options& given,
                                           const Settings& settings) {
  IsolationOptions out;
  for (const ProviderSettings& p : settings.providers) {
    if (p.isolation == ProviderSettings::Isolation::kCanary)
      out.by_provider[p.id] = IsolationMode::kCanary;
    if (p.isolation == ProviderSettings::Isolation::kWorker)
      out.by_provider[p.id] = IsolationMode::kWorker;
  }
  HY_RETURN_IF_ERROR(parse_isolation_list(
      given.isolation != nullptr ? given.isolation : environment("HALYARD_ISOLATION"), &out));
  out.state = given.state_dir != nullptr ? std::filesystem::path(given.state_dir)
                                         : PluginStates::default_folder();
  out.helper = environment("HALYARD_WORKER");
  if (out.helper.empty() && !default_folder().empty())
    out.helper = std::filesystem::path(default_folder()) / "halyard-worker";
  uint32_t limit = 0;
  HY_RETURN_IF_ERROR(read_number("HALYARD_WATCHDOG_MS", &limit));
  if (limit != 0)
    out.limits.call = out.limits.compile = out.limits.run = std::chrono::milliseconds(limit);
  HY_RETURN_IF_ERROR(read_number("HALYARD_WORKER_RESTARTS", &out.restarts));
  return out;
}

}  // namespace

Status alive(const ForkMark& mark) {
  if (!mark.crossed()) return {};
  return Status(HY_ERROR_CLOSED,
                "this object was made before the process was forked, and its devices belong to the "
                "parent: make a new runtime in the child");
}

}  // namespace halyard::core

using namespace halyard;
using namespace halyard::core;

extern "C" {

hy_status hy_runtime_create(const hy_runtime_options* options, hy_runtime** runtime) {
  return guarded([&]() -> Status {
    if (runtime == nullptr) return invalid_argument("runtime is null");
    *runtime = nullptr;
    const auto given = copy_record<hy_runtime_options>(options);
    auto out = std::make_unique<hy_runtime>();
    if (given.config != nullptr) {
      out->config = given.config->config;
      HY_RETURN_IF_ERROR(out->config.status());
    }
    const Settings settings = out->config.settings();
    const bool from_config = settings.log.level_stated || given.log == nullptr;
    HY_ASSIGN_OR_RETURN(auto logger, make_logger(given.log, given.log_user,
                                                 from_config ? settings.log.level : given.log_level,
                                                 settings.log.file));
    for (const config::Issue& issue : out->config.issues()) logger->warn("{}", issue.text());
    HY_ASSIGN_OR_RETURN(auto isolation, isolation_options(given, settings));
    const auto host = std::make_shared<Host>(std::move(logger));
    out->registry =
        std::make_shared<Registry>(search_folders(given, settings.plugins), host,
                                   PluginFilter{settings.plugins.allow, settings.plugins.deny},
                                   std::make_shared<Isolation>(std::move(isolation), host));
    *runtime = out.release();
    return {};
  });
}

// What was made before a fork() is left alone in the child: its locks may be held for ever.
void hy_runtime_destroy(hy_runtime* runtime) {
  if (runtime != nullptr && !runtime->mark.crossed()) delete runtime;
}

hy_status hy_runtime_release_plugin(hy_runtime* runtime, const char* id) {
  return guarded([&]() -> Status {
    if (runtime == nullptr || id == nullptr) return invalid_argument("runtime or id is null");
    HY_RETURN_IF_ERROR(alive(runtime->mark));
    return runtime->registry->release(id);
  });
}

hy_status hy_runtime_report(hy_runtime* runtime, uint32_t which, hy_str* json) {
  return guarded([&]() -> Status {
    if (runtime == nullptr || json == nullptr) return invalid_argument("runtime or json is null");
    *json = {};
    HY_RETURN_IF_ERROR(alive(runtime->mark));
    std::string text;
    if (which == HY_REPORT_PLUGINS)
      text = plugins_report(*runtime->registry);
    else if (which == HY_REPORT_DEVICES)
      text = devices_report(*runtime->registry);
    else
      return invalid_argument("there is no report " + std::to_string(which));
    const std::scoped_lock lock(runtime->mutex);
    std::string& kept = runtime->reports[which];
    kept = std::move(text);
    *json = str(kept);
    return {};
  });
}

hy_status hy_model_load(hy_runtime* runtime, const char* path, hy_model** model) {
  return guarded([&]() -> Status {
    if (runtime == nullptr || path == nullptr || model == nullptr)
      return invalid_argument("runtime, path or model is null");
    *model = nullptr;
    HY_RETURN_IF_ERROR(alive(runtime->mark));
    auto out = std::make_unique<hy_model>();
    HY_ASSIGN_OR_RETURN(out->model, Model::load(runtime->registry, path));
    out->config = runtime->config;
    out->report = model_report(*out->model);
    *model = out.release();
    return {};
  });
}

void hy_model_destroy(hy_model* model) {
  if (model != nullptr && !model->mark.crossed()) delete model;
}

hy_status hy_model_report(hy_model* model, hy_str* json) {
  return guarded([&]() -> Status {
    if (model == nullptr || json == nullptr) return invalid_argument("model or json is null");
    *json = str(model->report);
    return {};
  });
}

hy_status hy_model_metadata(hy_model* model, const char* key, hy_str* value) {
  return guarded([&]() -> Status {
    if (model == nullptr || key == nullptr || value == nullptr)
      return invalid_argument("model, key or value is null");
    *value = {};
    const auto& metadata = model->model->source().metadata();
    const auto it = metadata.find(key);
    if (it == metadata.end())
      return not_found(std::string("the model has no metadata \"") + key + "\"");
    *value = str(it->second);
    return {};
  });
}

}  // extern "C"
