// Which build of a plugin is loaded: part of what its artefacts depend on.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/digest.hpp"
#include "core/base/file_identity.hpp"

namespace halyard::core {

/// Constant once made.
struct PluginIdentity {
  std::string version;   // in the plugin's own words
  std::string build_id;  // the linker's, as hexadecimal digits; empty: it wrote none
  std::filesystem::path file;
  std::optional<FileIdentity> file_state;  // when it was loaded; nothing: not loaded from a file

  /// code: a function of the loaded library.
  static PluginIdentity find(std::string version, const std::filesystem::path& file,
                             const void* code);
  /// The digest of the library's bytes. Nothing where the file is no longer the one that was loaded.
  std::optional<Digest> file_digest() const;
};

}  // namespace halyard::core
