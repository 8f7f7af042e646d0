// A provider whose code runs in a worker: to the core it is a plugin like any other.
#pragma once

#include <chrono>
#include <memory>

#include "core/plugin/library.hpp"

namespace halyard::core {

/// How long a call may give no sign of life: no host->poll, no request, no line for the log. 0: no limit.
struct WatchdogLimits {
  std::chrono::milliseconds call{10'000};  // load, create, devices, open, query, confirm, release
  std::chrono::milliseconds compile{120'000};  // also options, save and load of artifacts
  std::chrono::milliseconds run{60'000};
};

/// The reason of a rejection that is the helper's fault, not the plugin's.
inline constexpr const char* kHelperUnfit = "HELPER";

/// Loads the manifest's library in the worker and fills *out with a table that calls there. Devices take
/// host memory, whatever they take in the worker; runs end before they return.
/// The rejections are load_library's; CRASHED or TIMEOUT with the worker's words, and
/// kHelperUnfit.
Rejection load_in_worker(const Manifest& manifest, std::shared_ptr<Worker> worker,
                         const WatchdogLimits& limits, LoadedPlugin* out);

}  // namespace halyard::core
