#include "core/config/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

namespace halyard::core::config {
namespace {

using K = KeyKind;

constexpr std::string_view kUnits =
    "all=MLComputeUnitsAll=ALL"
    "|cpu_only=cpuOnly=MLComputeUnitsCPUOnly=CPU_ONLY"
    "|cpu_and_gpu=cpuAndGPU=MLComputeUnitsCPUAndGPU=CPU_AND_GPU"
    "|cpu_and_npu=cpuAndNeuralEngine=MLComputeUnitsCPUAndNeuralEngine=CPU_AND_NE";
constexpr double kManyThreads = 4096;
constexpr double kHuge = 1e15;

constexpr Key kTable[] = {
    {.path = "providers",
     .kind = K::kItems,
     .preset = "",
     .doc = "These providers alone, in order of priority; default: all that are there, by their "
            "rank. A "
            "bare name is short for {id: name}. What an earlier source says about the same "
            "provider stays "
            "in force",
     .flag = "--providers"},
    {.path = "providers[].id",
     .kind = K::kText,
     .preset = "",
     .doc = "The provider, as `halyard plugins` lists it",
     .required = true},
    {.path = "providers[].device",
     .kind = K::kText,
     .preset = "",
     .doc =
         "Which of its devices, as `halyard devices` lists them: the index, or a glob of the name; "
         "default: the first that can be used"},
    {.path = "providers[].threads",
     .kind = K::kInt,
     .preset = "",
     .min = 0,
     .max = kManyThreads,
     .doc = "Its threads; 0: one for each core; default: the key `threads`"},
    {.path = "providers[].isolation",
     .kind = K::kChoice,
     .preset = "in_process",
     .choices = "in_process|canary|worker",
     .doc = "Where its code runs: in this process, tried in a process of its own first, or always "
            "in one"},
    {.path = "providers[].options",
     .kind = K::kOptions,
     .preset = "",
     .doc = "Its own options, checked by the schema that it publishes; `halyard config schema` has "
            "them"},
    {.path = "compute_units",
     .kind = K::kChoice,
     .preset = "all",
     .choices = kUnits,
     .doc = "The kinds of device that may be used; the names of MLComputeUnits are understood too",
     .flag = "--compute-units"},
    {.path = "threads",
     .kind = K::kInt,
     .preset = "0",
     .min = 0,
     .max = kManyThreads,
     .doc = "Threads of each provider that has no number of its own; 0: one for each core",
     .flag = "--threads"},
    {.path = "policy", .kind = K::kGroup, .preset = "", .doc = "How nodes are given to devices"},
    {.path = "policy.placement",
     .kind = K::kChoice,
     .preset = "cost",
     .choices = "cost|priority",
     .doc = "cost: the least estimated time; priority: the first provider that takes a node. "
            "--providers "
            "implies priority"},
    {.path = "policy.objective",
     .kind = K::kChoice,
     .preset = "latency",
     .choices = "latency|throughput|power|priority",
     .doc = "What placement by cost makes small"},
    {.path = "policy.precision",
     .kind = K::kChoice,
     .preset = "strict",
     .choices = "strict|relaxed",
     .doc = "strict: f32 computes in f32; relaxed: in the types of policy.relaxed_types too",
     .flag = "--precision",
     .variable = "HALYARD_PRECISION"},
    {.path = "policy.relaxed_types",
     .kind = K::kChoiceList,
     .preset = "[f16, bf16]",
     .choices = "f16|bf16",
     .doc = "What f32 may compute in where precision is relaxed"},
    {.path = "policy.min_gain_us",
     .kind = K::kNumber,
     .preset = "20",
     .min = 0,
     .max = 1e9,
     .doc = "What a cluster must save to be placed on a device of its own, in microseconds"},
    {.path = "policy.max_partitions",
     .kind = K::kInt,
     .preset = "0",
     .min = 0,
     .max = 1e6,
     .doc = "The most clusters of one graph; 0: no limit"},
    {.path = "policy.memory_limit",
     .kind = K::kSize,
     .preset = "0",
     .min = 0,
     .max = kHuge,
     .doc = "The most memory of one device that a session may plan for; 0: what the device has"},
    {.path = "require",
     .kind = K::kGroup,
     .preset = "",
     .doc = "A provider that must run the model; a bare name is short for {provider: name}"},
    {.path = "require.provider",
     .kind = K::kText,
     .preset = "",
     .doc = "Its id",
     .flag = "--require",
     .variable = "HALYARD_REQUIRE"},
    {.path = "require.min_share",
     .kind = K::kShare,
     .preset = "1",
     .min = 0,
     .max = 1,
     .doc = "The least share of the nodes that it must run"},
    {.path = "require.on_violation",
     .kind = K::kChoice,
     .preset = "fail",
     .choices = "fail|warn",
     .doc = "What happens if it runs less"},
    {.path = "fallback", .kind = K::kGroup, .preset = "", .doc = "What happens after failures"},
    {.path = "fallback.on_compile_error",
     .kind = K::kChoice,
     .preset = "replan",
     .choices = "replan|fail",
     .doc = "After a provider failed to compile: plan around it, or give up"},
    {.path = "fallback.on_run_error",
     .kind = K::kChoice,
     .preset = "fail",
     .choices = "fail|retry",
     .doc = "After a run failed on a device: give up, or try once more without that device"},
    {.path = "place",
     .kind = K::kItems,
     .preset = "",
     .doc = "Pins: the first rule that matches a node decides who runs it"},
    {.path = "place[].match",
     .kind = K::kGroup,
     .preset = "",
     .doc = "Which nodes: all that is said here must hold, and something must be said",
     .required = true},
    {.path = "place[].match.op",
     .kind = K::kGlobList,
     .preset = "",
     .doc = "Globs of the operator"},
    {.path = "place[].match.name",
     .kind = K::kGlobList,
     .preset = "",
     .doc = "Globs of the node's name"},
    {.path = "place[].match.subgraph",
     .kind = K::kGlobList,
     .preset = "",
     .doc = "Globs of the function or body that the node is in"},
    {.path = "place[].provider",
     .kind = K::kText,
     .preset = "",
     .doc = "Who runs them",
     .required = true},
    {.path = "cache", .kind = K::kGroup, .preset = "", .doc = "The compiled artefacts on disk"},
    {.path = "cache.enabled", .kind = K::kBool, .preset = "true", .doc = "Use it at all"},
    {.path = "cache.read_only",
     .kind = K::kBool,
     .preset = "false",
     .doc = "Read it, and add nothing"},
    {.path = "cache.dir",
     .kind = K::kPath,
     .preset = "",
     .doc = "Its folder; default: halyard/ in $XDG_CACHE_HOME, else in ~/.cache"},
    {.path = "cache.max",
     .kind = K::kSize,
     .preset = "4GiB",
     .min = 0,
     .max = kHuge,
     .doc = "Its size; what was not used for longest goes first"},
    {.path = "log", .kind = K::kGroup, .preset = "", .doc = "What the library tells"},
    {.path = "log.level",
     .kind = K::kChoice,
     .preset = "warn",
     .choices = "trace|debug|info|warn|error",
     .doc = "The least level that is told",
     .flag = "-v, -q"},
    {.path = "log.file",
     .kind = K::kPath,
     .preset = "",
     .doc = "A file that lines are added to, besides where they go anyway"},
    {.path = "plugins", .kind = K::kGroup, .preset = "", .doc = "Which plugins are found and used"},
    {.path = "plugins.path",
     .kind = K::kPathList,
     .preset = "",
     .doc = "Folders that are searched before the default one",
     .variable = "HALYARD_PLUGIN_PATH"},
    {.path = "plugins.allow",
     .kind = K::kGlobList,
     .preset = "",
     .doc = "Globs of ids; no others are opened, providers or formats; default: all"},
    {.path = "plugins.deny",
     .kind = K::kGlobList,
     .preset = "",
     .doc = "Globs of ids that are never opened; stronger than allow"},
};

std::string_view last_name(std::string_view path) {
  const size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

/// " from 0 to 8", " of at least 0"; nothing of a limit that is none.
std::string range_words(const Key& key) {
  constexpr double kNoLimit = 9e15;
  const auto number = [](double v) {
    return v == std::floor(v) ? fmt::format("{}", static_cast<int64_t>(v)) : fmt::format("{}", v);
  };
  const bool low = key.min > -kNoLimit, high = key.max < kNoLimit;
  if (low && high) return fmt::format(" from {} to {}", number(key.min), number(key.max));
  if (low) return fmt::format(" of at least {}", number(key.min));
  return high ? fmt::format(" of at most {}", number(key.max)) : "";
}

}  // namespace

std::span<const Key> key_table() { return kTable; }

const Key* find_key(std::string_view path) {
  const auto it = std::find_if(std::begin(kTable), std::end(kTable),
                               [&](const Key& k) { return k.path == path; });
  return it == std::end(kTable) ? nullptr : it;
}

std::vector<std::string_view> names_below(std::string_view path) {
  std::vector<std::string_view> out;
  for (const Key& k : kTable) {
    const std::string_view name = last_name(k.path);
    const std::string_view parent =
        name.size() == k.path.size() ? "" : k.path.substr(0, k.path.size() - name.size() - 1);
    if (parent == path) out.push_back(name);
  }
  return out;
}

std::vector<std::string_view> paths_named(std::string_view name) {
  std::vector<std::string_view> out;
  for (const Key& k : kTable)
    if (last_name(k.path) == name) out.push_back(k.path);
  return out;
}

std::string without_numbers(std::string_view path) {
  std::string out;
  bool inside = false;
  for (const char c : path) {
    if (c == ']') inside = false;
    if (!inside) out += c;
    if (c == '[') inside = true;
  }
  return out;
}

std::vector<std::string_view> choice_names(std::string_view choices) {
  std::vector<std::string_view> out;
  while (!choices.empty()) {
    const std::string_view one = choices.substr(0, choices.find('|'));
    choices.remove_prefix(std::min(one.size() + 1, choices.size()));
    out.push_back(one.substr(0, one.find('=')));
  }
  return out;
}

std::string_view choice_meant(std::string_view choices, std::string_view text) {
  while (!choices.empty()) {
    std::string_view one = choices.substr(0, choices.find('|'));
    choices.remove_prefix(std::min(one.size() + 1, choices.size()));
    const std::string_view canonical = one.substr(0, one.find('='));
    while (!one.empty()) {
      const std::string_view name = one.substr(0, one.find('='));
      if (name == text) return canonical;
      one.remove_prefix(std::min(name.size() + 1, one.size()));
    }
  }
  return {};
}

std::string variable_of(const Key& key) {
  if (!key.variable.empty()) return std::string(key.variable);
  if (key.kind == K::kGroup || key.path.find('[') != std::string_view::npos || key.path == "place")
    return {};
  std::string out = "HALYARD_";
  for (const char c : key.path)
    out += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

bool is_list(KeyKind kind) {
  return kind == K::kItems || kind == K::kTextList || kind == K::kPathList ||
         kind == K::kGlobList || kind == K::kChoiceList;
}

std::string wanted_words(const Key& key) {
  switch (key.kind) {
    case K::kGroup:
    case K::kOptions:
      return "a map of keys";
    case K::kItems:
      return "a list";
    case K::kBool:
      return "true or false";
    case K::kInt:
      return "a whole number" + range_words(key);
    case K::kNumber:
      return "a number" + range_words(key);
    case K::kSize:
      return "a size in bytes such as 4096, 512MiB or 2GB";
    case K::kShare:
      return "a share from 0 to 1, or a percentage";
    case K::kChoice:
      return fmt::format("one of {}", fmt::join(choice_names(key.choices), ", "));
    case K::kText:
      return "a text";
    case K::kPath:
      return "a path";
    case K::kTextList:
      return "a list of texts";
    case K::kPathList:
      return "a list of paths";
    case K::kGlobList:
      return "a glob or a list of globs";
    case K::kChoiceList:
      return fmt::format("a list of {}", fmt::join(choice_names(key.choices), ", "));
  }
  return "something else";
}

}  // namespace halyard::core::config
