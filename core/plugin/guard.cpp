#include "core/plugin/guard.hpp"

#include <fmt/format.h>

#include <cstring>

#include "core/base/digest.hpp"
#include "core/plugin/worker.hpp"

namespace halyard::core {
namespace {

/// Names a graph as it would be compiled: bytes, device, threads, precision.
std::string name_of(hy_bytes graph, const Device::Args& device) {
  Hasher hasher;
  hasher.add(ByteSpan{static_cast<const unsigned char*>(graph.data), graph.size});
  hasher.add(uint64_t{device.index});
  hasher.add(uint64_t{device.threads});
  hasher.add(uint64_t{device.precision});
  hasher.add(uint64_t{device.relaxed_types});
  for (const auto& [key, value] : device.options) {
    hasher.add(bytes_of(key));
    hasher.add(bytes_of(value));
    hasher.add(uint64_t{key.size()});
  }
  return hasher.digest().hex();
}

}  // namespace

Guard::Guard(std::shared_ptr<Isolation> isolation, Manifest manifest, IsolationMode mode,
             PluginState state)
    : isolation_(std::move(isolation)),
      manifest_(std::move(manifest)),
      mode_(mode),
      state_(std::move(state)) {}

Journal::Entry Guard::note(const char* stage, const std::string& graph) {
  return isolation_->journal_.begin({manifest_.library.string(), stage, graph});
}

void Guard::keep() {
  const std::scoped_lock lock(isolation_->mutex_);
  isolation_->states_.put(manifest_.library, state_);
}

void Guard::created() {
  const std::scoped_lock lock(mutex_);
  if (state_.verdict != PluginState::Verdict::kSuspect || !state_.graph.empty()) return;
  state_.verdict = PluginState::Verdict::kUnknown;
  if (isolation_->has_helper() && mode_ != IsolationMode::kOff)
    state_.verdict = PluginState::Verdict::kSound;  // it went through a probe before it came here
  state_.strikes = 0;
  keep();
}

void Guard::survived(std::string_view stage, const std::string& graph) {
  const std::scoped_lock lock(mutex_);
  if (state_.verdict != PluginState::Verdict::kSuspect || state_.stage != stage ||
      state_.graph != graph)
    return;
  state_.verdict = PluginState::Verdict::kSound;
  state_.graph.clear();
  state_.strikes = 0;
  keep();
}

Result<std::string> Guard::admit(hy_bytes graph, hy_weights* weights, const Device::Args& device,
                                 bool compiles) {
  std::string name = name_of(graph, device);
  const std::scoped_lock lock(mutex_);
  if (const auto it = state_.deadly.find(name); it != state_.deadly.end())
    return device_error(fmt::format(
        "this graph is not given to it again until the plugin changes or is released: {}",
        it->second));
  if (!isolation_->has_helper() || mode_ == IsolationMode::kOff) return name;
  const bool suspect = state_.verdict == PluginState::Verdict::kSuspect && state_.graph == name;
  const bool unknown =
      compiles && mode_ == IsolationMode::kCanary && !state_.compiled.contains(name);
  if (!suspect && !unknown) return name;
  HY_RETURN_IF_ERROR(try_elsewhere(name, graph, weights, device, compiles));
  return name;
}

Status Guard::try_elsewhere(const std::string& name, hy_bytes graph, hy_weights* weights,
                            const Device::Args& device, bool compiles) {
  const auto opened = canary(device);
  // Without the other process there is nothing to be learnt; a device that does not open tells so here.
  if (!opened.ok()) return {};
  (void)(*opened)->query(graph, weights);
  if (compiles) (void)(*opened)->compile(graph, weights);
  const auto loss = canary_->lost();
  if (!loss) {
    if (compiles && state_.compiled.insert(name).second) keep();
    return {};
  }
  canary_device_.reset();
  canary_.reset();
  state_.deadly[name] = loss->words;
  keep();
  return device_error(fmt::format("in a process that tried it first, {}", loss->words));
}

Result<std::shared_ptr<Device>> Guard::canary(const Device::Args& device) {
  if (canary_device_ != nullptr && canary_device_->args() == device) return canary_device_;
  if (canary_ == nullptr) {
    HY_ASSIGN_OR_RETURN(auto worker,
                        Worker::start(isolation_->options().helper, isolation_->host_->logger()));
    LoadedPlugin plugin;
    const Rejection rejection =
        load_in_worker(manifest_, std::move(worker), isolation_->options().limits, &plugin);
    if (rejection.rejected()) return internal_error(rejection.detail);
    HY_ASSIGN_OR_RETURN(canary_, Provider::create(manifest_, plugin, isolation_->host_));
  }
  if (device.index >= canary_->devices().size())
    return not_found("the device is not there in the other process");
  HY_ASSIGN_OR_RETURN(canary_device_, Device::open(canary_, device));
  return canary_device_;
}

}  // namespace halyard::core
