#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "exit_code.hpp"
#include "verbs.hpp"

namespace halyard::cli {
namespace {

using Json = nlohmann::ordered_json;

void print_plugins(const Json& report) {
  const auto text = [](const Json& j, const char* key) { return j.value(key, std::string()); };
  if (report["plugins"].empty()) {
    fmt::print("no plugins were found; HALYARD_PLUGIN_PATH adds folders\n");
    return;
  }
  fmt::print("{:<12} {:<9} {:<12} {:<8} {}\n", "id", "kind", "state", "version", "path");
  for (const Json& p : report["plugins"]) {
    fmt::print("{:<12} {:<9} {:<12} {:<8} {}\n", text(p, "id"), text(p, "kind"), text(p, "state"),
               text(p, "version"), text(p, "path"));
    if (!text(p, "reason").empty())
      fmt::print("    {}: {}\n", text(p, "reason"), text(p, "detail"));
  }
}

/// What keeps plugins from this process, where that is not as it should be.
void print_isolation(const Json& isolation) {
  if (const auto detail = isolation.value("detail", std::string()); !detail.empty())
    fmt::print("isolation: {}\n", detail);
}

void print(const Json& report) {
  print_plugins(report);
  if (report.contains("isolation")) print_isolation(report["isolation"]);
}

int plugins(const Common& common, const std::string& release) {
  Common quiet = common;
  quiet.quiet = common.verbose == 0;  // the report has the reasons
  auto runtime = make_runtime(quiet);
  if (!runtime.ok()) return fail(runtime.status(), Stage::kArguments);
  if (!release.empty())
    if (const Status s = runtime->release_plugin(release); !s.ok())
      return fail(s, Stage::kArguments);
  // Opens the providers: what is wrong with a library shows only then.
  if (const auto opened = runtime->report(HY_REPORT_DEVICES); !opened.ok())
    return fail(opened.status(), Stage::kArguments);
  const auto json = runtime->report(HY_REPORT_PLUGINS);
  if (!json.ok()) return fail(json.status(), Stage::kArguments);
  if (common.json)
    fmt::print("{}\n", *json);
  else
    print(Json::parse(*json));
  return kOk;
}

}  // namespace

void add_plugins(CLI::App& app, int* exit_code) {
  auto* verb =
      app.add_subcommand("plugins", "What was found, what is used, and why the rest is not");
  auto common = std::make_shared<Common>();
  add_common(*verb, *common);
  auto release = std::make_shared<std::string>();
  verb->add_option("--release", *release,
                   "Lift the quarantine of the plugin with this id, which crashed or hung before")
      ->type_name("ID");
  verb->callback([=] { *exit_code = plugins(*common, *release); });
}

}  // namespace halyard::cli
