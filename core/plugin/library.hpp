// Opens a plugin's library and checks what it says of itself.
#pragma once

#include <functional>
#include <memory>

#include "core/plugin/manifest.hpp"
#include "core/plugin/plugin_identity.hpp"
#include "halyard/abi/plugin.h"

namespace halyard::core {

class Worker;

/// A loaded plugin: our own copies of its tables. Never unloaded. Constant.
struct LoadedPlugin {
  hy_plugin plugin{};
  hy_provider_api provider{};
  hy_format_api format{};
  PluginIdentity identity = {};
  /// Of a provider that runs in a process of its own: that process, and what stands for create.
  std::shared_ptr<Worker> worker = {};
  std::function<hy_status(const hy_host*, hy_job*, void** provider)> make = {};
};

/// Fills *out or says why not: LOAD (with the loader's words), NO_SYMBOL, ENTRY_NULL, KIND,
/// ID_MISMATCH, TABLE.
Rejection load_library(const Manifest& manifest, LoadedPlugin* out);

}  // namespace halyard::core
