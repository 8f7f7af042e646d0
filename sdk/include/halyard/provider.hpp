// Write a provider as one C++20 class. Header-only over abi/plugin.h; links nothing.
//
//   class Acme : public halyard::plugin::Provider {
//     Status devices(Job&, std::vector<Device>&) override;
//     Verdict supports(const Node&, const OpenDevice&) override;      // accept() or reject(reason)
//     Result<std::unique_ptr<Executable>> compile(const Graph&, OpenDevice&, Job&) override;
//   };
//   HALYARD_PROVIDER(Acme, "acme", "1.0.0")
//
// sdk/README.md shows a whole one.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "halyard/graph.hpp"
#include "halyard/plugin.hpp"

namespace halyard::plugin {

/// Reasons that a provider may give; HY_REASON_* has what each means.
enum class Reason : uint32_t {
  op_unknown = HY_REASON_OP_UNKNOWN,
  signature = HY_REASON_SIGNATURE,
  attribute = HY_REASON_ATTRIBUTE,
  dtype = HY_REASON_DTYPE,
  rank = HY_REASON_RANK,
  dim_limit = HY_REASON_DIM_LIMIT,
  dim_dynamic = HY_REASON_DIM_DYNAMIC,
  layout = HY_REASON_LAYOUT,
  encoding = HY_REASON_ENCODING,
  const_required = HY_REASON_CONST_REQUIRED,
  broadcast = HY_REASON_BROADCAST,
  operand_missing = HY_REASON_OPERAND_MISSING,
  control_flow = HY_REASON_CONTROL_FLOW,
  state_pattern = HY_REASON_STATE_PATTERN,
  memory_budget = HY_REASON_MEMORY_BUDGET,
  device_feature = HY_REASON_DEVICE_FEATURE,
  driver_version = HY_REASON_DRIVER_VERSION,
  precision_policy = HY_REASON_PRECISION_POLICY,
  other = HY_REASON_OTHER,
};

/// One provider's answer about one node. Made by accept() or reject(reason) alone: there is no verdict
/// without a reason.
class Verdict {
 public:
  /// Wants to run in one cluster with all nodes of the same number; without it the core decides.
  Verdict& cluster(uint32_t id) { return cluster_ = id, *this; }
  Verdict& est_us(double microseconds) { return est_us_ = microseconds, *this; }
  /// Which operand the reason is about; outputs count on after the inputs.
  Verdict& operand(uint32_t index) { return operand_ = index, *this; }
  Verdict& got(std::string what) { return got_ = std::move(what), *this; }
  Verdict& got(int64_t what) { return got(std::to_string(what)); }
  Verdict& limit(std::string what) { return limit_ = std::move(what), *this; }
  Verdict& limit(int64_t what) { return limit(std::to_string(what)); }
  bool supported() const { return reason_ == HY_REASON_NONE; }
  uint32_t reason() const { return reason_; }

  hy_status push(uint32_t node, const hy_sink& sink) const {
    hy_verdict v = HY_INIT(hy_verdict);
    v.node = node;
    v.supported = supported() ? 1 : 0;
    v.reason = reason_;
    v.cluster = cluster_;
    v.operand = operand_;
    v.got = str(got_);
    v.limit = str(limit_);
    v.est_us = est_us_;
    return sink.push(sink.ctx, &v);
  }

 private:
  friend Verdict accept();
  friend Verdict reject(Reason);
  explicit Verdict(uint32_t reason) : reason_(reason) {}
  uint32_t reason_;
  uint32_t cluster_ = HY_CLUSTER_ANY;
  uint32_t operand_ = HY_OPERAND_NONE;
  double est_us_ = -1;
  std::string got_, limit_;
};

[[nodiscard]] inline Verdict accept() { return Verdict(HY_REASON_NONE); }
[[nodiscard]] inline Verdict reject(Reason reason) {
  return Verdict(static_cast<uint32_t>(reason));
}

/// A device to be listed; fields as in hy_device.
struct Device {
  std::string name;
  uint32_t type = HY_DEVICE_TYPE_OTHER;
  uint32_t flags = HY_DEVICE_HOST_MEMORY;
  std::string resource_group{}, driver{};
  uint64_t memory_bytes = 0;
  double flops = 0, bandwidth = 0;
  double launch_us = 0, copy_latency_us = 0, copy_bandwidth = 0, watts = 0;
  std::vector<std::pair<std::string, std::string>> properties{};
  uint32_t reject_reason = HY_REASON_NONE;
  std::string reject_detail{};
};

/// How a device was opened. Derive from it in open() to keep more with it. Constant once open.
struct OpenDevice {
  virtual ~OpenDevice() = default;
  uint32_t index = 0;
  uint32_t threads = 0;
  uint32_t precision = HY_PRECISION_STRICT;
  uint32_t relaxed_types = 0;  // of RELAXED, 1u << HY_DTYPE_* each; 0: f16, bf16
  std::vector<std::pair<std::string, std::string>> options;
};

/// One run: its ports and, for outputs that were bound empty, their memory.
class Run {
 public:
  Run(const Job& job, const hy_run_args& args) : job_(job), args_(args) {}
  uint32_t input_count() const { return args_.inputs.count; }
  uint32_t output_count() const { return args_.outputs.count; }
  uint32_t state_count() const { return args_.states.count; }
  hy_binding input(uint32_t i) const { return record_at<hy_binding>(args_.inputs, i); }
  hy_binding output(uint32_t i) const { return record_at<hy_binding>(args_.outputs, i); }
  /// Of a device with HY_DEVICE_STATES: content before the run, to be what it is after.
  hy_binding state(uint32_t i) const { return record_at<hy_binding>(args_.states, i); }
  /// Host memory for an output that was bound empty. Once a port. bytes: of the element data.
  Result<void*> allocate(uint32_t port, std::span<const int64_t> dims, uint64_t bytes) const {
    void* data = nullptr;
    uint64_t handle = 0;
    const hy_host* host = job_.host();
    const hy_status code =
        host->output(host->self, job_.raw(), port, static_cast<uint32_t>(dims.size()), dims.data(),
                     bytes, &data, &handle);
    if (code != HY_OK)
      return Status(code, "the host gave no memory for output " + std::to_string(port));
    return data;
  }
  const Job& job() const { return job_; }
  const hy_run_args& args() const { return args_; }

 private:
  const Job& job_;
  hy_run_args args_;
};

/// Takes the bytes of an executable, piece by piece.
class ArtifactWriter {
 public:
  explicit ArtifactWriter(const hy_sink& sink) : sink_(sink) {}
  Status write(const void* data, uint64_t size) const {
    const hy_bytes bytes{data, size};
    const hy_status code = sink_.push(sink_.ctx, &bytes);
    return code == HY_OK ? Status() : Status(code, "the host took no more bytes");
  }

 private:
  const hy_sink& sink_;
};

/// How long a node took in a run.
struct ProfileEvent {
  uint32_t node = HY_OPERAND_NONE;  // in the graph's nodes; of several that ran as one the first
  uint64_t start_ns = 0;            // since the start of run()
  uint64_t duration_ns = 0;
  std::string name;
};

/// A compiled cluster. run() from several threads at once only if the device says so.
class Executable {
 public:
  virtual ~Executable() = default;
  virtual Status run(Run& run) = 0;
  /// Of a provider with Artifacts: the bytes that load() makes this again from.
  virtual Status save(const ArtifactWriter&) const {
    return unsupported("this executable cannot be saved");
  }
  /// Of a provider with Profiling: whether runs from now on are timed.
  virtual Status profile(bool) { return {}; }
  /// The times of the run that had this job: see hy_profile_ext.
  virtual Status events(const Job&, std::vector<ProfileEvent>&) { return {}; }
};

/// A provider. One object a plugin, made at create. Thread rule of abi/plugin.h, rule 10.
class Provider {
 public:
  virtual ~Provider() = default;
  virtual Status devices(Job& job, std::vector<Device>& devices) = 0;
  virtual Verdict supports(const Node& node, const OpenDevice& device) = 0;
  virtual Result<std::unique_ptr<Executable>> compile(const Graph& graph, OpenDevice& device,
                                                      Job& job) = 0;
  virtual Result<std::unique_ptr<OpenDevice>> open(const OpenDevice& args, Job&) {
    return std::make_unique<OpenDevice>(args);
  }
  /// Option rows; struct_size is filled in by the helper. Text must live as long as the provider.
  virtual std::vector<hy_option_schema> options() { return {}; }
  virtual const void* extension(std::string_view) { return nullptr; }
};

/// Derive a provider from this, too, where loading is faster than compiling: the core then keeps what
/// Executable::save writes on disk, and compiles each cluster once a machine.
class Artifacts {
 public:
  virtual ~Artifacts() = default;
  /// As compile(), from what save wrote: for the same graph, weights, device and options, by the same build.
  /// stale(why): compile() would do better.
  virtual Result<std::unique_ptr<Executable>> load(hy_bytes artifact, const Graph& graph,
                                                   OpenDevice& device, Job& job) = 0;
};

/// Derive a provider from this, too, where its executables have profile() and events().
class Profiling {
 public:
  virtual ~Profiling() = default;
};

namespace detail {

struct Holder {
  const hy_host* host;
  std::unique_ptr<Provider> provider;
};
struct DeviceHolder {
  Holder* owner;
  std::unique_ptr<OpenDevice> device;
};
struct ExecutableHolder {
  Holder* owner;
  std::unique_ptr<Executable> executable;
};

inline Status push_device(const Device& d, const hy_sink& sink) {
  std::vector<hy_option> properties;
  for (const auto& [key, value] : d.properties) {
    hy_option o = HY_INIT(hy_option);
    o.key = str(key);
    o.value = str(value);
    properties.push_back(o);
  }
  hy_device out = HY_INIT(hy_device);
  out.type = d.type;
  out.flags = d.flags;
  out.name = str(d.name);
  out.resource_group = str(d.resource_group);
  out.driver = str(d.driver);
  out.memory_bytes = d.memory_bytes;
  out.flops = d.flops;
  out.bandwidth = d.bandwidth;
  out.launch_us = d.launch_us;
  out.copy_latency_us = d.copy_latency_us;
  out.copy_bandwidth = d.copy_bandwidth;
  out.watts = d.watts;
  out.properties = {properties.data(), static_cast<uint32_t>(properties.size()), sizeof(hy_option)};
  out.reject_reason = d.reject_reason;
  out.reject_detail = str(d.reject_detail);
  const hy_status code = sink.push(sink.ctx, &out);
  return code == HY_OK ? Status() : Status(code, "the host took no more devices");
}

/// Calls f(node) for every node that query must answer: those of the main subgraph and of the parts of
/// groups, however deep.
template <class F>
Status for_each_offered(const Graph& graph, const Subgraph& subgraph, F&& f) {
  for (uint32_t i = 0; i < subgraph.node_count(); ++i) {
    const Node node = subgraph.node(i);
    HY_RETURN_IF_ERROR(f(node));
    if (node.group() != HY_NONE)
      HY_RETURN_IF_ERROR(
          for_each_offered(graph, graph.subgraph(graph.group(node.group()).parts), f));
  }
  return {};
}

template <class P>
struct Trampolines {
  static hy_status create(const hy_host* host, hy_job* job, void** out) {
    const Job j(host, job);
    return guarded(j, [&]() -> Status {
      *out = new Holder{host, std::make_unique<P>()};
      return {};
    });
  }
  static void destroy(void* p) { delete static_cast<Holder*>(p); }
  static hy_status devices(void* p, hy_job* job, const hy_sink* sink) {
    auto* h = static_cast<Holder*>(p);
    Job j(h->host, job);
    return guarded(j, [&]() -> Status {
      std::vector<Device> list;
      HY_RETURN_IF_ERROR(h->provider->devices(j, list));
      for (const Device& d : list) HY_RETURN_IF_ERROR(push_device(d, copy_in(sink)));
      return {};
    });
  }
  static hy_status open(void* p, hy_job* job, const hy_open_args* theirs, void** out) {
    auto* h = static_cast<Holder*>(p);
    Job j(h->host, job);
    return guarded(j, [&]() -> Status {
      const hy_open_args args = copy_in(theirs);
      OpenDevice asked;
      asked.index = args.device_index;
      asked.threads = args.threads;
      asked.precision = args.precision;
      asked.relaxed_types = args.relaxed_types;
      for (uint32_t i = 0; i < args.options.count; ++i) {
        const auto o = record_at<hy_option>(args.options, i);
        asked.options.emplace_back(view(o.key), view(o.value));
      }
      HY_ASSIGN_OR_RETURN(auto device, h->provider->open(asked, j));
      *out = new DeviceHolder{h, std::move(device)};
      return {};
    });
  }
  static void close(void* d) { delete static_cast<DeviceHolder*>(d); }
  static hy_status query(void* d, hy_job* job, const hy_query_args* theirs, const hy_sink* sink) {
    auto* dev = static_cast<DeviceHolder*>(d);
    const Job j(dev->owner->host, job);
    return guarded(j, [&]() -> Status {
      const hy_query_args args = copy_in(theirs);
      const hy_sink to = copy_in(sink);
      Graph graph;
      HY_RETURN_IF_ERROR(Graph::open(args.graph, &graph));
      return for_each_offered(graph, graph.main(), [&](const Node& node) -> Status {
        const hy_status code =
            dev->owner->provider->supports(node, *dev->device).push(node.index(), to);
        return code == HY_OK ? Status() : Status(code, "the host took no more verdicts");
      });
    });
  }
  static hy_status compile(void* d, hy_job* job, const hy_compile_args* theirs, void** out) {
    auto* dev = static_cast<DeviceHolder*>(d);
    const hy_compile_args args = copy_in(theirs);
    Job j(dev->owner->host, job, args.weights);
    return guarded(j, [&]() -> Status {
      Graph graph;
      HY_RETURN_IF_ERROR(Graph::open(args.graph, &graph));
      HY_ASSIGN_OR_RETURN(auto exe, dev->owner->provider->compile(graph, *dev->device, j));
      *out = new ExecutableHolder{dev->owner, std::move(exe)};
      return {};
    });
  }
  static hy_status run(void* e, hy_job* job, const hy_run_args* theirs) {
    auto* exe = static_cast<ExecutableHolder*>(e);
    const Job j(exe->owner->host, job);
    return guarded(j, [&]() -> Status {
      Run run(j, copy_in(theirs));
      return exe->executable->run(run);
    });
  }
  static void release(void* e) { delete static_cast<ExecutableHolder*>(e); }
  static hy_status options(void* p, hy_job* job, const hy_sink* sink) {
    auto* h = static_cast<Holder*>(p);
    const Job j(h->host, job);
    return guarded(j, [&]() -> Status {
      const hy_sink to = copy_in(sink);
      for (hy_option_schema row : h->provider->options()) {
        row.struct_size = sizeof row;
        if (const hy_status code = to.push(to.ctx, &row); code != HY_OK)
          return Status(code, "the host took no more options");
      }
      return {};
    });
  }
  static hy_status save(void* e, hy_job* job, const hy_sink* sink) {
    auto* exe = static_cast<ExecutableHolder*>(e);
    const Job j(exe->owner->host, job);
    return guarded(j, [&]() -> Status {
      const hy_sink to = copy_in(sink);
      return exe->executable->save(ArtifactWriter(to));
    });
  }
  static hy_status load(void* d, hy_job* job, hy_bytes artifact, const hy_compile_args* theirs,
                        void** out) {
    auto* dev = static_cast<DeviceHolder*>(d);
    const hy_compile_args args = copy_in(theirs);
    Job j(dev->owner->host, job, args.weights);
    return guarded(j, [&]() -> Status {
      Graph graph;
      HY_RETURN_IF_ERROR(Graph::open(args.graph, &graph));
      HY_ASSIGN_OR_RETURN(
          auto exe,
          static_cast<P*>(dev->owner->provider.get())->load(artifact, graph, *dev->device, j));
      if (exe == nullptr) return internal_error("load gave neither an executable nor a reason");
      *out = new ExecutableHolder{dev->owner, std::move(exe)};
      return {};
    });
  }
  static const void* extension(void* p, hy_str id) {
    if constexpr (std::is_base_of_v<Artifacts, P>) {
      static constexpr hy_artifact_ext artifacts{sizeof(hy_artifact_ext), 0, save, load};
      if (view(id) == HY_EXT_ARTIFACT) return &artifacts;
    }
    if constexpr (std::is_base_of_v<Profiling, P>) {
      static constexpr hy_profile_ext profile{sizeof(hy_profile_ext), 0, enable, events};
      if (view(id) == HY_EXT_PROFILE) return &profile;
    }
    return static_cast<Holder*>(p)->provider->extension(view(id));
  }
  static hy_status enable(void* e, hy_job* job, uint32_t on) {
    auto* h = static_cast<ExecutableHolder*>(e);
    const Job j(h->owner->host, job);
    return guarded(j, [&] { return h->executable->profile(on != 0); });
  }
  static hy_status events(void* e, hy_job* job, const hy_sink* sink) {
    auto* h = static_cast<ExecutableHolder*>(e);
    const Job j(h->owner->host, job);
    return guarded(j, [&]() -> Status {
      std::vector<ProfileEvent> list;
      HY_RETURN_IF_ERROR(h->executable->events(j, list));
      const hy_sink to = copy_in(sink);
      for (const ProfileEvent& event : list) {
        hy_profile_event out = HY_INIT(hy_profile_event);
        out.node = event.node;
        out.start_ns = event.start_ns;
        out.duration_ns = event.duration_ns;
        out.name = str(event.name);
        if (const hy_status code = to.push(to.ctx, &out); code != HY_OK)
          return Status(code, "the host took no more events");
      }
      return {};
    });
  }
  static constexpr hy_provider_api api() {
    hy_provider_api a{};
    a.struct_size = sizeof(hy_provider_api);
    a.create = create;
    a.destroy = destroy;
    a.devices = devices;
    a.open = open;
    a.close = close;
    a.query = query;
    a.compile = compile;
    a.run = run;
    a.release = release;
    a.options = options;
    a.extension = extension;
    return a;
  }
};

constexpr hy_plugin describe_provider(std::string_view id, std::string_view version,
                                      const hy_provider_api* api) {
  return {sizeof(hy_plugin),
          HY_PLUGIN_PROVIDER,
          {id.data(), id.size()},
          {version.data(), version.size()},
          api,
          nullptr};
}

}  // namespace detail
}  // namespace halyard::plugin

/// Defines the plugin's one export. Class: default-constructible, derived from Provider.
#define HALYARD_PROVIDER(Class, id, version)                                                     \
  extern "C" HY_PLUGIN_EXPORT const hy_plugin* HY_PLUGIN_ENTRY(void) {                           \
    static constexpr hy_provider_api api = ::halyard::plugin::detail::Trampolines<Class>::api(); \
    static constexpr hy_plugin plugin =                                                          \
        ::halyard::plugin::detail::describe_provider(id, version, &api);                         \
    return &plugin;                                                                              \
  }
