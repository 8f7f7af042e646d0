// One screen that says what is there and what is wrong: for bug reports.
#include <fmt/format.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "bytes.hpp"
#include "exit_code.hpp"
#include "verbs.hpp"

extern char** environ;

namespace halyard::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string text(const Json& j, const char* key) {
  return j.contains(key) && j[key].is_string() ? j[key].get<std::string>() : std::string();
}

/// The value of the first line "key=value" or "key : value" of a file, without quotes; empty: there is none.
std::string value_in(const char* file, std::string_view key, char separator) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const size_t at = line.find(separator);
    if (at == std::string::npos) continue;
    const size_t begin = line.find_first_not_of(" \t\"", at + 1);
    const size_t end = line.find_last_not_of(" \t\"");
    return begin == std::string::npos ? "" : line.substr(begin, end - begin + 1);
  }
  return {};
}

Json system_json() {
  utsname name{};
  uname(&name);
  struct sysinfo memory {};
  sysinfo(&memory);
  return {{"os", value_in("/etc/os-release", "PRETTY_NAME", '=')},
          {"kernel", fmt::format("{} {}", name.sysname, name.release)},
          {"arch", name.machine},
          {"processor", value_in("/proc/cpuinfo", "model name", ':')},
          {"cores", std::thread::hardware_concurrency()},
          {"memory_bytes", uint64_t{memory.totalram} * memory.mem_unit}};
}

Json environment_json() {
  Json out = Json::object();
  for (char** e = environ; *e != nullptr; ++e) {
    const std::string_view line = *e;
    const size_t equals = line.find('=');
    if (line.starts_with("HALYARD_") && equals != std::string_view::npos)
      out[std::string(line.substr(0, equals))] = std::string(line.substr(equals + 1));
  }
  return out;
}

/// What somebody stated, and where.
Json stated_json(const Json& effective) {
  Json out = Json::array();
  for (const Json& row : effective["values"])
    if (row["origin"]["layer"] != "default") out.push_back(row);
  return out;
}

/// Sees to it that there is a report whatever is wrong: with the configuration, too.
Result<Json> examine(const Common& common) {
  Json problems = Json::array();
  Result<Config> config = make_config(common);
  if (!config.ok()) {
    problems.push_back("the configuration has errors, and all that follows is without it: " +
                       config.status().message());
    config = Config::create();
    if (!config.ok()) return config.status();
  }
  (void)config->set("log.level", "error", "doctor");  // what it would say stands in the report
  auto runtime = make_runtime(*config);
  if (!runtime.ok()) {
    problems.push_back("a runtime with this configuration cannot be made: " +
                       runtime.status().message());
    runtime = Runtime::create(RuntimeOptions());
    if (!runtime.ok()) return runtime.status();
  }
  // Opens the providers: what is wrong with a library shows only then.
  HY_ASSIGN_OR_RETURN(const std::string devices_text, runtime->report(HY_REPORT_DEVICES));
  HY_ASSIGN_OR_RETURN(const std::string plugins_text, runtime->report(HY_REPORT_PLUGINS));
  HY_ASSIGN_OR_RETURN(const std::string effective, config->report(HY_CONFIG_EFFECTIVE));
  HY_ASSIGN_OR_RETURN(const std::string cache_text, runtime->cache());
  const Json devices = Json::parse(devices_text), plugins = Json::parse(plugins_text);
  Json cache = Json::parse(cache_text);
  cache["entries"] = cache["entries"].size();
  cache.erase("schema");
  if (devices["devices"].empty()) problems.push_back("there is no device to run anything on");
  for (const Json& p : plugins["plugins"])
    if (!text(p, "reason").empty())
      problems.push_back(fmt::format("plugin {} is {}: {}: {}", text(p, "id"), text(p, "state"),
                                     text(p, "reason"), text(p, "detail")));
  for (const Json& r : devices["rejected"]) {
    const bool told =
        std::any_of(plugins["plugins"].begin(), plugins["plugins"].end(), [&](const Json& p) {
          return p["id"] == r["provider"] && text(p, "reason") == text(r, "reason");
        });
    if (!told)
      problems.push_back(fmt::format("a device of {} is not used: {}: {}", text(r, "provider"),
                                     text(r, "reason"), text(r, "detail")));
  }
  const Json isolation = plugins.value("isolation", Json::object());
  if (!text(isolation, "detail").empty())
    problems.push_back("isolation: " + text(isolation, "detail"));
  if (!cache["enabled"].get<bool>() && cache.contains("reason"))
    problems.push_back("compiled artefacts are not kept: " + text(cache, "reason"));
  return Json{{"schema", 1},
              {"halyard", hy_version()},
              {"system", system_json()},
              {"devices", devices["devices"]},
              {"plugins", plugins["plugins"]},
              {"isolation", isolation},
              {"cache", cache},
              {"settings", stated_json(Json::parse(effective))},
              {"environment", environment_json()},
              {"problems", problems}};
}

void print(const Json& r) {
  const Json& s = r["system"];
  fmt::print("halyard {} on {}, {} ({})\n", text(r, "halyard"), text(s, "os"), text(s, "kernel"),
             text(s, "arch"));
  fmt::print("{}: {} cores, {}\n", text(s, "processor"), s["cores"].get<unsigned>(),
             bytes_text(s["memory_bytes"].get<uint64_t>()));
  fmt::print("\ndevices\n");
  for (const Json& d : r["devices"])
    fmt::print("  {} {}: {} ({}{}) {}\n", text(d, "provider"), d["index"].get<unsigned>(),
               text(d, "name"), text(d, "type"), d["software"].get<bool>() ? ", software" : "",
               d["properties"].value("driver", std::string()));
  fmt::print("plugins\n");
  for (const Json& p : r["plugins"])
    fmt::print("  {} {} {} {} {}{}\n", text(p, "id"), text(p, "version"), text(p, "kind"),
               text(p, "state"), text(p, "path"),
               text(p, "isolation").empty() ? "" : ", isolation " + text(p, "isolation"));
  const Json& cache = r["cache"];
  fmt::print("cache\n  {}: {} entries, {} of {}\n",
             text(cache, "dir").empty() ? "none" : text(cache, "dir"), cache["entries"].dump(),
             bytes_text(cache["bytes"].get<uint64_t>()),
             bytes_text(cache["max_bytes"].get<uint64_t>()));
  if (!r["settings"].empty()) fmt::print("settings\n");
  for (const Json& row : r["settings"])
    fmt::print("  {}: {}  ({})\n", text(row, "key"), row["value"].dump(),
               text(row["origin"], "source"));
  if (!r["environment"].empty()) fmt::print("environment\n");
  for (const auto& [name, value] : r["environment"].items())
    fmt::print("  {}={}\n", name, value.get<std::string>());
  if (r["problems"].empty()) fmt::print("\nno problem was found\n");
  if (!r["problems"].empty()) fmt::print("\nproblems\n");
  for (const Json& p : r["problems"]) fmt::print("  {}\n", p.get<std::string>());
}

int doctor(const Common& common) {
  const auto report = examine(common);
  if (!report.ok()) return fail(report.status(), Stage::kArguments);
  if (common.json)
    fmt::print("{}\n", report->dump(-1, ' ', false, Json::error_handler_t::replace));
  else
    print(*report);
  return kOk;
}

}  // namespace

void add_doctor(CLI::App& app, int* exit_code) {
  auto* verb = app.add_subcommand(
      "doctor", "What is there and what is wrong, on one screen to paste into a bug report");
  auto common = std::make_shared<Common>();
  add_common(*verb, *common);
  verb->callback([=] { *exit_code = doctor(*common); });
}

}  // namespace halyard::cli
