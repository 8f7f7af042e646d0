#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "exit_code.hpp"
#include "verbs.hpp"

namespace halyard::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string text(const Json& j, const char* key) { return j.value(key, std::string()); }

void print_devices(const Json& report) {
  for (const Json& d : report["devices"]) {
    fmt::print("{} {}: {} ({}{})\n", text(d, "provider"), d.value("index", 0), text(d, "name"),
               text(d, "type"),
               d.value("software", false) ? ", software: used only when named" : "");
    if (const auto bytes = d.value("memory_bytes", uint64_t{0}); bytes != 0)
      fmt::print("    memory: {:.1f} GiB\n", static_cast<double>(bytes) / (1 << 30));
    if (!text(d, "resource_group").empty())
      fmt::print("    shares: {}\n", text(d, "resource_group"));
    for (const auto& [key, value] : d["properties"].items())
      fmt::print("    {}: {}\n", key, value.is_string() ? value.get<std::string>() : value.dump());
  }
  if (report["devices"].empty())
    fmt::print("there is no usable device; `halyard plugins` says why\n");
  for (const Json& r : report["rejected"])
    fmt::print("not used: {}: {}: {}\n", text(r, "provider"), text(r, "reason"), text(r, "detail"));
}

int devices(const Common& common) {
  Common quiet = common;
  quiet.quiet = common.verbose == 0;  // the report has the reasons
  auto runtime = make_runtime(quiet);
  if (!runtime.ok()) return fail(runtime.status(), Stage::kArguments);
  const auto json = runtime->report(HY_REPORT_DEVICES);
  if (!json.ok()) return fail(json.status(), Stage::kArguments);
  if (common.json)
    fmt::print("{}\n", *json);
  else
    print_devices(Json::parse(*json));
  return kOk;
}

}  // namespace

void add_devices(CLI::App& app, int* exit_code) {
  auto* verb =
      app.add_subcommand("devices", "The devices that are there, and those that cannot be used");
  auto common = std::make_shared<Common>();
  add_common(*verb, *common);
  verb->callback([=] { *exit_code = devices(*common); });
}

}  // namespace halyard::cli
