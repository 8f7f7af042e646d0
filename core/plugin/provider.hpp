// A provider plugin's objects, owned: provider, device, executable. Each call is checked here, and no
// exception of a plugin passes.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/plugin/host.hpp"
#include "core/plugin/library.hpp"
#include "core/plugin/link.hpp"

namespace halyard::core {

struct DeviceInfo {
  uint32_t index = 0, type = 0, flags = 0;
  std::string name, resource_group, driver;
  uint64_t memory_bytes = 0;
  double flops = 0, bandwidth = 0;  // as all that follow, 0: unknown
  double launch_us = 0, copy_latency_us = 0, copy_bandwidth = 0, watts = 0;
  std::vector<std::pair<std::string, std::string>> properties;
  uint32_t reject_reason = HY_REASON_NONE;
  std::string reject_detail;
  bool usable() const { return reject_reason == HY_REASON_NONE; }
};

/// What a provider said about a node; text copied.
struct Verdict {
  uint32_t node = 0;
  bool supported = false;
  uint32_t reason = HY_REASON_UNSTATED;
  uint32_t cluster = HY_CLUSTER_ANY;
  uint32_t operand = HY_OPERAND_NONE;
  std::string got, limit;
  double est_us = -1;
};

/// Told how much of a compilation is done, 0 to 1, or negative where the provider cannot say. Null: nobody is told.
using CompileProgress = std::function<void(double done)>;

class Executable;
class Guard;

/// A created provider. Any thread. Lives as long as a device of it does.
class Provider {
 public:
  /// Calls create and devices. guard: null: its calls are not watched over.
  static Result<std::shared_ptr<Provider>> create(const Manifest& manifest,
                                                  const LoadedPlugin& plugin,
                                                  std::shared_ptr<Host> host,
                                                  std::shared_ptr<Guard> guard = nullptr);
  ~Provider();
  Provider(const Provider&) = delete;

  const std::string& id() const { return id_; }
  bool exact() const { return exact_; }
  int64_t rank() const { return rank_; }
  /// From the manifest, else from the library; nothing: it publishes none.
  const std::optional<std::vector<config::OptionSchema>>& options() const { return options_; }
  const std::vector<DeviceInfo>& devices() const { return devices_; }
  const hy_provider_api& api() const { return api_; }
  const std::shared_ptr<Host>& host() const { return host_; }
  const PluginIdentity& identity() const { return identity_; }
  /// The digest of the plugin's library, made once; nothing where it cannot be told.
  std::optional<Digest> library_digest() const;
  /// Of a provider in a process of its own that is gone: why. It answers no call any more.
  struct Loss {
    uint32_t reason = HY_REASON_CRASHED;  // or TIMEOUT
    std::string words;
  };
  std::optional<Loss> lost() const;
  /// An extension table of the provider, copied; struct_size 0 where it has none.
  template <class T>
  T extension(std::string_view ext) const {
    return api_.extension == nullptr ? T{} : copy_record<T>(api_.extension(self_, str(ext)));
  }

 private:
  friend class Device;
  Provider() = default;
  // Constant after construction.
  std::string id_;
  bool exact_ = false;
  int64_t rank_ = 0;
  std::optional<std::vector<config::OptionSchema>> options_;
  hy_provider_api api_{};
  std::shared_ptr<Host> host_;
  std::shared_ptr<Guard> guard_;
  std::shared_ptr<Worker> worker_;
  void* self_ = nullptr;
  std::vector<DeviceInfo> devices_;
  PluginIdentity identity_;

  mutable std::once_flag library_digested_;
  mutable std::optional<Digest> library_digest_;  // constant after library_digested_

  std::mutex mutex_;                // guards what follows
  std::map<uint32_t, Link> links_;  // by device index
};

/// An open device. Any thread. Closed after its last executable is gone.
class Device : public std::enable_shared_from_this<Device> {
 public:
  using Options = std::vector<std::pair<std::string, std::string>>;
  /// What it was opened with.
  struct Args {
    uint32_t index = 0, threads = 0, precision = HY_PRECISION_STRICT;
    Options options = {};
    uint32_t relaxed_types = 0;  // as hy_open_args
    bool operator==(const Args&) const = default;
  };
  /// CONFIG where an option is not as the provider's schema wants it.
  static Result<std::shared_ptr<Device>> open(std::shared_ptr<Provider> provider, const Args& args);
  ~Device();
  Device(const Device&) = delete;

  const Provider& provider() const { return *provider_; }
  const DeviceInfo& info() const { return info_; }
  const Args& args() const { return args_; }
  bool symbolic_shapes() const { return (info_.flags & HY_DEVICE_SYMBOLIC_SHAPES) != 0; }
  bool concurrent_runs() const { return (info_.flags & HY_DEVICE_CONCURRENT_RUNS) != 0; }
  bool host_memory() const { return (info_.flags & HY_DEVICE_HOST_MEMORY) != 0; }
  const hy_memory_ext& memory() const { return memory_; }
  const hy_async_ext& async() const { return async_; }
  /// Its clusters may have states.
  bool takes_states() const { return (info_.flags & HY_DEVICE_STATES) != 0; }
  const hy_profile_ext& profile() const { return profile_; }
  /// Its executables can time their nodes.
  bool has_profile() const { return profile_.enable != nullptr && profile_.events != nullptr; }
  bool has_async() const { return async_.wait != nullptr; }
  void* raw() const { return self_; }
  /// Found at first use, once for each device of a provider, which takes a millisecond or so where it is
  /// measured.
  Link link() const;
  uint32_t threads() const { return args_.threads; }
  uint32_t precision() const { return args_.precision; }
  /// The options that an artefact depends on: "key=value;..."
  const std::string& artifact_options() const { return artifact_options_; }
  const hy_artifact_ext& artifact() const { return artifact_; }
  /// Its executables can be saved and loaded.
  bool has_artifacts() const { return artifact_.save != nullptr && artifact_.load != nullptr; }

  /// Every record the provider pushed, in its order: there may be too few, too many or wrong ones.
  Result<std::vector<Verdict>> query(hy_bytes graph, hy_weights* weights) const;
  /// The refusal of a cluster, if it is refused.
  Result<std::vector<Verdict>> confirm(hy_bytes graph, hy_weights* weights) const;
  Result<std::shared_ptr<Executable>> compile(hy_bytes graph, hy_weights* weights,
                                              const CompileProgress& progress = {});
  /// An executable of the same graph from what Executable::save gave; STALE: compile it.
  Result<std::shared_ptr<Executable>> load(hy_bytes artifact, hy_bytes graph, hy_weights* weights);

 private:
  Device() = default;
  Result<std::string> admitted(hy_bytes graph, hy_weights* weights, bool compiles) const;
  // Constant after construction.
  std::shared_ptr<Provider> provider_;
  DeviceInfo info_;
  Args args_;
  hy_memory_ext memory_{};
  hy_async_ext async_{};
  hy_profile_ext profile_{};
  void* self_ = nullptr;
  hy_artifact_ext artifact_{};
  std::string artifact_options_;
};

/// How long a node of a cluster's graph took; text copied.
struct NodeTime {
  uint32_t node = 0;
  uint64_t start_ns = 0, duration_ns = 0;  // from the start of the run
  std::string name;
};

/// A compiled cluster. Runs one after the other unless the device allows concurrent ones.
class Executable {
 public:
  Executable(std::shared_ptr<Device> device, void* self)
      : device_(std::move(device)), self_(self) {}
  ~Executable();
  Executable(const Executable&) = delete;

  Device& device() const { return *device_; }
  Status run(hy_job& job, const hy_run_args& args) const;
  /// Whether its next runs are timed, of a device with profiles. Costs nothing where that is so already.
  void time_nodes(bool on) const;
  /// The times of the run that had this job; empty where they are not to be had.
  std::vector<NodeTime> node_times(hy_job& job) const;
  /// Its bytes, of a device with artefacts. UNSUPPORTED: this one cannot be saved.
  Result<std::vector<unsigned char>> save() const;
  /// Held over a run and, for asynchronous devices, until its end is awaited.
  std::unique_lock<std::mutex> serialise() const;

 private:
  std::shared_ptr<Device> device_;  // constant after construction, as self_
  void* self_;
  mutable std::atomic<bool> timed_{false};
  mutable std::mutex mutex_;
};

/// The catalogue's name of a reason: "DTYPE".
const char* reason_name(uint32_t reason);

}  // namespace halyard::core
