// What keeps a plugin that crashes or hangs from taking the host with it.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/isolation/journal.hpp"
#include "core/isolation/plugin_states.hpp"
#include "core/plugin/host.hpp"
#include "core/plugin/worker_provider.hpp"

namespace halyard::core {

class Guard;

enum class IsolationMode {
  kOff,     // in this process, untried
  kProbe,   // in this process, after a trial in another one: once for each state of its file
  kCanary,  // so, and what it was never seen to compile is compiled in the other process first
  kWorker,  // in a process of its own
};
/// "none", "probe", "canary", "worker".
std::optional<IsolationMode> parse_isolation(std::string_view name);
const char* isolation_name(IsolationMode mode);

struct IsolationOptions {
  IsolationMode mode = IsolationMode::kProbe;
  std::map<std::string, IsolationMode> by_provider;  // where it differs
  std::filesystem::path state;   // a folder for what is learnt; empty: nothing is kept
  std::filesystem::path helper;  // the program; empty or not there: everything runs in this process
  WatchdogLimits limits;
  uint32_t restarts = 0;  // how often a provider whose worker died gets another one
};

/// "MODE", "ID=MODE", or several of these with commas between.
Status parse_isolation_list(std::string_view text, IsolationOptions* options);

/// Decides how each provider plugin of a runtime is opened, and remembers what became of that. Any thread.
class Isolation : public std::enable_shared_from_this<Isolation> {
 public:
  Isolation(IsolationOptions options, std::shared_ptr<Host> host);

  struct Loaded {
    Rejection rejection;
    bool quarantined = false;
    LoadedPlugin plugin = {};
    std::shared_ptr<Guard> guard = {};  // of a provider in this process
  };
  /// Loads a provider plugin, tried and fenced in as its mode says.
  Loaded load(const Manifest& manifest);

  /// Lifts a quarantine; false where there is none.
  bool release(const Manifest& manifest) { return states_.release(manifest.library); }
  /// Why it is quarantined, if it is, without opening anything.
  std::optional<Rejection> quarantine(const Manifest& manifest);

  IsolationMode mode_of(const std::string& provider) const;
  /// kOff where the helper is not there.
  IsolationMode effective_mode(const std::string& provider) const {
    return has_helper() ? mode_of(provider) : IsolationMode::kOff;
  }
  bool has_helper() const;
  const IsolationOptions& options() const { return options_; }

 private:
  friend class Guard;
  PluginState learn(const Manifest& manifest);
  Loaded load_here(const Manifest& manifest, IsolationMode mode, const PluginState& state);
  Loaded load_there(const Manifest& manifest);
  Loaded lock_away(const Manifest& manifest, PluginState state, std::string reason,
                   std::string detail);
  void take_notes();

  const IsolationOptions options_;
  const std::shared_ptr<Host> host_;
  PluginStates states_;
  Journal journal_;
  std::once_flag notes_taken_;
  std::mutex mutex_;  // held while a state is read, changed and written
};

}  // namespace halyard::core
