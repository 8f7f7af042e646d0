#include "core/plugin/isolation.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "core/base/fork.hpp"
#include "core/plugin/guard.hpp"
#include "core/plugin/probe.hpp"
#include "core/plugin/worker.hpp"

namespace halyard::core {
namespace {

using State = PluginState::Verdict;

constexpr std::pair<IsolationMode, const char*> kNames[] = {{IsolationMode::kOff, "none"},
                                                            {IsolationMode::kProbe, "probe"},
                                                            {IsolationMode::kCanary, "canary"},
                                                            {IsolationMode::kWorker, "worker"}};

// Where nothing can be tried elsewhere, a process that ended in a call is all there is to go by. Calls of a
// moment are hardly ever cut short by somebody else; a long one is, by an interrupt or a kill.
constexpr uint32_t kStrikesOfShortCalls = 1, kStrikesOfLongCalls = 2;
// Where a trial goes well and the host still ends there, again and again: only another process will do.
constexpr uint32_t kStrikesBeforeWorker = 3;

/// Libraries that this process opened before it was forked off: what they started, threads above all, is
/// gone in the child. The loader gives the same copy again, so it must not be used here.
bool opened_before_fork(const std::string& library) {
  static std::mutex mutex;
  static std::map<std::string, ForkMark> opened;
  const std::scoped_lock lock(mutex);
  return opened.try_emplace(library).first->second.crossed();
}

}  // namespace

std::optional<IsolationMode> parse_isolation(std::string_view name) {
  for (const auto& [mode, known] : kNames)
    if (name == known) return mode;
  return std::nullopt;
}

const char* isolation_name(IsolationMode mode) {
  for (const auto& [known, name] : kNames)
    if (mode == known) return name;
  return "none";
}

Status parse_isolation_list(std::string_view text, IsolationOptions* options) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    const std::string_view item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t equals = item.find('=');
    const std::string_view name = equals == std::string_view::npos ? item : item.substr(equals + 1);
    const auto mode = parse_isolation(name);
    if (!mode)
      return Status(
          HY_ERROR_CONFIG,
          fmt::format("isolation \"{}\" is not known; none, probe, canary and worker are, "
                      "for one provider as ID=MODE",
                      name));
    if (equals == std::string_view::npos)
      options->mode = *mode;
    else
      options->by_provider[std::string(item.substr(0, equals))] = *mode;
  }
  return {};
}

Isolation::Isolation(IsolationOptions options, std::shared_ptr<Host> host)
    : options_(std::move(options)),
      host_(std::move(host)),
      states_(options_.state, host_->logger()),
      journal_(options_.state.empty() ? options_.state : options_.state / "journal",
               host_->logger()) {}

IsolationMode Isolation::mode_of(const std::string& provider) const {
  const auto it = options_.by_provider.find(provider);
  return it == options_.by_provider.end() ? options_.mode : it->second;
}

bool Isolation::has_helper() const {
  return !options_.helper.empty() && access(options_.helper.c_str(), X_OK) == 0;
}

void Isolation::take_notes() {
  for (const Journal::Note& note : journal_.take_left_behind()) {
    PluginState state = states_.get(note.library);
    if (state.verdict == State::kQuarantined) continue;
    state.verdict = State::kSuspect;
    state.stage = note.stage;
    state.graph = note.graph;
    ++state.strikes;
    state.detail = fmt::format("process {} ended in {}", note.process, note.stage);
    states_.put(note.library, state);
    host_->logger()->warn("plugin {}: {}", note.library, state.detail);
  }
}

PluginState Isolation::learn(const Manifest& manifest) {
  const std::scoped_lock lock(mutex_);
  std::call_once(notes_taken_, [this] { take_notes(); });
  return states_.get(manifest.library);
}

std::optional<Rejection> Isolation::quarantine(const Manifest& manifest) {
  const PluginState state = learn(manifest);
  if (state.verdict != State::kQuarantined) return std::nullopt;
  return Rejection{state.reason, state.detail};
}

Isolation::Loaded Isolation::lock_away(const Manifest& manifest, PluginState state,
                                       std::string reason, std::string detail) {
  state.verdict = State::kQuarantined;
  state.reason = std::move(reason);
  state.detail = std::move(detail);
  const std::scoped_lock lock(mutex_);
  states_.put(manifest.library, state);
  Loaded out;
  out.rejection = {state.reason, state.detail};
  out.quarantined = true;
  return out;
}

Isolation::Loaded Isolation::load(const Manifest& manifest) {
  PluginState state = learn(manifest);
  if (state.verdict == State::kQuarantined) {
    Loaded out;
    out.rejection = {state.reason, state.detail};
    out.quarantined = true;
    return out;
  }
  const bool helper = has_helper();
  IsolationMode mode = mode_of(manifest.id);
  const bool forked = opened_before_fork(manifest.library.string());
  if (helper && (forked || (mode != IsolationMode::kOff && state.strikes >= kStrikesBeforeWorker)))
    mode = IsolationMode::kWorker;
  if (mode == IsolationMode::kWorker && helper) {
    Loaded out = load_there(manifest);
    if (out.rejection.reason != kHelperUnfit) return out;
    host_->logger()->warn("plugin {} runs in this process: {}", manifest.id, out.rejection.detail);
    return load_here(manifest, mode, state);
  }
  const bool tried = state.verdict == State::kSound;
  if (helper && mode != IsolationMode::kOff && !tried) {
    const Probe probe = probe_plugin(manifest, options_.helper, options_.limits, host_);
    if (probe.death && probe.death->from_outside)
      return {{reason_name(probe.death->reason), probe.death->words}};
    if (probe.death)
      return lock_away(manifest, state, reason_name(probe.death->reason),
                       "in a trial before it is opened, " + probe.death->words);
    if (!probe.helper.ok())
      host_->logger()->warn("plugin {} is opened untried: {}", manifest.id, probe.helper.message());
    else if (state.verdict == State::kUnknown) {
      state.verdict = State::kSound;
      const std::scoped_lock lock(mutex_);
      states_.put(manifest.library, state);
    }
  } else if (state.verdict == State::kSuspect && (!helper || mode == IsolationMode::kOff)) {
    const bool long_call = !state.graph.empty();
    if (state.strikes >= (long_call ? kStrikesOfLongCalls : kStrikesOfShortCalls))
      return lock_away(manifest, state, reason_name(HY_REASON_CRASHED), state.detail);
  }
  return load_here(manifest, mode, state);
}

Isolation::Loaded Isolation::load_here(const Manifest& manifest, IsolationMode mode,
                                       const PluginState& state) {
  Loaded out;
  out.guard = std::make_shared<Guard>(shared_from_this(), manifest, mode, state);
  const auto note = out.guard->note("load");
  out.rejection = load_library(manifest, &out.plugin);
  return out;
}

Isolation::Loaded Isolation::load_there(const Manifest& manifest) {
  Loaded out;
  auto worker = Worker::start(options_.helper, host_->logger());
  if (!worker.ok())
    out.rejection = {kHelperUnfit, worker.status().message()};
  else
    out.rejection = load_in_worker(manifest, *worker, options_.limits, &out.plugin);
  return out;
}

}  // namespace halyard::core
