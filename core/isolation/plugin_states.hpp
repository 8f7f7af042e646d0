// What was learnt about plugins' files in earlier processes: kept on disk, one small file a library.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "core/base/file_identity.hpp"
#include "core/base/log.hpp"
#include "halyard/status.hpp"

namespace halyard::core {

/// What is known of one state of a library's file.
struct PluginState {
  enum class Verdict {
    kUnknown,      // never tried
    kSound,        // went through the probe
    kSuspect,      // a process ended inside a call of it, and nobody knows why
    kQuarantined,  // known to crash or to hang: not opened
  };
  Verdict verdict = Verdict::kUnknown;
  std::string reason, detail;      // of a quarantine: CRASHED or TIMEOUT, and words
  std::string stage, graph;        // of a suspicion: in which call, about which graph (a digest)
  uint32_t strikes = 0;            // how many processes ended there
  std::set<std::string> compiled;  // digests of graphs that it compiled and went on living
  std::map<std::string, std::string> deadly;  // and of those that ended its process, with words

  bool operator==(const PluginState&) const = default;
};

/// Any thread, any number of processes: files are written whole. What cannot be written is told to the log
/// once and forgotten: a read-only disk costs time, never a failure.
class PluginStates {
 public:
  /// folder: empty: nothing is kept.
  PluginStates(std::filesystem::path folder, Logger logger);

  /// $HALYARD_STATE_DIR, else halyard/ in $XDG_STATE_HOME or ~/.local/state; empty where none is set.
  static std::filesystem::path default_folder();

  /// That of the file as it is now; kUnknown where it changed.
  PluginState get(const std::filesystem::path& library) const;
  void put(const std::filesystem::path& library, const PluginState& state);
  /// Forgets a quarantine and graphs that were deadly. False where there are neither.
  bool release(const std::filesystem::path& library);
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path file_of(const std::filesystem::path& library) const;
  const std::filesystem::path folder_;
  const Logger logger_;
};

/// Writes a file so that others see the old or the new one, never a part. errno's words on failure.
Status write_whole(const std::filesystem::path& file, std::string_view text);

}  // namespace halyard::core
