// A provider plugin's objects, owned: provider, device, executable. Each call is checked here, and no
// exception of a plugin passes.
#pragma once

#include <map>
#include <memory>
#include <mutex>
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

class Executable;

/// A created provider. Any thread. Lives as long as a device of it does.
class Provider {
 public:
  /// Calls create and devices.
  static Result<std::shared_ptr<Provider>> create(const Manifest& manifest,
                                                  const LoadedPlugin& plugin,
                                                  std::shared_ptr<Host> host);
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
  void* self_ = nullptr;
  std::vector<DeviceInfo> devices_;

  std::mutex mutex_;               // guards what follows
  std::map<uint32_t, Link> links_;  // by device index
};

/// An open device. Any thread. Closed after its last executable is gone.
class Device : public std::enable_shared_from_this<Device> {
 public:
  using Options = std::vector<std::pair<std::string, std::string>>;
  /// CONFIG where an option is not as the provider's schema wants it.
  static Result<std::shared_ptr<Device>> open(std::shared_ptr<Provider> provider, uint32_t index,
                                              uint32_t threads, uint32_t precision,
                                              const Options& options = {});
  ~Device();
  Device(const Device&) = delete;

  const Provider& provider() const { return *provider_; }
  const DeviceInfo& info() const { return info_; }
  bool symbolic_shapes() const { return (info_.flags & HY_DEVICE_SYMBOLIC_SHAPES) != 0; }
  bool concurrent_runs() const { return (info_.flags & HY_DEVICE_CONCURRENT_RUNS) != 0; }
  bool host_memory() const { return (info_.flags & HY_DEVICE_HOST_MEMORY) != 0; }
  const hy_memory_ext& memory() const { return memory_; }
  const hy_async_ext& async() const { return async_; }
  bool has_async() const { return async_.wait != nullptr; }
  void* raw() const { return self_; }
  /// Found at first use, once for each device of a provider, which takes a millisecond or so where it is
  /// measured.
  Link link() const;

  /// Every record the provider pushed, in its order: there may be too few, too many or wrong ones.
  Result<std::vector<Verdict>> query(hy_bytes graph, hy_weights* weights) const;
  /// The refusal of a cluster, if it is refused.
  Result<std::vector<Verdict>> confirm(hy_bytes graph, hy_weights* weights) const;
  Result<std::shared_ptr<Executable>> compile(hy_bytes graph, hy_weights* weights);

 private:
  Device() = default;
  // Constant after construction.
  std::shared_ptr<Provider> provider_;
  DeviceInfo info_;
  hy_memory_ext memory_{};
  hy_async_ext async_{};
  void* self_ = nullptr;
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
  /// Held over a run and, for asynchronous devices, until its end is awaited.
  std::unique_lock<std::mutex> serialise() const;

 private:
  std::shared_ptr<Device> device_;  // constant after construction, as self_
  void* self_;
  mutable std::mutex mutex_;
};

/// The catalogue's name of a reason: "DTYPE".
const char* reason_name(uint32_t reason);

}  // namespace halyard::core
