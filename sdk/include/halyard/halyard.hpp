// The application API in C++20: objects that own, over halyard.h. Header-only; throws nothing but
// std::bad_alloc. Status: 0.x, unstable, as halyard.h.
//
//   auto runtime = halyard::Runtime::create();
//   if (!runtime.ok()) return report(runtime.status().message());
//   auto model = runtime->load("m.onnx");
//   auto session = model->session();
//   auto x = halyard::Tensor::create(HY_DTYPE_F32, {{1, 3, 224, 224}});
//   fill(x->as<float>());
//   auto y = session->run({{"x", &*x}}, {"y"});      // y->at(0) is a Tensor
//
// Every call that can fail gives a Result or a Status, whose message names the thing, the value and
// the limit; value(), * and -> of a Result are only for one that is ok(). Runtime, Model and
// Session may be used from any thread at once, and keep what they need alive: they may be destroyed
// in any order. A Tensor may be read by many threads or written by one. All of them move and do not
// copy.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "halyard/halyard.h"
#include "halyard/status.hpp"

namespace halyard {

namespace detail {
/// The Status of a C call that this thread just made.
inline Status check(hy_status code) {
  return code == HY_OK ? Status() : Status(code, hy_last_error());
}

template <class T, void (*destroy)(T*)>
struct Destroy {
  void operator()(T* p) const { destroy(p); }
};
template <class T, void (*destroy)(T*)>
using Handle = std::unique_ptr<T, Destroy<T, destroy>>;
}  // namespace detail

/// A dense tensor of numbers, or of strings, with memory of its own or of the caller; or a sequence, an
/// optional or a map of such, whose parts are its children.
class Tensor {
 public:
  /// Zeroed, aligned to 64 bytes. Not for strings.
  static Result<Tensor> create(uint32_t dtype, std::span<const int64_t> dims) {
    hy_tensor* raw = nullptr;
    HY_RETURN_IF_ERROR(detail::check(
        hy_tensor_create(dtype, static_cast<uint32_t>(dims.size()), dims.data(), &raw)));
    return adopt(raw);
  }
  static Result<Tensor> create(uint32_t dtype, std::initializer_list<int64_t> dims) {
    return create(dtype, std::span(dims.begin(), dims.size()));
  }
  /// data: elements in C order. It must outlive the tensor and every run that uses it, and bytes
  /// must be at least the size of the elements.
  static Result<Tensor> borrow(uint32_t dtype, std::span<const int64_t> dims, void* data,
                               uint64_t bytes) {
    hy_tensor* raw = nullptr;
    HY_RETURN_IF_ERROR(detail::check(hy_tensor_borrow(dtype, static_cast<uint32_t>(dims.size()),
                                                      dims.data(), data, bytes, &raw)));
    return adopt(raw);
  }
  /// Copies the strings, in C order; there must be as many as the dims say.
  static Result<Tensor> strings(std::span<const int64_t> dims,
                                std::span<const std::string> values) {
    std::vector<hy_str> views;
    views.reserve(values.size());
    for (const std::string& v : values) views.push_back(str(v));
    hy_tensor* raw = nullptr;
    HY_RETURN_IF_ERROR(detail::check(hy_tensor_strings(
        static_cast<uint32_t>(dims.size()), dims.data(), views.data(), views.size(), &raw)));
    return adopt(raw);
  }
  /// A sequence, an optional (nothing or one child) or a map (keys, values). The children's memory is
  /// shared. dtype: the elements' type.
  static Result<Tensor> compose(uint32_t kind, uint32_t dtype, std::span<const Tensor> children) {
    std::vector<const hy_tensor*> list;
    list.reserve(children.size());
    for (const Tensor& c : children) list.push_back(c.raw());
    hy_tensor* raw = nullptr;
    HY_RETURN_IF_ERROR(
        detail::check(hy_tensor_compose(kind, dtype, list.data(), list.size(), &raw)));
    return adopt(raw);
  }
  /// Takes over what a C function gave.
  static Tensor adopt(hy_tensor* raw) {
    Tensor t;
    t.handle_.reset(raw);
    return t;
  }

  /// HY_TYPE_TENSOR, HY_TYPE_SEQUENCE, HY_TYPE_OPTIONAL or HY_TYPE_MAP.
  uint32_t kind() const { return hy_tensor_kind(handle_.get()); }
  uint64_t child_count() const { return hy_tensor_child_count(handle_.get()); }
  /// Shares the child's memory; NOT_FOUND past the end.
  Result<Tensor> child(uint64_t index) const {
    hy_tensor* raw = nullptr;
    HY_RETURN_IF_ERROR(detail::check(hy_tensor_child(handle_.get(), index, &raw)));
    return adopt(raw);
  }
  uint32_t dtype() const { return hy_tensor_dtype(handle_.get()); }
  std::vector<int64_t> dims() const {
    const int64_t* d = hy_tensor_dims(handle_.get());
    return {d, d + hy_tensor_rank(handle_.get())};
  }
  /// Elements, and bytes of all of them.
  uint64_t count() const { return hy_tensor_count(handle_.get()); }
  uint64_t bytes() const { return hy_tensor_bytes(handle_.get()); }
  /// Elements in C order; lives as long as the tensor.
  void* data() const { return hy_tensor_data(handle_.get()); }
  /// The elements as T, whose size must be that of the type: float for f32, int64_t for i64,
  /// uint16_t for the bits of f16. Lives as long as the tensor.
  template <class T>
  std::span<T> as() const {
    return {static_cast<T*>(data()), bytes() / sizeof(T)};
  }
  /// The i-th string in C order; NOT_FOUND past the end, INVALID_ARGUMENT for numbers.
  Result<std::string> string(uint64_t index) const {
    hy_str s{};
    HY_RETURN_IF_ERROR(detail::check(hy_tensor_string(handle_.get(), index, &s)));
    return std::string(view(s));
  }
  hy_tensor* raw() const { return handle_.get(); }

 private:
  Tensor() = default;
  detail::Handle<hy_tensor, hy_tensor_destroy> handle_;
};

class Runtime;

/// What YAML files, the environment and the caller say; see halyard.h for precedence and errors. One thread
/// at a time. Runtimes and sessions keep copies: it may be changed and destroyed afterwards.
class Config {
 public:
  static Result<Config> create() {
    hy_config* raw = nullptr;
    HY_RETURN_IF_ERROR(detail::check(hy_config_create(&raw)));
    Config c;
    c.handle_.reset(raw);
    return c;
  }
  /// Each fails with CONFIG, a line for each error, and leaves the object usable.
  Status add_default_files() { return detail::check(hy_config_add_default_files(handle_.get())); }
  Status add_file(const std::string& path) {
    return detail::check(hy_config_add_file(handle_.get(), path.c_str()));
  }
  /// name: stands for the file's name in messages.
  Status add_text(const std::string& yaml, const std::string& name = "text") {
    return detail::check(hy_config_add_text(handle_.get(), yaml.c_str(), name.c_str()));
  }
  Status add_environment() { return detail::check(hy_config_add_environment(handle_.get())); }
  /// ("policy.placement", "cost"). source: who says so, in messages and reports.
  Status set(const std::string& key, const std::string& value, const std::string& source = "set") {
    return detail::check(hy_config_set(handle_.get(), key.c_str(), value.c_str(), source.c_str()));
  }
  /// Every error so far; with a runtime also those about its providers and their options.
  Status check(const Runtime* runtime = nullptr) const;
  /// JSON: HY_CONFIG_EFFECTIVE, HY_CONFIG_ISSUES or HY_CONFIG_SCHEMA.
  Result<std::string> report(uint32_t which, const Runtime* runtime = nullptr) const;
  hy_config* raw() const { return handle_.get(); }

 private:
  Config() = default;
  detail::Handle<hy_config, hy_config_destroy> handle_;
};

/// An input or output of a session.
struct Port {
  std::string name;
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  bool has_rank = false;
  std::vector<int64_t> dims;                // -1: not known before a run
  std::vector<std::string> dim_text;        // "3", "batch", "2*n+1"
  bool optional = false;                    // of an input: a run may leave it out
  uint32_t kind = HY_TYPE_TENSOR;           // dtype and dims are the elements'
  uint32_t element_kind = HY_TYPE_TENSOR;   // of an optional: what it may hold
  uint32_t key_dtype = HY_DTYPE_UNDEFINED;  // of a map
  uint32_t growth_axis = HY_NONE_AXIS;      // of a state: along which it grows
};

/// As hy_session_options; empty texts are its null.
struct SessionOptions {
  uint32_t threads = 0;   // of each provider; 0: as many as there are cores
  std::string function;   // empty: the model's first
  std::string providers;  // "a,b": these alone, in this order of priority
  std::string require;    // fail rather than place a node elsewhere
  std::string shapes;     // "input=1x3x224x224;other=1x8"
  uint32_t precision = HY_PRECISION_STRICT;
  bool passes = true;              // false: do not rewrite the graph
  bool plan_only = false;          // true: plan() and summary() only, nothing is compiled
  uint32_t max_cluster_nodes = 0;  // the most nodes of one cluster (for tests); 0: no limit
  const Config* config = nullptr;  // null: the runtime's
  bool all_values = false;         // true: every tensor that a node computes is an output
  std::string cache_dir;   // of compiled artefacts; empty: the environment's, else the user's
  uint64_t cache_max = 0;  // bytes; 0: the environment's, else 4 GiB
  bool cache = true;       // false: neither read nor written
  uint32_t stale = HY_STALE_RECOMPILE;  // or HY_STALE_REFUSE: of a compiled model's artefacts
  /// Told while something is compiled, see hy_progress_fn; must not throw.
  std::function<void(std::string_view what, double done)> progress = {};
};

/// What a model keeps from run to run: see halyard.h. Any thread: runs on it and these calls take turns.
class State {
 public:
  /// Takes over what hy_session_make_state gave.
  explicit State(hy_state* raw) : handle_(raw) {}
  Status reset() { return detail::check(hy_state_reset(handle_.get())); }
  Result<State> fork() const {
    hy_state* raw = nullptr;
    HY_RETURN_IF_ERROR(detail::check(hy_state_fork(handle_.get(), &raw)));
    return State(raw);
  }
  /// Zeroes from length on along axis. name: empty for all states.
  Status truncate(uint32_t axis, uint64_t length, const std::string& name = {}) {
    return detail::check(
        hy_state_truncate(handle_.get(), name.empty() ? nullptr : name.c_str(), axis, length));
  }
  /// A copy of one state's content; and the way back.
  Result<Tensor> get(const std::string& name) const {
    hy_tensor* raw = nullptr;
    HY_RETURN_IF_ERROR(detail::check(hy_state_export(handle_.get(), name.c_str(), &raw)));
    return Tensor::adopt(raw);
  }
  Status set(const std::string& name, const Tensor& tensor) {
    return detail::check(hy_state_import(handle_.get(), name.c_str(), tensor.raw()));
  }
  hy_state* raw() const { return handle_.get(); }

 private:
  detail::Handle<hy_state, hy_state_destroy> handle_;
};

/// A run that is on, or has ended. Any thread. Destroying it cancels the run and waits for its end.
class Run {
 public:
  /// Takes over what hy_session_run_async gave, with so many outputs.
  Run(hy_run* raw, uint32_t outputs) : handle_(raw), outputs_(outputs) {}

  /// Has it ended, or does it within that time?
  bool done_within(std::chrono::microseconds time = {}) const {
    return hy_run_wait(handle_.get(), static_cast<uint64_t>(time.count())) != HY_ERROR_BUSY;
  }
  /// Waits for the end. The results in the order in which they were asked for; once.
  Result<std::vector<Tensor>> get() {
    HY_RETURN_IF_ERROR(detail::check(hy_run_wait(handle_.get(), UINT64_MAX)));
    std::vector<Tensor> result;
    for (uint32_t i = 0; i < outputs_; ++i) {
      hy_tensor* raw = nullptr;
      HY_RETURN_IF_ERROR(detail::check(hy_run_output(handle_.get(), i, &raw)));
      result.push_back(Tensor::adopt(raw));
    }
    return result;
  }
  void cancel() { hy_run_cancel(handle_.get()); }
  hy_run* raw() const { return handle_.get(); }

 private:
  detail::Handle<hy_run, hy_run_destroy> handle_;
  uint32_t outputs_;
};

/// A model placed on devices and compiled.
class Session {
 public:
  /// Takes over what hy_session_create gave. keep: what must live as long as the session.
  explicit Session(hy_session* raw, std::shared_ptr<void> keep = nullptr)
      : keep_(std::move(keep)), handle_(raw) {}

  std::vector<Port> inputs() const {
    return ports(hy_session_input_count(handle_.get()), hy_session_input);
  }
  std::vector<Port> outputs() const {
    return ports(hy_session_output_count(handle_.get()), hy_session_output);
  }
  /// What runs change and go on from; none: runs take no state.
  std::vector<Port> states() const {
    std::vector<uint32_t> axes;
    std::vector<Port> out = ports(hy_session_state_count(handle_.get()),
                                  [&axes](hy_session* s, uint32_t i, hy_port_info* info) {
                                    axes.push_back(HY_NONE_AXIS);
                                    return hy_session_state(s, i, info, &axes.back());
                                  });
    for (size_t i = 0; i < out.size(); ++i) out[i].growth_axis = axes[i];
    return out;
  }
  /// States as they are before any run.
  Result<State> make_state() const {
    hy_state* raw = nullptr;
    HY_RETURN_IF_ERROR(detail::check(hy_session_make_state(handle_.get(), &raw)));
    return State(raw);
  }
  /// JSON as `halyard plan --json` prints it.
  std::string plan() const { return text(hy_session_plan); }
  /// JSON: what was loaded, what was compiled, and why.
  std::string cache() const { return text(hy_session_cache); }
  /// Writes a compiled model, which Runtime::load takes.
  Status save(const std::string& path) const {
    return detail::check(hy_session_save(handle_.get(), path.c_str()));
  }
  /// One line: how much runs where.
  std::string summary() const { return text(hy_session_summary); }

  /// Records the runs that begin from now on, afresh; or ends that.
  Status record(bool on) const {
    return detail::check(hy_session_record(handle_.get(), on ? 1 : 0));
  }
  /// What was recorded, as a Chrome trace, which Perfetto opens.
  std::string trace() const { return text(hy_session_trace); }

  /// One prediction. inputs: every required input by name, in any order; the tensors must live
  /// until the call returns. The results come in the order of `outputs`. An error names the input,
  /// what was given and what is wanted; the session stays usable.
  /// timeout: from the call on; zero: none. Past it the run ends with HY_ERROR_DEADLINE.
  /// state: needed by a model with states.
  Result<std::vector<Tensor>> run(std::span<const std::pair<std::string, const Tensor*>> inputs,
                                  std::span<const std::string> outputs,
                                  std::chrono::microseconds timeout = {},
                                  const State* state = nullptr) const {
    std::vector<hy_named_tensor> in = named(inputs), out = named(outputs);
    hy_run_options options = HY_INIT(hy_run_options);
    options.timeout_us = static_cast<uint64_t>(timeout.count());
    options.state = state != nullptr ? state->raw() : nullptr;
    HY_RETURN_IF_ERROR(detail::check(
        hy_session_run_with(handle_.get(), in.data(), static_cast<uint32_t>(in.size()), out.data(),
                            static_cast<uint32_t>(out.size()), &options)));
    std::vector<Tensor> result;
    for (const hy_named_tensor& o : out) result.push_back(Tensor::adopt(o.tensor));
    return result;
  }
  /// The same in the background. The tensors must live, and be left alone, until the run has ended.
  Result<Run> run_async(std::span<const std::pair<std::string, const Tensor*>> inputs,
                        std::span<const std::string> outputs,
                        std::chrono::microseconds timeout = {},
                        const State* state = nullptr) const {
    const std::vector<hy_named_tensor> in = named(inputs), out = named(outputs);
    hy_run_options options = HY_INIT(hy_run_options);
    options.timeout_us = static_cast<uint64_t>(timeout.count());
    options.state = state != nullptr ? state->raw() : nullptr;
    hy_run* raw = nullptr;
    HY_RETURN_IF_ERROR(detail::check(
        hy_session_run_async(handle_.get(), in.data(), static_cast<uint32_t>(in.size()), out.data(),
                             static_cast<uint32_t>(out.size()), &options, &raw)));
    return Run(raw, static_cast<uint32_t>(out.size()));
  }
  Result<Run> run_async(std::initializer_list<std::pair<std::string, const Tensor*>> inputs,
                        std::initializer_list<std::string> outputs) const {
    return run_async(std::span(inputs.begin(), inputs.size()),
                     std::span(outputs.begin(), outputs.size()));
  }
  Result<std::vector<Tensor>> run(
      std::initializer_list<std::pair<std::string, const Tensor*>> inputs,
      std::initializer_list<std::string> outputs) const {
    return run(std::span(inputs.begin(), inputs.size()),
               std::span(outputs.begin(), outputs.size()));
  }
  hy_session* raw() const { return handle_.get(); }

 private:
  static std::vector<hy_named_tensor> named(
      std::span<const std::pair<std::string, const Tensor*>> inputs) {
    std::vector<hy_named_tensor> out;
    for (const auto& [name, tensor] : inputs)
      out.push_back({name.c_str(), tensor != nullptr ? tensor->raw() : nullptr});
    return out;
  }
  static std::vector<hy_named_tensor> named(std::span<const std::string> outputs) {
    std::vector<hy_named_tensor> out;
    for (const std::string& name : outputs) out.push_back({name.c_str(), nullptr});
    return out;
  }
  std::string text(hy_status (*get)(hy_session*, hy_str*)) const {
    hy_str s{};
    return get(handle_.get(), &s) == HY_OK ? std::string(view(s)) : std::string();
  }
  template <class F>
  std::vector<Port> ports(uint32_t count, F&& get) const {
    std::vector<Port> out;
    for (uint32_t i = 0; i < count; ++i) {
      hy_port_info info = HY_INIT(hy_port_info);
      if (get(handle_.get(), i, &info) != HY_OK) continue;
      Port p;
      p.name = view(info.name);
      p.dtype = info.dtype;
      p.has_rank = info.rank != HY_NONE_RANK;
      p.optional = info.optional != 0;
      p.kind = info.kind;
      p.element_kind = info.element_kind;
      p.key_dtype = info.key_dtype;
      for (uint32_t d = 0; p.has_rank && d < info.rank; ++d) {
        p.dims.push_back(info.dims[d]);
        p.dim_text.push_back(info.dim_text != nullptr ? std::string(view(info.dim_text[d]))
                                                      : std::to_string(info.dims[d]));
      }
      out.push_back(std::move(p));
    }
    return out;
  }

  std::shared_ptr<void> keep_;  // before the handle: destroyed after it
  detail::Handle<hy_session, hy_session_destroy> handle_;
};

/// A model that was read; nothing is compiled yet.
class Model {
 public:
  /// Takes over what hy_model_load gave. keep: what must live as long as the model and its
  /// sessions.
  explicit Model(hy_model* raw, std::shared_ptr<void> keep = nullptr)
      : keep_(std::move(keep)), handle_(raw) {}

  /// JSON as `halyard inspect --json` prints it.
  std::string report() const {
    hy_str s{};
    return hy_model_report(handle_.get(), &s) == HY_OK ? std::string(view(s)) : std::string();
  }
  /// A metadata value by key; NOT_FOUND.
  Result<std::string> metadata(const std::string& key) const {
    hy_str s{};
    HY_RETURN_IF_ERROR(detail::check(hy_model_metadata(handle_.get(), key.c_str(), &s)));
    return std::string(view(s));
  }
  /// UNPLACED names every node that no provider takes, and why; CONFIG names an option that is
  /// wrong.
  Result<Session> session(const SessionOptions& options = {}) const {
    const auto text = [](const std::string& s) { return s.empty() ? nullptr : s.c_str(); };
    hy_session_options o = HY_INIT(hy_session_options);
    o.threads = options.threads;
    o.function = text(options.function);
    o.providers = text(options.providers);
    o.require = text(options.require);
    o.shapes = text(options.shapes);
    o.precision = options.precision;
    o.no_passes = options.passes ? 0 : 1;
    o.plan_only = options.plan_only ? 1 : 0;
    o.max_cluster_nodes = options.max_cluster_nodes;
    o.all_values = options.all_values ? 1 : 0;
    o.config = options.config != nullptr ? options.config->raw() : nullptr;
    o.cache_dir = text(options.cache_dir);
    o.cache_max = options.cache_max;
    o.no_cache = options.cache ? 0 : 1;
    o.stale = options.stale;
    // Runs that compile call it, too, so it lives as long as the session.
    std::shared_ptr<void> keep = keep_;
    if (options.progress) {
      auto kept = std::make_shared<Kept>(Kept{keep_, options.progress});
      o.progress = [](void* user, hy_str what, double done) {
        static_cast<Kept*>(user)->progress(view(what), done);
      };
      o.progress_user = kept.get();
      keep = std::move(kept);
    }
    hy_session* raw = nullptr;
    HY_RETURN_IF_ERROR(detail::check(hy_session_create(handle_.get(), &o, &raw)));
    return Session(raw, std::move(keep));
  }
  hy_model* raw() const { return handle_.get(); }

 private:
  struct Kept {
    std::shared_ptr<void> model;
    std::function<void(std::string_view, double)> progress;
  };
  std::shared_ptr<void> keep_;
  detail::Handle<hy_model, hy_model_destroy> handle_;
};

/// Called from any thread, for as long as the runtime or anything made from it lives. level: 0
/// trace, 1 debug, 2 info, 3 warn, 4 error. It must not throw.
using Log = std::function<void(uint32_t level, std::string_view message)>;

struct RuntimeOptions {
  Log log = nullptr;               // null: nothing is logged
  uint32_t log_level = 2;          // the least level that log receives
  std::string plugin_path = {};    // folders, separated by ':'; empty: those of HALYARD_PLUGIN_PATH
  bool default_plugins = true;     // false: search plugin_path alone
  const Config* config = nullptr;  // null: defaults; also for sessions that are given none
  std::string isolation = {};      // as hy_runtime_options has it; empty: HALYARD_ISOLATION
  std::string state_dir = {};      // empty: HALYARD_STATE_DIR, else the user's
};

/// The plugins and devices that are there.
class Runtime {
 public:
  /// A plugin that cannot be used does not make this fail: it is in the report.
  static Result<Runtime> create(RuntimeOptions options) {
    Runtime r;
    hy_runtime_options o = HY_INIT(hy_runtime_options);
    o.plugin_path = options.plugin_path.empty() ? nullptr : options.plugin_path.c_str();
    o.no_default_plugins = options.default_plugins ? 0 : 1;
    o.config = options.config != nullptr ? options.config->raw() : nullptr;
    o.isolation = options.isolation.empty() ? nullptr : options.isolation.c_str();
    o.state_dir = options.state_dir.empty() ? nullptr : options.state_dir.c_str();
    if (options.log) {
      r.log_ = std::make_shared<Log>(std::move(options.log));
      o.log = [](void* user, uint32_t level, hy_str message) {
        (*static_cast<Log*>(user))(level, view(message));
      };
      o.log_user = r.log_.get();
      o.log_level = options.log_level;
    }
    hy_runtime* raw = nullptr;
    HY_RETURN_IF_ERROR(detail::check(hy_runtime_create(&o, &raw)));
    r.handle_.reset(raw);
    return r;
  }
  static Result<Runtime> create(Log log = nullptr, uint32_t log_level = 2) {
    RuntimeOptions options;
    options.log = std::move(log);
    options.log_level = log_level;
    return create(std::move(options));
  }

  /// A model file or folder. INVALID_MODEL, UNSUPPORTED, NOT_FOUND or IO, with the path in the
  /// message.
  Result<Model> load(const std::string& path) const {
    hy_model* raw = nullptr;
    HY_RETURN_IF_ERROR(detail::check(hy_model_load(handle_.get(), path.c_str(), &raw)));
    return Model(raw, log_);
  }
  /// JSON as `halyard plugins --json` (HY_REPORT_PLUGINS) or `halyard devices --json`
  /// (HY_REPORT_DEVICES, which opens the provider plugins) prints it.
  Result<std::string> report(uint32_t which) const {
    hy_str s{};
    HY_RETURN_IF_ERROR(detail::check(hy_runtime_report(handle_.get(), which, &s)));
    return std::string(view(s));
  }
  /// The folder of compiled artefacts, as JSON. dir: empty for the default.
  Result<std::string> cache(const std::string& dir = {}) const {
    hy_cache_options o = HY_INIT(hy_cache_options);
    o.dir = dir.empty() ? nullptr : dir.c_str();
    hy_str s{};
    HY_RETURN_IF_ERROR(detail::check(hy_runtime_cache(handle_.get(), &o, &s)));
    return std::string(view(s));
  }
  /// Throws out what was used longest ago until max_bytes are left; JSON says how much.
  Result<std::string> prune_cache(uint64_t max_bytes, const std::string& dir = {}) const {
    hy_cache_options o = HY_INIT(hy_cache_options);
    o.dir = dir.empty() ? nullptr : dir.c_str();
    hy_str s{};
    HY_RETURN_IF_ERROR(detail::check(hy_runtime_cache_prune(handle_.get(), &o, max_bytes, &s)));
    return std::string(view(s));
  }
  /// See hy_runtime_release_plugin.
  Status release_plugin(const std::string& id) {
    return detail::check(hy_runtime_release_plugin(handle_.get(), id.c_str()));
  }
  hy_runtime* raw() const { return handle_.get(); }

 private:
  Runtime() = default;
  std::shared_ptr<Log> log_;  // models and sessions hold it too: they log as well
  detail::Handle<hy_runtime, hy_runtime_destroy> handle_;
};

inline Status Config::check(const Runtime* runtime) const {
  return detail::check(
      hy_config_check(handle_.get(), runtime != nullptr ? runtime->raw() : nullptr));
}
inline Result<std::string> Config::report(uint32_t which, const Runtime* runtime) const {
  hy_str s{};
  HY_RETURN_IF_ERROR(detail::check(
      hy_config_report(handle_.get(), runtime != nullptr ? runtime->raw() : nullptr, which, &s)));
  return std::string(view(s));
}

}  // namespace halyard
