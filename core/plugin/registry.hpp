// Finds plugins by their manifests and opens them when they are needed.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/plugin/format.hpp"
#include "core/plugin/isolation.hpp"
#include "core/plugin/provider.hpp"

namespace halyard::core {

/// One manifest that was found, and what became of it.
struct PluginRecord {
  Manifest manifest;
  Rejection rejection;
  bool loaded = false;
  bool quarantined = false;  // rejection says why
  bool in_worker = false;    // it runs in a process of its own
};

/// A device that cannot be used, or a provider without devices.
struct RejectedDevice {
  std::string provider, reason, detail;
};

/// Globs of ids: what may be opened. deny is stronger than allow; an empty allow allows all.
struct PluginFilter {
  std::vector<std::string> allow, deny;
};

/// All plugins of a runtime. Any thread. A plugin's failure is its own: it is kept with its reason and
/// stops no other.
class Registry {
 public:
  /// folders: searched in this order; of two plugins with one id the first one found is used. Manifests
  /// are read at once; libraries are opened by the calls below.
  /// isolation: null: plugins are opened as they are.
  Registry(std::vector<std::string> folders, std::shared_ptr<Host> host, PluginFilter filter = {},
           std::shared_ptr<Isolation> isolation = nullptr);

  /// Every provider that can be used, by rank, then id.
  std::vector<std::shared_ptr<Provider>> providers();
  /// The format that is surest of the file, opened on it. Fails with NOT_FOUND or INVALID_MODEL where
  /// there is no such file, or no format takes it.
  Result<std::shared_ptr<OpenModel>> open_model(const std::string& path);

  /// Lifts the quarantine of a plugin, for the runtimes that are made after this. Fails with NOT_FOUND.
  Status release(const std::string& id);

  std::vector<PluginRecord> records();
  const std::shared_ptr<Isolation>& isolation() const { return isolation_; }
  std::vector<RejectedDevice> rejected_devices();
  /// As the configuration is checked against them: from the manifests, nothing is opened. Of a provider
  /// that is open already what its library says counts too.
  std::vector<config::PluginInfo> plugin_infos();
  const std::shared_ptr<Host>& host() const { return host_; }

 private:
  void find(const std::string& folder);
  Rejection filtered(const std::string& id) const;
  void load_kind(uint32_t kind);
  void load_provider(PluginRecord& record);
  void load_format(PluginRecord& record);
  void restart_lost();

  const std::shared_ptr<Host> host_;
  const PluginFilter filter_;
  const std::shared_ptr<Isolation> isolation_;
  std::mutex mutex_;  // guards what follows
  std::vector<PluginRecord> records_;
  std::vector<std::shared_ptr<Provider>> providers_;
  std::vector<std::shared_ptr<Format>> formats_;
  std::vector<RejectedDevice> rejected_;
  bool providers_loaded_ = false, formats_loaded_ = false;
  std::map<std::string, uint32_t> restarts_;  // of workers, by provider
};

}  // namespace halyard::core
