#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "compare.hpp"
#include "exit_code.hpp"
#include "predictions.hpp"
#include "verbs.hpp"

namespace halyard::cli {
namespace {

using Json = nlohmann::ordered_json;

struct CompareOptions {
  std::vector<std::string> input, inputs;
  Tolerance tolerance;
};

/// Every value that one provider computed, in the order of the nodes.
struct Side {
  std::string provider;
  NamedTensors values;
  Json plan;
};

/// One value on which the two sides differ.
struct Difference {
  std::string value, words;
  std::string node, op;  // of the first side's plan; empty where no node is known to give it
};

Result<std::pair<std::string, std::string>> two_of(const std::string& providers) {
  const size_t comma = providers.find(',');
  if (comma == std::string::npos || comma == 0 || comma + 1 == providers.size() ||
      providers.find(',', comma + 1) != std::string::npos)
    return Status(HY_ERROR_CONFIG,
                  fmt::format("--providers {}: compare wants two, as in --providers cpu,vulkan",
                              providers.empty() ? "\"\"" : providers));
  return std::pair(providers.substr(0, comma), providers.substr(comma + 1));
}

Result<NamedTensors> read_values(const CompareOptions& o, const std::vector<Port>& ports,
                                 bool quiet) {
  NamedTensors archive;
  if (!o.inputs.empty()) {
    HY_ASSIGN_OR_RETURN(archive, read_npz(o.inputs.front()));
  }
  HY_ASSIGN_OR_RETURN(NamedTensors values, gather_inputs(ports, std::move(archive), o.input, {}));
  HY_ASSIGN_OR_RETURN(const auto made_up, fill_missing(ports, &values));
  if (!made_up.empty() && !quiet)
    fmt::print(stderr, "halyard: no value is given for {}: random:0 is used\n",
               fmt::join(made_up, ", "));
  return values;
}

/// The provider alone, but for what it does not take: that runs on the first of the two.
Result<Side> run_side(const Model& model, SessionOptions options, const std::string& provider,
                      const std::string& fallback, NamedTensors& inputs, const CompareOptions& o,
                      bool quiet) {
  options.providers = provider == fallback ? provider : provider + "," + fallback;
  options.all_values = true;
  HY_ASSIGN_OR_RETURN(const Session session, model.session(options));
  if (inputs.empty()) {
    HY_ASSIGN_OR_RETURN(inputs, read_values(o, session.inputs(), quiet));
  }
  HY_ASSIGN_OR_RETURN(const Bound bound, bind_values(session.outputs(), inputs));
  HY_ASSIGN_OR_RETURN(const auto state, fresh_state(session));
  HY_ASSIGN_OR_RETURN(const auto results,
                      session.run(bound.inputs, bound.outputs, {}, state.get()));
  Side out{provider, {}, Json::parse(session.plan())};
  for (size_t i = 0; i < results.size(); ++i)
    HY_RETURN_IF_ERROR(append_host(bound.outputs[i], results[i], &out.values));
  return out;
}

/// By value: its node, as the plan has it.
std::map<std::string, const Json*> makers(const Json& plan) {
  std::map<std::string, const Json*> out;
  for (const Json& node : plan["nodes"])
    for (const Json& value : node["outputs"]) out[value.get<std::string>()] = &node;
  return out;
}

std::vector<Difference> differences_of(const Side& a, const Side& b, Tolerance tolerance) {
  const auto made_by = makers(a.plan);
  std::map<std::string, const HostTensor*> of_b;
  for (const auto& [name, value] : b.values) of_b[name] = &value;
  // Values in the order in which they are computed: the first that differs is where it begins.
  std::map<std::string, size_t> order;
  for (const Json& node : a.plan["nodes"])
    for (const Json& value : node["outputs"])
      order.try_emplace(value.get<std::string>(), order.size());
  std::vector<std::pair<size_t, Difference>> found;
  for (const auto& [name, value] : a.values) {
    const auto other = of_b.find(name);
    std::string words = other == of_b.end()
                            ? fmt::format("{}: {} does not have it", name, b.provider)
                            : difference(name, *other->second, value, tolerance);
    if (words.empty()) continue;
    Difference d{name, std::move(words), {}, {}};
    if (const auto node = made_by.find(name); node != made_by.end()) {
      d.node = (*node->second)["name"].get<std::string>();
      d.op = (*node->second)["op"].get<std::string>();
    }
    const auto at = order.find(name);
    found.emplace_back(at == order.end() ? order.size() : at->second, std::move(d));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& x, const auto& y) { return x.first < y.first; });
  std::vector<Difference> out;
  for (auto& [position, d] : found) out.push_back(std::move(d));
  return out;
}

void print(const std::string& model, const Side& a, const Side& b,
           const std::vector<Difference>& all, bool json) {
  if (json) {
    Json list = Json::array();
    for (const Difference& d : all)
      list.push_back({{"value", d.value}, {"node", d.node}, {"op", d.op}, {"difference", d.words}});
    fmt::print("{}\n", Json{{"schema", 1},
                            {"model", model},
                            {"providers", {a.provider, b.provider}},
                            {"values", a.values.size()},
                            {"differ", all.size()},
                            {"first", list.empty() ? Json() : list.front()},
                            {"differences", list}}
                           .dump(-1, ' ', false, Json::error_handler_t::replace));
    return;
  }
  const size_t ran = b.plan["summary"]["per_provider"].contains(b.provider)
                         ? b.plan["summary"]["per_provider"][b.provider]["nodes"].get<size_t>()
                         : 0;
  fmt::print("{} runs {} of {} nodes; {} the rest\n", b.provider, ran,
             b.plan["summary"]["nodes"].dump(), a.provider);
  if (all.empty()) {
    fmt::print("no difference in {} values\n", a.values.size());
    return;
  }
  fmt::print("{} of {} values differ; the first is of node {} ({})\n", all.size(), a.values.size(),
             all.front().node, all.front().op);
  for (const Difference& d : all) fmt::print("  {}\n", d.words);
}

int compare(const Common& common, ModelOptions& options, const CompareOptions& o) {
  if (const char* said = std::getenv("HALYARD_PROVIDERS");
      options.placement.providers.empty() && said != nullptr)
    options.placement.providers = said;
  const auto pair = two_of(options.placement.providers);
  if (!pair.ok()) return fail(pair.status(), Stage::kArguments);
  Placement both = options.placement;
  both.providers.clear();  // each side has its own
  auto runtime = make_runtime(common, both);
  if (!runtime.ok()) return fail(runtime.status(), Stage::kArguments);
  const auto model = open_model(*runtime, common, options);
  if (!model.ok()) return fail(model.status(), Stage::kModel);
  NamedTensors inputs;
  const auto& [first, second] = *pair;
  const auto a = run_side(*model, options.session, first, first, inputs, o, common.quiet);
  if (!a.ok())
    return fail(a.status(), a.status().code() == HY_ERROR_CONFIG ? Stage::kArguments : Stage::kRun);
  const auto b = run_side(*model, options.session, second, first, inputs, o, common.quiet);
  if (!b.ok())
    return fail(b.status(), b.status().code() == HY_ERROR_CONFIG ? Stage::kArguments : Stage::kRun);
  const auto all = differences_of(*a, *b, o.tolerance);
  print(options.model, *a, *b, all, common.json);
  return all.empty() ? kOk : kDifferent;
}

}  // namespace

void add_compare(CLI::App& app, int* exit_code) {
  auto* verb = app.add_subcommand("compare",
                                  "The first node at which two providers differ, and by how much");
  auto common = std::make_shared<Common>();
  auto model = std::make_shared<ModelOptions>();
  auto o = std::make_shared<CompareOptions>();
  add_common(*verb, *common);
  add_model(*verb, *model);
  verb->add_option("--input", o->input, "NAME=VALUE, as for run; default: random")
      ->allow_extra_args(false);
  verb->add_option("--inputs", o->inputs, "An .npz whose keys are input names")
      ->expected(1)
      ->allow_extra_args(false);
  verb->add_option("--rtol", o->tolerance.rtol,
                   "Relative tolerance; default 1e-3, for f16 and bf16 1e-2")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--atol", o->tolerance.atol,
                   "Absolute tolerance; default 1e-5, for f16 and bf16 1e-3")
      ->check(CLI::NonNegativeNumber);
  verb->footer("Example: halyard compare m.onnx --providers cpu,vulkan");
  verb->callback([=] { *exit_code = compare(*common, *model, *o); });
}

}  // namespace halyard::cli
