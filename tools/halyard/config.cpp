#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "exit_code.hpp"
#include "verbs.hpp"

namespace halyard::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string text(const Json& j, const char* key) { return j.value(key, std::string()); }

/// "a.yaml:3:7: error: policy.placement: message; suggestion"
void print_issues(const Json& issues, const char* severity) {
  for (const Json& i : issues) {
    std::string line = text(i, "file");
    if (i.value("line", 0) != 0)
      line += fmt::format(":{}:{}", i.value("line", 0), i.value("column", 0));
    line += fmt::format(": {}: ", severity);
    if (!text(i, "key").empty()) line += text(i, "key") + ": ";
    line += text(i, "message");
    if (!text(i, "suggestion").empty()) line += "; " + text(i, "suggestion");
    fmt::print(stderr, "{}\n", line);
  }
}

/// Plugins say which options there are. Found where the file itself says, if it is right so far.
Result<Runtime> runtime_for(const Config& config) {
  RuntimeOptions options;
  if (config.check().ok()) options.config = &config;
  options.log = [](uint32_t, std::string_view) {};
  options.log_level = 4;
  auto runtime = Runtime::create(options);
  if (runtime.ok() || options.config == nullptr) return runtime;
  options.config = nullptr;  // its log file cannot be written, say: no matter of the check
  return Runtime::create(options);
}

int check(const Common& common, const std::vector<std::string>& files) {
  auto config = Config::create();
  if (!config.ok()) return fail(config.status(), Stage::kArguments);
  for (const std::string& file : files) (void)config->add_file(file);
  const auto runtime = runtime_for(*config);
  if (!runtime.ok()) return fail(runtime.status(), Stage::kArguments);
  const auto report = config->report(HY_CONFIG_ISSUES, &*runtime);
  if (!report.ok()) return fail(report.status(), Stage::kArguments);
  const Json issues = Json::parse(*report);
  const size_t count = issues["errors"].size();
  if (common.json) {
    fmt::print("{}\n", *report);
  } else {
    print_issues(issues["errors"], "error");
    if (!common.quiet) print_issues(issues["notes"], "note");
    if (count == 0) fmt::print("{}: ok\n", fmt::join(files, ", "));
  }
  return count == 0 ? kOk : kUsage;
}

std::string value_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string out;
  for (const Json& v : value) out += (out.empty() ? "" : ", ") + value_text(v);
  return "[" + out + "]";
}

std::string origin_text(const Json& origin) {
  if (origin.contains("line"))
    return fmt::format("{}:{}:{}", text(origin, "source"), origin.value("line", 0),
                       origin.value("column", 0));
  return origin.contains("source") ? text(origin, "source") : text(origin, "layer");
}

int print(const Common& common, const Placement& placement) {
  const auto config = make_config(common, placement);
  if (!config.ok()) return fail(config.status(), Stage::kArguments);
  const auto report = config->report(HY_CONFIG_EFFECTIVE);
  if (!report.ok()) return fail(report.status(), Stage::kArguments);
  if (common.json) {
    fmt::print("{}\n", *report);
    return kOk;
  }
  const Json values = Json::parse(*report);
  for (const Json& row : values["values"])
    fmt::print("{:<28} {:<24} {}\n", text(row, "key"), value_text(row["value"]),
               origin_text(row["origin"]));
  return kOk;
}

int schema(const Common& common) {
  const auto config = make_config(common);
  if (!config.ok()) return fail(config.status(), Stage::kArguments);
  const auto runtime = make_runtime(*config);
  if (!runtime.ok()) return fail(runtime.status(), Stage::kArguments);
  const auto report = config->report(HY_CONFIG_SCHEMA, &*runtime);
  if (!report.ok()) return fail(report.status(), Stage::kArguments);
  if (common.json)
    fmt::print("{}\n", Json{{"schema", 1}, {"json_schema", Json::parse(*report)}}.dump());
  else
    fmt::print("{}\n", *report);
  return kOk;
}

}  // namespace

void add_config(CLI::App& app, int* exit_code) {
  auto* verb = app.add_subcommand("config", "Check a configuration, or show what is in force");
  verb->require_subcommand(1);
  auto common = std::make_shared<Common>();
  auto files = std::make_shared<std::vector<std::string>>();
  auto* checked = verb->add_subcommand(
      "check",
      "Every error of YAML files, with its place and a suggestion; exit code 2 if there is one");
  checked->add_option("FILE", *files, "Files, later ones win")->required();
  checked->add_flag("--json", common->json, "Print the errors as JSON")->envname("HALYARD_JSON");
  checked->add_flag("-q,--quiet", common->quiet, "Errors alone, no notes")
      ->envname("HALYARD_QUIET");
  checked->callback([=] { *exit_code = check(*common, *files); });

  auto placement = std::make_shared<Placement>();
  auto* printed = verb->add_subcommand("print", "Each setting in force, and where it comes from");
  add_common(*printed, *common);
  add_placement(*printed, *placement);
  printed->callback([=] { *exit_code = print(*common, *placement); });

  auto* schemed =
      verb->add_subcommand("schema", "JSON Schema of a file, with the options of the plugins here");
  add_common(*schemed, *common);
  schemed->callback([=] { *exit_code = schema(*common); });
}

}  // namespace halyard::cli
