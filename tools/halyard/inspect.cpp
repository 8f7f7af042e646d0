#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "exit_code.hpp"
#include "verbs.hpp"

namespace halyard::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kShownMetadata = 200;  // characters of a value

std::string text(const Json& j) { return j.is_string() ? j.get<std::string>() : j.dump(); }

/// "[1,batch,3]"
std::string dims(const Json& port) {
  if (!port["dims"].is_array()) return "of unknown rank";
  std::string out;
  for (const Json& d : port["dims"]) out += (out.empty() ? "" : ",") + text(d);
  return "[" + out + "]";
}

void print_ports(const char* title, const Json& ports) {
  for (const Json& p : ports)
    fmt::print("  {:<7} {} {} {}\n", title, text(p["name"]), text(p["type"]), dims(p));
}

void print_model(const Json& report) {
  fmt::print("{}: {}, {} parameters, {} bytes of weights\n", text(report["model"]),
             text(report["format"]), text(report["parameters"]), text(report["weight_bytes"]));
  for (const Json& f : report["functions"]) {
    fmt::print("function {}\n", text(f["name"]));
    print_ports("input", f["inputs"]);
    print_ports("output", f["outputs"]);
    print_ports("state", f["states"]);
  }
  fmt::print("operators\n");
  for (const auto& [op, n] : report["operators"].items()) fmt::print("  {:>5} {}\n", text(n), op);
  if (!report["metadata"].empty()) fmt::print("metadata\n");
  for (const auto& [key, value] : report["metadata"].items()) {
    std::string shown = text(value);
    if (shown.size() > kShownMetadata) shown = shown.substr(0, kShownMetadata) + "...";
    fmt::print("  {}: {}\n", key, shown);
  }
}

int inspect(const Common& common, ModelOptions& options) {
  auto runtime = make_runtime(common, options.placement);
  if (!runtime.ok()) return fail(runtime.status(), Stage::kArguments);
  const auto model = open_model(*runtime, common, options);
  if (!model.ok()) return fail(model.status(), Stage::kModel);
  if (common.json)
    fmt::print("{}\n", model->report());
  else
    print_model(Json::parse(model->report()));
  return kOk;
}

}  // namespace

void add_inspect(CLI::App& app, int* exit_code) {
  auto* verb =
      app.add_subcommand("inspect", "Inputs, outputs, functions, operators, sizes and metadata");
  auto common = std::make_shared<Common>();
  auto options = std::make_shared<ModelOptions>();
  add_common(*verb, *common);
  add_model(*verb, *options);
  verb->callback([=] { *exit_code = inspect(*common, *options); });
}

}  // namespace halyard::cli
