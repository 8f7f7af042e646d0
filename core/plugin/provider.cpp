#include "core/plugin/provider.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/plugin/guard.hpp"
#include "core/plugin/worker.hpp"

namespace halyard::core {
namespace {

std::string copy(hy_str s) { return std::string(view(s)); }

Verdict copy_verdict(const hy_verdict& v) {
  Verdict out;
  out.node = v.node;
  out.supported = v.supported != 0;
  out.reason = HY_REASON_NONE;
  if (!out.supported) out.reason = v.reason;
  if (!out.supported && v.reason == HY_REASON_NONE) out.reason = HY_REASON_OTHER;
  out.cluster = v.cluster;
  out.operand = v.operand;
  out.got = copy(v.got);
  out.limit = copy(v.limit);
  out.est_us = v.est_us;
  return out;
}

/// What a plugin says of itself may be anything; what is no positive number is unknown.
double figure(double said) { return std::isfinite(said) && said > 0 ? said : 0; }

DeviceInfo copy_device(const hy_device& d, uint32_t index) {
  DeviceInfo out;
  out.index = index;
  out.type = d.type;
  out.flags = d.flags;
  out.name = copy(d.name);
  out.resource_group = copy(d.resource_group);
  out.driver = copy(d.driver);
  out.memory_bytes = d.memory_bytes;
  out.flops = figure(d.flops);
  out.bandwidth = figure(d.bandwidth);
  out.launch_us = figure(d.launch_us);
  out.copy_latency_us = figure(d.copy_latency_us);
  out.copy_bandwidth = figure(d.copy_bandwidth);
  out.watts = figure(d.watts);
  out.reject_reason = d.reject_reason;
  out.reject_detail = copy(d.reject_detail);
  for (uint32_t i = 0; i < d.properties.count && d.properties.data != nullptr; ++i) {
    const auto o = copy_record<hy_option>(static_cast<const char*>(d.properties.data) +
                                          static_cast<size_t>(i) * d.properties.stride);
    out.properties.emplace_back(copy(o.key), copy(o.value));
  }
  return out;
}

/// Calls into a plugin that may break the rule that no exception crosses.
template <class F>
Status call(hy_job& job, std::string_view what, F&& f) {
  try {
    return job.status(f(), what);
  } catch (const std::exception& e) {
    return internal_error(fmt::format("{}: the plugin let an exception out: {}", what, e.what()));
  } catch (...) {
    return internal_error(fmt::format("{}: the plugin let an exception out", what));
  }
}

config::OptionSchema copy_option(const hy_option_schema& o) {
  config::OptionSchema out;
  out.name = copy(o.key);
  out.type = o.type;
  std::string_view choices = view(o.choices);
  while (o.type == HY_OPTION_CHOICE && !choices.empty()) {
    const std::string_view one = choices.substr(0, choices.find(','));
    choices.remove_prefix(std::min(one.size() + 1, choices.size()));
    out.choices.emplace_back(one);
  }
  out.preset = copy(o.default_value);
  out.doc = copy(o.help);
  out.affects_artifact = o.no_effect_on_artifact == 0;
  return out;
}

/// Those that no schema declares to be irrelevant.
std::string relevant_options(const Provider& p, const Device::Options& options) {
  std::string out;
  for (const auto& [name, value] : options) {
    bool relevant = true;
    if (p.options())
      for (const config::OptionSchema& row : *p.options())
        relevant = relevant && (row.name != name || row.affects_artifact);
    if (relevant) out += fmt::format("{}={};", name, value);
  }
  return out;
}

/// The options as the plugin gets them.
Result<Device::Options> checked_options(const Provider& p, const Device::Options& given) {
  Device::Options out = given;
  if (!p.options()) return out;
  for (auto& [name, text] : out) {
    const auto it = std::find_if(p.options()->begin(), p.options()->end(),
                                 [&, n = &name](const auto& o) { return o.name == *n; });
    const auto problem = it == p.options()->end()
                             ? std::optional(config::unknown_option(name, *p.options()))
                             : config::check_option(*it, text, &text);
    if (problem)
      return Status(
          HY_ERROR_CONFIG,
          fmt::format("option \"{}\" of provider {}: {}{}{}", name, p.id(), problem->message,
                      problem->suggestion.empty() ? "" : "; ", problem->suggestion));
  }
  return out;
}

Journal::Entry noted(const std::shared_ptr<Guard>& guard, const char* stage,
                     const std::string& graph = {}) {
  return guard == nullptr ? Journal::Entry() : guard->note(stage, graph);
}

}  // namespace

Result<std::shared_ptr<Provider>> Provider::create(const Manifest& manifest,
                                                   const LoadedPlugin& plugin,
                                                   std::shared_ptr<Host> host,
                                                   std::shared_ptr<Guard> guard) {
  std::shared_ptr<Provider> p(new Provider);
  p->id_ = manifest.id;
  p->exact_ = manifest.exact;
  p->rank_ = manifest.rank;
  p->options_ = manifest.options;
  p->api_ = plugin.provider;
  p->identity_ = plugin.identity;
  p->host_ = std::move(host);
  p->guard_ = std::move(guard);
  p->worker_ = plugin.worker;
  hy_job job;
  auto note = noted(p->guard_, "create");
  HY_RETURN_IF_ERROR(call(job, fmt::format("provider {}: create", p->id_), [&] {
    return plugin.make ? plugin.make(p->host_->table(), &job, &p->self_)
                       : p->api_.create(p->host_->table(), &job, &p->self_);
  }));
  note = noted(p->guard_, "devices");
  auto sink = collect<hy_device>([&](const hy_device& d) {
    p->devices_.push_back(copy_device(d, static_cast<uint32_t>(p->devices_.size())));
  });
  HY_RETURN_IF_ERROR(call(job, fmt::format("provider {}: devices", p->id_),
                          [&] { return p->api_.devices(p->self_, &job, sink.sink()); }));
  if (!p->options_ && p->api_.options != nullptr) {
    std::vector<config::OptionSchema> list;
    auto rows = collect<hy_option_schema>(
        [&](const hy_option_schema& o) { list.push_back(copy_option(o)); });
    HY_RETURN_IF_ERROR(call(job, fmt::format("provider {}: options", p->id_),
                            [&] { return p->api_.options(p->self_, &job, rows.sink()); }));
    if (!list.empty()) p->options_ = std::move(list);
  }
  if (p->guard_ != nullptr) p->guard_->created();
  return p;
}

std::optional<Provider::Loss> Provider::lost() const {
  const auto death = worker_ == nullptr ? std::nullopt : worker_->death();
  if (!death) return std::nullopt;
  return Loss{death->reason, death->words};
}

Provider::~Provider() {
  hy_job job;
  if (self_ != nullptr) {
    const Status s = call(job, "destroy", [&] { return api_.destroy(self_), HY_OK; });
    if (!s.ok()) host_->logger()->warn("provider {}: {}", id_, s.message());
  }
}

std::optional<Digest> Provider::library_digest() const {
  std::call_once(library_digested_, [this] { library_digest_ = identity_.file_digest(); });
  return library_digest_;
}

Result<std::shared_ptr<Device>> Device::open(std::shared_ptr<Provider> provider,
                                             const Args& given) {
  std::shared_ptr<Device> d(new Device);
  d->provider_ = std::move(provider);
  const Provider& p = *d->provider_;
  d->info_ = p.devices()[given.index];
  d->memory_ = p.extension<hy_memory_ext>(HY_EXT_MEMORY);
  d->async_ = p.extension<hy_async_ext>(HY_EXT_ASYNC);
  d->profile_ = p.extension<hy_profile_ext>(HY_EXT_PROFILE);
  d->artifact_ = p.extension<hy_artifact_ext>(HY_EXT_ARTIFACT);
  if (!d->host_memory() && (d->memory_.alloc == nullptr || d->memory_.free == nullptr ||
                            d->memory_.write == nullptr || d->memory_.read == nullptr))
    return device_error(
        fmt::format("device \"{}\" of provider {} takes no host memory and has no whole {}",
                    d->info_.name, p.id(), HY_EXT_MEMORY));
  if (d->async_.wait != nullptr && (d->async_.create == nullptr || d->async_.destroy == nullptr))
    return device_error(fmt::format("provider {} has an incomplete {}", p.id(), HY_EXT_ASYNC));
  d->args_ = given;
  HY_ASSIGN_OR_RETURN(d->args_.options, checked_options(p, given.options));
  std::vector<hy_option> rows;
  for (const auto& [name, text] : d->args_.options) {
    hy_option& row = rows.emplace_back(HY_INIT(hy_option));
    row.key = str(name);
    row.value = str(text);
  }
  d->artifact_options_ = relevant_options(p, d->args_.options);
  hy_open_args args = HY_INIT(hy_open_args);
  args.device_index = given.index;
  args.threads = given.threads;
  args.precision = given.precision;
  args.relaxed_types = given.relaxed_types;
  args.options = {rows.data(), static_cast<uint32_t>(rows.size()), sizeof(hy_option)};
  const auto note = noted(p.guard_, "open");
  hy_job job;
  HY_RETURN_IF_ERROR(call(job,
                          fmt::format("provider {}: opening device \"{}\"", p.id(), d->info_.name),
                          [&] { return p.api_.open(p.self_, &job, &args, &d->self_); }));
  return d;
}

Device::~Device() {
  hy_job job;
  if (self_ == nullptr) return;
  const Status s = call(job, "close", [&] { return provider_->api_.close(self_), HY_OK; });
  if (!s.ok()) provider_->host_->logger()->warn("provider {}: {}", provider_->id_, s.message());
}

Link Device::link() const {
  const std::scoped_lock lock(provider_->mutex_);
  const auto it = provider_->links_.find(info_.index);
  if (it != provider_->links_.end()) return it->second;
  return provider_->links_[info_.index] = find_link(*this);
}

Result<std::string> Device::admitted(hy_bytes graph, hy_weights* weights, bool compiles) const {
  if (provider_->guard_ == nullptr) return std::string();
  auto name = provider_->guard_->admit(graph, weights, args_, compiles);
  if (!name.ok())
    return name.status().with_context(
        fmt::format("provider {}: {}", provider_->id(), compiles ? "compile" : "query"));
  return name;
}

Result<std::vector<Verdict>> Device::query(hy_bytes graph, hy_weights* weights) const {
  std::vector<Verdict> out;
  auto sink = collect<hy_verdict>([&](const hy_verdict& v) { out.push_back(copy_verdict(v)); });
  hy_query_args args = HY_INIT(hy_query_args);
  args.graph = graph;
  args.weights = weights;
  HY_ASSIGN_OR_RETURN(const std::string name, admitted(graph, weights, false));
  auto note = noted(provider_->guard_, "query", name);
  hy_job job;
  HY_RETURN_IF_ERROR(call(job, fmt::format("provider {}: query", provider_->id()),
                          [&] { return provider_->api_.query(self_, &job, &args, sink.sink()); }));
  note = {};
  if (provider_->guard_ != nullptr) provider_->guard_->survived("query", name);
  return out;
}

Result<std::vector<Verdict>> Device::confirm(hy_bytes graph, hy_weights* weights) const {
  std::vector<Verdict> out;
  if (provider_->api_.confirm == nullptr) return out;
  auto sink = collect<hy_verdict>([&](const hy_verdict& v) {
    if (v.supported == 0) out.push_back(copy_verdict(v));
  });
  hy_compile_args args = HY_INIT(hy_compile_args);
  args.graph = graph;
  args.weights = weights;
  HY_ASSIGN_OR_RETURN(const std::string name, admitted(graph, weights, false));
  auto note = noted(provider_->guard_, "confirm", name);
  hy_job job;
  HY_RETURN_IF_ERROR(call(job, fmt::format("provider {}: confirm", provider_->id()), [&] {
    return provider_->api_.confirm(self_, &job, &args, sink.sink());
  }));
  note = {};
  if (provider_->guard_ != nullptr) provider_->guard_->survived("confirm", name);
  return out;
}

Result<std::shared_ptr<Executable>> Device::compile(hy_bytes graph, hy_weights* weights,
                                                    const CompileProgress& progress) {
  hy_compile_args args = HY_INIT(hy_compile_args);
  args.graph = graph;
  args.weights = weights;
  HY_ASSIGN_OR_RETURN(const std::string name, admitted(graph, weights, true));
  auto note = noted(provider_->guard_, "compile", name);
  hy_job job;
  if (progress)
    job.on_poll = [&](double done) {
      progress(done);
      return hy_status{HY_OK};
    };
  void* executable = nullptr;
  HY_RETURN_IF_ERROR(call(job, fmt::format("provider {}: compile", provider_->id()), [&] {
    return provider_->api_.compile(self_, &job, &args, &executable);
  }));
  note = {};
  if (provider_->guard_ != nullptr) provider_->guard_->survived("compile", name);
  return std::make_shared<Executable>(shared_from_this(), executable);
}

Result<std::shared_ptr<Executable>> Device::load(hy_bytes artifact, hy_bytes graph,
                                                 hy_weights* weights) {
  const std::string what = fmt::format("provider {}: load", provider_->id());
  if (!has_artifacts()) return unsupported(fmt::format("{}: it has no {}", what, HY_EXT_ARTIFACT));
  hy_compile_args args = HY_INIT(hy_compile_args);
  args.graph = graph;
  args.weights = weights;
  HY_ASSIGN_OR_RETURN(const std::string name, admitted(graph, weights, false));
  auto note = noted(provider_->guard_, "restore", name);
  hy_job job;
  void* executable = nullptr;
  HY_RETURN_IF_ERROR(
      call(job, what, [&] { return artifact_.load(self_, &job, artifact, &args, &executable); }));
  note = {};
  if (provider_->guard_ != nullptr) provider_->guard_->survived("restore", name);
  if (executable == nullptr) return internal_error(what + ": it gave no executable and no reason");
  return std::make_shared<Executable>(shared_from_this(), executable);
}

Executable::~Executable() {
  hy_job job;
  const Provider& p = device_->provider();
  const Status s = call(job, "release", [&] { return p.api().release(self_), HY_OK; });
  if (!s.ok()) p.host()->logger()->warn("provider {}: {}", p.id(), s.message());
}

Status Executable::run(hy_job& job, const hy_run_args& args) const {
  const Provider& p = device_->provider();
  try {
    const hy_status code = p.api().run(self_, &job, &args);
    if (code == HY_OK) return {};
    return job.status(code, fmt::format("provider {}: run", p.id()));
  } catch (...) {
    return internal_error(fmt::format("provider {}: run: the plugin let an exception out", p.id()));
  }
}

Result<std::vector<unsigned char>> Executable::save() const {
  const std::string what = fmt::format("provider {}: save", device_->provider().id());
  if (!device_->has_artifacts())
    return unsupported(fmt::format("{}: it has no {}", what, HY_EXT_ARTIFACT));
  std::vector<unsigned char> out;
  hy_sink sink = HY_INIT(hy_sink);
  sink.ctx = &out;
  sink.push = [](void* ctx, const void* record) -> hy_status {
    if (record == nullptr) return HY_ERROR_INVALID_ARGUMENT;
    hy_bytes bytes;
    std::memcpy(&bytes, record, sizeof bytes);
    if (bytes.data == nullptr && bytes.size != 0) return HY_ERROR_INVALID_ARGUMENT;
    try {
      const auto* b = static_cast<const unsigned char*>(bytes.data);
      auto& all = *static_cast<std::vector<unsigned char>*>(ctx);
      all.insert(all.end(), b, b + bytes.size);
      return HY_OK;
    } catch (...) {
      return HY_ERROR_OUT_OF_MEMORY;
    }
  };
  hy_job job;
  HY_RETURN_IF_ERROR(call(job, what, [&] { return device_->artifact().save(self_, &job, &sink); }));
  return out;
}

void Executable::time_nodes(bool on) const {
  if (timed_.load(std::memory_order_relaxed) == on || !device_->has_profile()) return;
  if (timed_.exchange(on) == on) return;
  hy_job job;
  const Status s =
      call(job, "profile", [&] { return device_->profile().enable(self_, &job, on ? 1 : 0); });
  if (!s.ok())
    device_->provider().host()->logger()->warn("provider {}: {}", device_->provider().id(),
                                               s.message());
}

std::vector<NodeTime> Executable::node_times(hy_job& job) const {
  std::vector<NodeTime> out;
  if (!device_->has_profile()) return out;
  auto sink = collect<hy_profile_event>([&](const hy_profile_event& e) {
    out.push_back({e.node, e.start_ns, e.duration_ns, copy(e.name)});
  });
  const Status s =
      call(job, "profile", [&] { return device_->profile().events(self_, &job, sink.sink()); });
  if (!s.ok()) out.clear();
  return out;
}

std::unique_lock<std::mutex> Executable::serialise() const {
  return device_->concurrent_runs() ? std::unique_lock<std::mutex>() : std::unique_lock(mutex_);
}

const char* reason_name(uint32_t reason) {
  switch (reason) {
    case HY_REASON_NONE:
      return "NONE";
    case HY_REASON_OP_UNKNOWN:
      return "OP_UNKNOWN";
    case HY_REASON_SIGNATURE:
      return "SIGNATURE";
    case HY_REASON_ATTRIBUTE:
      return "ATTRIBUTE";
    case HY_REASON_DTYPE:
      return "DTYPE";
    case HY_REASON_RANK:
      return "RANK";
    case HY_REASON_DIM_LIMIT:
      return "DIM_LIMIT";
    case HY_REASON_DIM_DYNAMIC:
      return "DIM_DYNAMIC";
    case HY_REASON_LAYOUT:
      return "LAYOUT";
    case HY_REASON_ENCODING:
      return "ENCODING";
    case HY_REASON_CONST_REQUIRED:
      return "CONST_REQUIRED";
    case HY_REASON_BROADCAST:
      return "BROADCAST";
    case HY_REASON_OPERAND_MISSING:
      return "OPERAND_MISSING";
    case HY_REASON_CONTROL_FLOW:
      return "CONTROL_FLOW";
    case HY_REASON_STATE_PATTERN:
      return "STATE_PATTERN";
    case HY_REASON_MEMORY_BUDGET:
      return "MEMORY_BUDGET";
    case HY_REASON_DEVICE_FEATURE:
      return "DEVICE_FEATURE";
    case HY_REASON_DRIVER_VERSION:
      return "DRIVER_VERSION";
    case HY_REASON_PRECISION_POLICY:
      return "PRECISION_POLICY";
    case HY_REASON_NOT_PROFITABLE:
      return "NOT_PROFITABLE";
    case HY_REASON_CONVEXITY:
      return "CONVEXITY";
    case HY_REASON_POLICY_DENIED:
      return "POLICY_DENIED";
    case HY_REASON_CONFIRM_REFUSED:
      return "CONFIRM_REFUSED";
    case HY_REASON_COMPILE_FAILED:
      return "COMPILE_FAILED";
    case HY_REASON_TIMEOUT:
      return "TIMEOUT";
    case HY_REASON_CRASHED:
      return "CRASHED";
    case HY_REASON_QUARANTINED:
      return "QUARANTINED";
    case HY_REASON_UNSTATED:
      return "UNSTATED";
    case HY_REASON_DUPLICATE_VERDICT:
      return "DUPLICATE_VERDICT";
    case HY_REASON_LOWER_PRIORITY:
      return "LOWER_PRIORITY";
    case HY_REASON_COST:
      return "COST";
    case HY_REASON_QUERY_FAILED:
      return "QUERY_FAILED";
    case HY_REASON_NO_DEVICE:
      return "NO_DEVICE";
    default:
      return "OTHER";
  }
}

}  // namespace halyard::core
