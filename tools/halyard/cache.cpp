#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "bytes.hpp"
#include "exit_code.hpp"
#include "verbs.hpp"

namespace halyard::cli {
namespace {

using Json = nlohmann::ordered_json;

struct CacheCommand {
  Common common;
  std::string dir, max;
  bool all = false;
};

std::string text(const Json& j, const char* key) {
  return j.contains(key) && j[key].is_string() ? j[key].get<std::string>() : std::string();
}

std::string when(double seconds) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(static_cast<std::time_t>(seconds)));
}

void print_entries(const Json& report) {
  if (!report["enabled"].get<bool>()) {
    fmt::print("there is no cache{}{}\n", text(report, "reason").empty() ? "" : ": ",
               text(report, "reason"));
    return;
  }
  fmt::print("{}: {} entries, {} of {}\n", text(report, "dir"), report["entries"].size(),
             bytes_text(report["bytes"].get<uint64_t>()),
             bytes_text(report["max_bytes"].get<uint64_t>()));
  for (const Json& e : report["entries"]) {
    const std::string provider = text(e, "provider");
    fmt::print("{:>10}  {}  {:<10} {}\n", bytes_text(e["bytes"].get<uint64_t>()),
               when(e["used"].get<double>()), provider.empty() ? "-" : provider,
               e.contains("problem") ? "broken: " + text(e, "problem")
               : provider.empty()    ? text(e, "kind")
                                     : text(e["notes"], "model"));
  }
}

int list(const CacheCommand& c) {
  auto runtime = make_runtime(c.common, {});
  if (!runtime.ok()) return fail(runtime.status(), Stage::kArguments);
  const auto json = runtime->cache(c.dir);
  if (!json.ok()) return fail(json.status(), Stage::kArguments);
  if (c.common.json)
    fmt::print("{}\n", *json);
  else
    print_entries(Json::parse(*json));
  return kOk;
}

/// What prune may leave: all but nothing, what --max says, or what the cache may hold anyway.
Result<uint64_t> limit(const Runtime& runtime, const CacheCommand& c) {
  if (c.all) return uint64_t{0};
  if (!c.max.empty()) {
    if (const auto bytes = parse_bytes(c.max)) return *bytes;
    return Status(HY_ERROR_CONFIG,
                  fmt::format("--max is \"{}\"; a size as 512MiB or 4GiB is wanted", c.max));
  }
  HY_ASSIGN_OR_RETURN(const std::string json, runtime.cache(c.dir));
  return Json::parse(json)["max_bytes"].get<uint64_t>();
}

int prune(const CacheCommand& c) {
  auto runtime = make_runtime(c.common, {});
  if (!runtime.ok()) return fail(runtime.status(), Stage::kArguments);
  const auto max_bytes = limit(*runtime, c);
  if (!max_bytes.ok()) return fail(max_bytes.status(), Stage::kArguments);
  const auto json = runtime->prune_cache(*max_bytes, c.dir);
  if (!json.ok()) return fail(json.status(), Stage::kArguments);
  if (c.common.json) {
    fmt::print("{}\n", *json);
    return kOk;
  }
  const Json report = Json::parse(*json);
  const Json &removed = report["removed"], &left = report["left"];
  fmt::print("{}: {} entries ({}) removed; {} ({}) left\n", text(report, "dir"),
             removed["entries"].dump(), bytes_text(removed["bytes"].get<uint64_t>()),
             left["entries"].dump(), bytes_text(left["bytes"].get<uint64_t>()));
  return kOk;
}

void print_outcomes(const Json& report) {
  if (report["clusters"].empty()) fmt::print("nothing to compile: no cluster runs on a device\n");
  size_t i = 0;
  for (const Json& c : report["clusters"]) {
    fmt::print("cluster {:<3} {:<10} {:>5} nodes  {}", i++, text(c, "provider"), c["nodes"].dump(),
               text(c, "state"));
    fmt::print("{}{}\n", text(c, "reason").empty() ? "" : ": ", text(c, "reason"));
  }
}

int explain(const Common& common, ModelOptions& options) {
  auto runtime = make_runtime(common, options.placement);
  if (!runtime.ok()) return fail(runtime.status(), Stage::kArguments);
  const auto model = open_model(*runtime, common, options);
  if (!model.ok()) return fail(model.status(), Stage::kModel);
  options.session.plan_only = true;
  const auto session = model->session(options.session);
  if (!session.ok()) return fail(session.status(), Stage::kPlacement);
  const std::string json = session->cache();
  if (common.json)
    fmt::print("{}\n", json);
  else
    print_outcomes(Json::parse(json));
  return kOk;
}

}  // namespace

void add_cache(CLI::App& app, int* exit_code) {
  auto* verb = app.add_subcommand("cache", "The compiled artefacts on disk");
  verb->require_subcommand(1);
  auto command = std::make_shared<CacheCommand>();
  const auto add_dir = [&](CLI::App& sub) {
    add_common(sub, command->common);
    sub.add_option(
        "--dir", command->dir,
        "The folder; default: HALYARD_CACHE_DIR, else halyard/ in the user's cache folder");
  };
  auto* ls = verb->add_subcommand("ls", "What is in it, latest used first");
  add_dir(*ls);
  ls->callback([=] { *exit_code = list(*command); });
  auto* prune_verb = verb->add_subcommand("prune", "Throw out what was used longest ago");
  add_dir(*prune_verb);
  prune_verb->add_option("--max", command->max, "What may stay: 512MiB, 4GiB; default: the limit");
  prune_verb->add_flag("--all", command->all, "Throw out everything");
  prune_verb->callback([=] { *exit_code = prune(*command); });
  auto* why = verb->add_subcommand(
      "explain", "For each cluster of a model: whether it would be loaded, or why compiled");
  auto common = std::make_shared<Common>();
  auto options = std::make_shared<ModelOptions>();
  add_common(*why, *common);
  add_model(*why, *options);
  why->callback([=] { *exit_code = explain(*common, *options); });
}

}  // namespace halyard::cli
