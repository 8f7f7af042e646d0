#include "core/cache/compile_cache.hpp"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "halyard/graph.hpp"

namespace halyard::core {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

CacheOutcome outcome_of(const Device& device, hy_bytes flat) {
  CacheOutcome out;
  out.provider = device.provider().id();
  out.device = device.info().name;
  halyard::Graph graph;
  if (halyard::Graph::open(flat, &graph).ok()) out.nodes = graph.main().node_count();
  return out;
}

std::string words(const CacheKey::Difference& d, std::string_view closest) {
  return fmt::format("{} is \"{}\"; {} has \"{}\"", d.part, d.ours, closest, d.theirs);
}

}  // namespace

const char* state_name(CacheOutcome::State state) {
  switch (state) {
    case CacheOutcome::State::kHit:
      return "hit";
    case CacheOutcome::State::kMiss:
      return "miss";
    case CacheOutcome::State::kNotKept:
      return "not_kept";
    default:
      return "off";
  }
}

CompileCache::CompileCache(Options options, hy_weights& weights, Logger logger)
    : options_(std::move(options)),
      weights_(weights),
      logger_(std::move(logger)),
      digests_(weights, options_.store.get(), options_.known_digests) {}

Result<CacheKey> CompileCache::key(Device& device, hy_bytes graph) {
  auto out = cluster_key(device, graph, digests_);
  digests_.flush();
  return out;
}

Result<std::shared_ptr<Executable>> CompileCache::load(Device& device, hy_bytes graph,
                                                       const CacheKey& key, ByteSpan artifact,
                                                       const std::string& from) {
  auto executable = device.load({artifact.data(), artifact.size()}, graph, &weights_);
  if (!executable.ok()) {
    // A provider that thinks better of its bytes is no trouble; one that fails at them is.
    const bool expected = executable.status().code() == HY_ERROR_STALE;
    logger_->log(expected ? spdlog::level::info : spdlog::level::warn,
                 "artefact {} of {} cannot be loaded; compiling instead: {}", key.digest().hex(),
                 from, executable.status().message());
  }
  return executable;
}

std::shared_ptr<Executable> CompileCache::look_up(Device& device, hy_bytes graph,
                                                  const CacheKey& key) {
  const auto entry = options_.store->find(key);
  if (!entry) return nullptr;
  auto executable = load(device, graph, key, entry->payload(), options_.store->folder().string());
  if (executable.ok()) return std::move(executable).value();
  options_.store->remove(key);
  return nullptr;
}

Result<std::shared_ptr<Executable>> CompileCache::compile(Device& device, hy_bytes graph,
                                                          const CompileProgress& progress,
                                                          CacheOutcome* outcome) {
  const Clock::time_point start = Clock::now();
  auto executable = device.compile(graph, &weights_, progress);
  outcome->compile_ms = milliseconds_since(start);
  // The planner takes STALE for our refusal; a compiler has nothing that could be stale.
  if (executable.status().code() == HY_ERROR_STALE)
    return internal_error(executable.status().message());
  return executable;
}

void CompileCache::keep(const Executable& executable, const CacheOutcome& outcome) {
  auto artifact = executable.save();
  if (!artifact.ok()) {
    const bool expected = artifact.status().code() == HY_ERROR_UNSUPPORTED;
    logger_->log(expected ? spdlog::level::debug : spdlog::level::warn,
                 "a cluster of {} nodes is not kept: {}", outcome.nodes,
                 artifact.status().message());
    return;
  }
  const nlohmann::ordered_json notes{
      {"model", options_.model}, {"nodes", outcome.nodes}, {"compile_ms", outcome.compile_ms}};
  options_.store->publish(
      outcome.key, notes.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace),
      *artifact);
}

void CompileCache::find_closest(CacheOutcome* outcome) {
  std::vector<CacheKey> keys;
  std::string closest = "the closest entry of the cache";
  if (options_.source != nullptr) {
    keys = options_.source->keys();
    closest = "the closest artefact of " + options_.source->name();
  }
  if (options_.store != nullptr && !options_.require_source)
    for (auto& entry : options_.store->list()) keys.push_back(std::move(entry.key));
  const CacheKey* best = nullptr;
  size_t most = 0;
  for (const CacheKey& k : keys) {
    const std::string* format = k.find("format");
    if (format == nullptr || *format != kClusterFormat) continue;
    if (const size_t common = outcome->key.common_parts(k); best == nullptr || common > most) {
      best = &k;
      most = common;
    }
  }
  if (best != nullptr) outcome->difference = outcome->key.first_difference(*best);
  outcome->reason = outcome->difference ? words(*outcome->difference, closest)
                    : best != nullptr   ? "its artefact could not be loaded"
                                        : "there is no artefact yet";
}

Status CompileCache::refuse(const CacheOutcome& outcome) {
  const std::scoped_lock lock(mutex_);
  refusal_ = stale(fmt::format(
      "{} has no usable artefact for a cluster of {} nodes on {}, and compiling is refused: {}",
      options_.source->name(), outcome.nodes, outcome.provider, outcome.reason));
  return refusal_;
}

void CompileCache::record(CacheOutcome outcome) {
  if (outcome.state == CacheOutcome::State::kMiss)
    logger_->info("compiled a cluster of {} nodes for {} in {:.1f} ms: {}", outcome.nodes,
                  outcome.provider, outcome.compile_ms,
                  outcome.reason.empty() ? "not in the cache" : outcome.reason);
  const std::scoped_lock lock(mutex_);
  outcomes_.push_back(std::move(outcome));
}

Result<std::shared_ptr<Executable>> CompileCache::load_or_compile(Device& device, hy_bytes graph,
                                                                  const CompileProgress& progress) {
  HY_RETURN_IF_ERROR(refusal());
  CacheOutcome outcome = outcome_of(device, graph);
  std::shared_ptr<Executable> loaded;
  FileLock lock;
  if (!device.has_artifacts()) {
    outcome.state = CacheOutcome::State::kNotKept;
  } else if (options_.store != nullptr || options_.source != nullptr) {
    if (auto made = key(device, graph); made.ok()) {
      outcome.key = std::move(made).value();
      HY_ASSIGN_OR_RETURN(loaded, find(device, graph, &outcome, &lock));
    } else {
      logger_->debug("no cache for a cluster: {}", made.status().message());
    }
  }
  if (loaded == nullptr) {
    HY_ASSIGN_OR_RETURN(loaded, compile(device, graph, progress, &outcome));
    if (outcome.state == CacheOutcome::State::kMiss && options_.store != nullptr)
      keep(*loaded, outcome);
  }
  record(std::move(outcome));
  return loaded;
}

/// The executable, or null where it must be compiled: then with the lock, for as long as that takes.
Result<std::shared_ptr<Executable>> CompileCache::find(Device& device, hy_bytes graph,
                                                       CacheOutcome* outcome, FileLock* lock) {
  outcome->state = CacheOutcome::State::kHit;
  if (options_.source != nullptr)
    if (const auto artifact = options_.source->find(outcome->key)) {
      auto executable = load(device, graph, outcome->key, *artifact, options_.source->name());
      if (executable.ok()) return executable;
    }
  if (options_.require_source) {
    find_closest(outcome);
    return refuse(*outcome);
  }
  if (options_.store != nullptr) {
    if (auto executable = look_up(device, graph, outcome->key)) return executable;
    *lock = options_.store->lock(outcome->key);
    // While we waited somebody may have compiled it.
    if (auto executable = look_up(device, graph, outcome->key)) return executable;
  }
  outcome->state = CacheOutcome::State::kMiss;
  if (logger_->should_log(spdlog::level::info)) find_closest(outcome);
  return std::shared_ptr<Executable>();
}

CacheOutcome CompileCache::explain(Device& device, hy_bytes graph) {
  CacheOutcome outcome = outcome_of(device, graph);
  if (!device.has_artifacts()) {
    outcome.state = CacheOutcome::State::kNotKept;
    outcome.reason = fmt::format("the provider has no {}", HY_EXT_ARTIFACT);
    return outcome;
  }
  if (options_.store == nullptr && options_.source == nullptr) return outcome;
  auto made = key(device, graph);
  if (!made.ok()) {
    outcome.reason = made.status().message();
    return outcome;
  }
  outcome.key = std::move(made).value();
  const bool there =
      (options_.source != nullptr && options_.source->find(outcome.key).has_value()) ||
      (options_.store != nullptr && !options_.require_source &&
       options_.store->contains(outcome.key));
  outcome.state = there ? CacheOutcome::State::kHit : CacheOutcome::State::kMiss;
  if (!there) find_closest(&outcome);
  return outcome;
}

std::vector<CacheOutcome> CompileCache::outcomes() const {
  const std::scoped_lock lock(mutex_);
  return outcomes_;
}

Status CompileCache::refusal() const {
  const std::scoped_lock lock(mutex_);
  return refusal_;
}

}  // namespace halyard::core
