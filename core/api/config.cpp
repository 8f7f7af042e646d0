#include "core/api/error.hpp"
#include "core/api/objects.hpp"
#include "core/config/report.hpp"
#include "halyard/halyard.h"

using namespace halyard;
using namespace halyard::core;

namespace {

/// Runs something that adds to the configuration, and tells the errors that it added.
template <class F>
hy_status adding(hy_config* config, const char* what, F&& add) {
  return guarded([&]() -> Status {
    if (config == nullptr) return invalid_argument(std::string(what) + ": an argument is null");
    const size_t before = config->config.told().size();
    add(config->config);
    return config::status_of(config->config.told().subspan(before));
  });
}

std::vector<config::PluginInfo> plugins_of(hy_runtime* runtime) {
  return runtime != nullptr ? runtime->registry->plugin_infos() : std::vector<config::PluginInfo>();
}

std::vector<config::Issue> all_issues(const hy_config& config, hy_runtime* runtime) {
  std::vector<config::Issue> out = config.config.issues();
  if (runtime == nullptr) return out;
  const auto more = config.config.plugin_issues(plugins_of(runtime));
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

}  // namespace

extern "C" {

hy_status hy_config_create(hy_config** config) {
  return guarded([&]() -> Status {
    if (config == nullptr) return invalid_argument("config is null");
    *config = new hy_config;
    return {};
  });
}

void hy_config_destroy(hy_config* config) { delete config; }

hy_status hy_config_add_default_files(hy_config* config) {
  return adding(config, "hy_config_add_default_files",
                [](config::Config& c) { c.add_default_files(config::process_environment); });
}

hy_status hy_config_add_file(hy_config* config, const char* path) {
  return adding(path != nullptr ? config : nullptr, "hy_config_add_file",
                [&](config::Config& c) { c.add_file(path); });
}

hy_status hy_config_add_text(hy_config* config, const char* yaml, const char* name) {
  return adding(yaml != nullptr && name != nullptr ? config : nullptr, "hy_config_add_text",
                [&](config::Config& c) { c.add_text(yaml, name); });
}

hy_status hy_config_add_environment(hy_config* config) {
  return adding(config, "hy_config_add_environment",
                [](config::Config& c) { c.add_environment(config::process_environment); });
}

hy_status hy_config_set(hy_config* config, const char* key, const char* value, const char* source) {
  return adding(
      key != nullptr && value != nullptr ? config : nullptr, "hy_config_set",
      [&](config::Config& c) { c.set(key, value, source != nullptr ? source : "hy_config_set"); });
}

hy_status hy_config_check(hy_config* config, hy_runtime* runtime) {
  return guarded([&]() -> Status {
    if (config == nullptr) return invalid_argument("config is null");
    return config::status_of(all_issues(*config, runtime));
  });
}

hy_status hy_config_report(hy_config* config, hy_runtime* runtime, uint32_t which, hy_str* json) {
  return guarded([&]() -> Status {
    if (config == nullptr || json == nullptr) return invalid_argument("config or json is null");
    *json = {};
    std::string text;
    if (which == HY_CONFIG_EFFECTIVE)
      text = config::effective_report(config->config);
    else if (which == HY_CONFIG_ISSUES)
      text = config::issues_report(all_issues(*config, runtime));
    else if (which == HY_CONFIG_SCHEMA)
      text = config::schema_report(plugins_of(runtime));
    else
      return invalid_argument("there is no report " + std::to_string(which));
    std::string& kept = config->reports[which];
    kept = std::move(text);
    *json = str(kept);
    return {};
  });
}

}  // extern "C"
