#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "exit_code.hpp"
#include "verbs.hpp"

namespace halyard::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kShownNodes = 12;  // of one refusal

std::string text(const Json& j, const char* key) { return j.value(key, std::string()); }
std::string number(const Json& j, const char* key) { return j.contains(key) ? j[key].dump() : "-"; }
std::string time(const Json& j) {
  return j.contains("est_us") && j["est_us"].is_number()
             ? fmt::format("{:.1f}", j["est_us"].get<double>())
             : "-";
}

void print_nodes(const Json& plan) {
  fmt::print("{:>5}  {:<22} {:<10} {:>7} {:>10}  {}\n", "node", "operator", "provider", "cluster",
             "est us", "name");
  for (const Json& n : plan["nodes"])
    fmt::print("{:>5}  {:<22} {:<10} {:>7} {:>10}  {}\n", number(n, "index"), text(n, "op"),
               text(n, "provider"), number(n, "cluster"), time(n), text(n, "name"));
}

/// "0, 1, 2 and 40 more"
std::string shorten(const std::vector<std::string>& nodes) {
  const size_t shown = std::min(nodes.size(), kShownNodes);
  const auto first = fmt::format(
      "{}", fmt::join(nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  return shown == nodes.size() ? first : fmt::format("{} and {} more", first, nodes.size() - shown);
}

/// By provider and reason, then by detail, each with its nodes.
void print_refusals(const Json& plan) {
  std::map<std::string, std::map<std::string, std::vector<std::string>>> groups;
  for (const Json& n : plan["nodes"])
    for (const Json& r : n["refused_by"])
      groups[text(r, "provider") + ": " + text(r, "reason")][text(r, "detail")].push_back(
          number(n, "index"));
  if (!groups.empty()) fmt::print("\nrefused by\n");
  for (const auto& [group, details] : groups) {
    fmt::print("  {}\n", group);
    for (const auto& [detail, nodes] : details)
      fmt::print("    {}{}node{} {}\n", detail, detail.empty() ? "" : ": ",
                 nodes.size() == 1 ? "" : "s", shorten(nodes));
  }
}

/// What would bring the most nodes to the provider of highest priority, first what brings most.
void print_obstacles(const Json& plan) {
  const Json& list = plan["obstacles"];
  if (list.empty()) return;
  fmt::print("\nin the way of {}\n", text(list[0], "provider"));
  for (const Json& o : list)
    fmt::print("  {:>5} node{} of {}, {} us: {}{}{}\n", number(o, "count"),
               o["count"] == 1 ? " " : "s", text(o, "op"), time(o), text(o, "reason"),
               text(o, "detail").empty() ? "" : ": ", text(o, "detail"));
}

/// "placed by cost: 120.0 (all on cpu: 150.0)"
void print_estimate(const Json& plan) {
  const Json& summary = plan["summary"];
  const Json& estimate = summary["estimate"];
  if (!estimate["cost"].is_number()) return;
  fmt::print("\nplaced by {}, estimated at {:.1f}", text(summary, "placement"),
             estimate["cost"].get<double>());
  if (const Json& single = estimate["best_single"]; single.is_object())
    fmt::print("; all on {}: {:.1f}", text(single, "provider"), single["cost"].get<double>());
  fmt::print("\n");
}

void print_steps(const Json& plan) {
  fmt::print("\nsteps\n");
  for (const Json& s : plan["steps"])
    fmt::print("  {:<10} {}\n", text(s, "what"), text(s, "detail"));
}

int plan(const Common& common, ModelOptions& options) {
  auto runtime = make_runtime(common, options.placement);
  if (!runtime.ok()) return fail(runtime.status(), Stage::kArguments);
  const auto model = open_model(*runtime, common, options);
  if (!model.ok()) return fail(model.status(), Stage::kModel);
  options.session.plan_only = true;
  const auto session = model->session(options.session);
  if (!session.ok()) return fail(session.status(), Stage::kPlacement);
  if (common.json) {
    fmt::print("{}\n", session->plan());
    return kOk;
  }
  const Json report = Json::parse(session->plan());
  print_nodes(report);
  print_refusals(report);
  print_obstacles(report);
  if (common.verbose > 0) print_steps(report);
  print_estimate(report);
  fmt::print("{}\n", session->summary());
  return kOk;
}

}  // namespace

void add_plan(CLI::App& app, int* exit_code) {
  auto* verb = app.add_subcommand(
      "plan", "Where each node would run, and who refused it and why; runs nothing");
  auto common = std::make_shared<Common>();
  auto options = std::make_shared<ModelOptions>();
  add_common(*verb, *common);
  add_model(*verb, *options);
  verb->callback([=] { *exit_code = plan(*common, *options); });
}

}  // namespace halyard::cli
