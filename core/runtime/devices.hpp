// Which devices a session uses.
#pragma once

#include <memory>
#include <vector>

#include "core/config/settings.hpp"
#include "core/plan/plan.hpp"
#include "core/plugin/registry.hpp"

namespace halyard::core {

struct DeviceChoice {
  std::vector<std::shared_ptr<Device>> devices;  // open, in order of priority
  std::shared_ptr<Device>
      exact;                    // where constants are folded, perhaps none of those; null: nowhere
  std::vector<Refusal> absent;  // providers that run nothing, and why
};

/// As the settings ask: providers, their devices, threads and options, kinds of device, precision. A provider
/// that a file lists and that is not there is told in the log and left out. CONFIG where one that was named
/// for this run or required is not there, where none of the listed ones is, or where an option is wrong.
Result<DeviceChoice> choose_devices(Registry& registry, const Settings& settings);

}  // namespace halyard::core
