// Finds plugins by their manifests and opens them when they are needed.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/plugin/format.hpp"
#include "core/plugin/provider.hpp"

namespace halyard::core {

/// One manifest that was found, and what became of it.
struct PluginRecord {
  Manifest manifest;
  Rejection rejection;
  bool loaded = false;
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
  Registry(std::vector<std::string> folders, std::shared_ptr<Host> host, PluginFilter filter = {});

  /// Every provider that can be used, by rank, then id.
  std::vector<std::shared_ptr<Provider>> providers();
  /// The format that is surest of the file, opened on it. Fails with NOT_FOUND or INVALID_MODEL where
  /// there is no such file, or no format takes it.
  Result<std::shared_ptr<OpenModel>> open_model(const std::string& path);

  std::vector<PluginRecord> records();
  std::vector<RejectedDevice> rejected_devices();
  /// As the configuration is checked against them: from the manifests, nothing is opened. Of a provider
  /// that is open already what its library says counts too.
  std::vector<config::PluginInfo> plugin_infos();
  const std::shared_ptr<Host>& host() const { return host_; }

 private:
  void find(const std::string& folder);
  Rejection filtered(const std::string& id) const;
  void load_kind(uint32_t kind);

  const std::shared_ptr<Host> host_;
  const PluginFilter filter_;
  std::mutex mutex_;  // guards what follows
  std::vector<PluginRecord> records_;
  std::vector<std::shared_ptr<Provider>> providers_;
  std::vector<std::shared_ptr<Format>> formats_;
  std::vector<RejectedDevice> rejected_;
  bool providers_loaded_ = false, formats_loaded_ = false;
};

}  // namespace halyard::core
