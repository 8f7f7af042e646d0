// Stands before the calls of one provider plugin that runs in the host's process.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "core/plugin/isolation.hpp"
#include "core/plugin/provider.hpp"

namespace halyard::core {

/// Any thread.
class Guard {
 public:
  Guard(std::shared_ptr<Isolation> isolation, Manifest manifest, IsolationMode mode,
        PluginState state);

  /// Kept while a call that may end the process is under way. stage: one word.
  [[nodiscard]] Journal::Entry note(const char* stage, const std::string& graph = {});
  /// The plugin was created and told its devices: it is no longer suspected of ending there.
  void created();

  /// A call about a graph is to come. Fails where the plugin is known to crash or hang over it, after
  /// finding out in another process where that is asked for. Gives the graph's name for notes.
  Result<std::string> admit(hy_bytes graph, hy_weights* weights, const Device::Args& device,
                            bool compiles);
  /// The call about the graph that was noted so ended well: it is no longer suspected over it.
  void survived(std::string_view stage, const std::string& graph);

 private:
  Status try_elsewhere(const std::string& name, hy_bytes graph, hy_weights* weights,
                       const Device::Args& device, bool compiles);
  Result<std::shared_ptr<Device>> canary(const Device::Args& device);
  void keep();

  const std::shared_ptr<Isolation> isolation_;
  const Manifest manifest_;
  const IsolationMode mode_;
  std::mutex mutex_;  // guards what follows, and lets one graph be tried at a time
  PluginState state_;
  std::shared_ptr<Provider> canary_;
  std::shared_ptr<Device> canary_device_;
};

}  // namespace halyard::core
