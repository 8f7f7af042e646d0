// A plugin's manifest: NAME.json beside its library. Read before the library is opened.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/config/option_schema.hpp"
#include "halyard/status.hpp"

namespace halyard::core {

/// Why a plugin is not used; short codes for reports, and words.
struct Rejection {
  std::string reason;  // "MANIFEST", "ARCH", ...; empty: not rejected
  std::string detail;
  bool rejected() const { return !reason.empty(); }
};

struct Manifest {
  std::filesystem::path file;
  std::string id, version;
  uint32_t kind = 0;  // HY_PLUGIN_*; 0: not known
  std::filesystem::path library;
  std::string arch;
  std::vector<std::string> cpu_features, suffixes;
  int64_t abi_min = 0, abi_max = 0;
  int64_t rank = 0;  // default priority among providers: higher first
  bool exact =
      false;  // results are those of the operator's definition: constants may be folded on it
  std::optional<std::vector<config::OptionSchema>> options;  // nothing: the library is asked
};

/// Reads and checks a manifest against this machine. What could be read of it is there also when it is
/// rejected, so that reports can name it.
Rejection read_manifest(const std::filesystem::path& file, Manifest* manifest);

}  // namespace halyard::core
