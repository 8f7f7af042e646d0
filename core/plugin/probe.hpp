// The canary: a plugin walked through all of its calls in a process that may die.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "core/plugin/worker.hpp"
#include "core/plugin/worker_provider.hpp"

namespace halyard::core {

struct Probe {
  /// Where the plugin crashed or hung.
  std::optional<Worker::Death> death;
  /// The helper is of no use; nothing is known of the plugin.
  Status helper;
};

/// Loads, creates, lists the devices; opens each that can be used, asks about small graphs, compiles and
/// runs one that is taken, and takes it all down again. A call that fails in an orderly way ends its part
/// and is no matter here: the host will meet it again.
Probe probe_plugin(const Manifest& manifest, const std::filesystem::path& helper,
                   const WatchdogLimits& limits, const std::shared_ptr<Host>& host);

}  // namespace halyard::core
