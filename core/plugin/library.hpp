// Opens a plugin's library and checks what it says of itself.
#pragma once

#include "core/plugin/manifest.hpp"
#include "halyard/abi/plugin.h"

namespace halyard::core {

/// A loaded plugin: our own copies of its tables. Never unloaded. Constant.
struct LoadedPlugin {
  hy_plugin plugin{};
  hy_provider_api provider{};
  hy_format_api format{};
};

/// Fills *out or says why not: LOAD (with the loader's words), NO_SYMBOL, ENTRY_NULL, KIND,
/// ID_MISMATCH, TABLE.
Rejection load_library(const Manifest& manifest, LoadedPlugin* out);

}  // namespace halyard::core
