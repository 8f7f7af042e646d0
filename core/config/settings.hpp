// What the configuration says, as plain data for the planner and the runtime.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "halyard/abi/plugin.h"

namespace halyard::core {

struct ProviderSettings {
  /// Where its code runs.
  enum class Isolation { kInProcess, kCanary, kWorker };

  std::string id;
  std::string device;    // its index, or a glob of its name; empty: the first usable one
  uint32_t threads = 0;  // 0: as many as there are cores
  Isolation isolation = Isolation::kInProcess;
  std::vector<std::pair<std::string, std::string>> options;  // as written, in order of their names
  bool must_exist = false;  // named for this run: that it is not there is an error
};

struct PolicySettings {
  enum class Placement { kCost, kPriority };
  enum class Objective { kLatency, kThroughput, kPower, kPriority };

  Placement placement = Placement::kCost;
  Objective objective = Objective::kLatency;
  uint32_t precision = HY_PRECISION_STRICT;
  std::vector<uint32_t> relaxed_types = {HY_DTYPE_F16, HY_DTYPE_BF16};  // HY_DTYPE_*
  double min_gain_us = 20;      // what a cluster must save to be placed apart
  uint32_t max_partitions = 0;  // clusters of one graph; 0: no limit
  uint64_t memory_limit = 0;    // bytes of one device; 0: what the device has
};

struct RequireSettings {
  enum class OnViolation { kFail, kWarn };

  std::string provider;  // empty: none
  double min_share = 1;  // of the nodes, 0 to 1
  OnViolation on_violation = OnViolation::kFail;
};

struct FallbackSettings {
  enum class OnCompileError { kReplan, kFail };
  enum class OnRunError { kFail, kRetry };

  OnCompileError on_compile_error = OnCompileError::kReplan;
  OnRunError on_run_error = OnRunError::kFail;
};

/// Pins the nodes that match to a provider. Each list is of globs; an empty one matches everything.
struct PlaceRule {
  std::vector<std::string> op, name, subgraph;
  std::string provider;
};

struct CacheSettings {
  bool enabled = true, read_only = false;
  std::string dir;                   // empty: the user's cache folder
  uint64_t max = uint64_t{4} << 30;  // bytes
};

struct LogSettings {
  uint32_t level = 3;         // 0 trace ... 4 error
  bool level_stated = false;  // by the user
  std::string file;           // empty: none
};

struct PluginSettings {
  std::vector<std::string> path;         // folders, before the default one
  std::vector<std::string> allow, deny;  // globs of ids; an empty allow allows all
};

/// Everything the configuration says. A value; the defaults are those of the key table.
struct Settings {
  std::vector<ProviderSettings>
      providers;                           // these alone, in order of priority; empty: all, by rank
  std::vector<ProviderSettings> unlisted;  // what is said about others
  std::string compute_units = "all";
  uint32_t threads = 0;  // of providers about which nothing is said
  PolicySettings policy;
  RequireSettings require;
  FallbackSettings fallback;
  std::vector<PlaceRule> place;  // the first that matches counts
  CacheSettings cache;
  LogSettings log;
  PluginSettings plugins;

  /// May a device of this HY_DEVICE_TYPE_* be used?
  bool allows_type(uint32_t type) const;
  /// What is said about a provider that is not listed.
  ProviderSettings about(std::string_view id) const;
};

/// `*` any characters, `?` one, `[ab]` one of them. Slashes are characters like others.
bool glob_matches(const std::string& pattern, const std::string& text);
/// One of the patterns matches, or there is none.
bool any_glob_matches(const std::vector<std::string>& patterns, const std::string& text);
/// The first rule that fits the node, or null. The pointer lives as long as the settings.
const PlaceRule* pin_of(const Settings& settings, const std::string& op, const std::string& name,
                        const std::string& subgraph);

}  // namespace halyard::core
