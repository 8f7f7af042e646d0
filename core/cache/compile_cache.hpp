// Where a session's executables come from: the file of a compiled model, the folder, or the provider's compiler.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/cache/artifact_source.hpp"
#include "core/cache/cluster_key.hpp"
#include "core/cache/content_store.hpp"

namespace halyard::core {

/// What became of one cluster, or would become of it.
struct CacheOutcome {
  enum class State {
    kHit,      // loaded instead of compiled
    kMiss,     // compiled
    kNotKept,  // of a provider that does not save executables
    kOff,      // there is no cache
  };
  State state = State::kOff;
  std::string provider, device;
  size_t nodes = 0;
  double compile_ms = -1;                          // of a miss; negative: not compiled
  std::string reason;                              // of a miss: in words
  std::optional<CacheKey::Difference> difference;  // of a miss: from the closest artefact
  CacheKey key;                                    // empty where it was not needed
};
const char* state_name(CacheOutcome::State state);

/// One a session. Any thread. Fails only where the compiler fails, or where artefacts were required.
class CompileCache {
 public:
  struct Options {
    std::shared_ptr<ContentStore> store;           // null: no folder
    std::shared_ptr<const ArtifactSource> source;  // null: no file
    bool require_source = false;  // a cluster that the file has no artefact for is a failure
    std::string model;            // for people: goes into the notes
    WeightDigests::Known known_digests;
  };
  CompileCache(Options options, hy_weights& weights, Logger logger);

  /// graph: the cluster in the flat form. After a refusal every call gives it again.
  Result<std::shared_ptr<Executable>> load_or_compile(Device& device, hy_bytes graph,
                                                      const CompileProgress& progress = {});
  /// What load_or_compile would find, without loading or compiling.
  CacheOutcome explain(Device& device, hy_bytes graph);
  Result<CacheKey> key(Device& device, hy_bytes graph);

  /// One a call of load_or_compile that succeeded, in their order.
  std::vector<CacheOutcome> outcomes() const;
  /// STALE: the file has no artefact for a cluster, and must have. Names the first part of the key that differs.
  Status refusal() const;
  const ContentStore* store() const { return options_.store.get(); }

 private:
  Result<std::shared_ptr<Executable>> load(Device& device, hy_bytes graph, const CacheKey& key,
                                           ByteSpan artifact, const std::string& from);
  Result<std::shared_ptr<Executable>> find(Device& device, hy_bytes graph, CacheOutcome* outcome,
                                           FileLock* lock);
  std::shared_ptr<Executable> look_up(Device& device, hy_bytes graph, const CacheKey& key);
  Result<std::shared_ptr<Executable>> compile(Device& device, hy_bytes graph,
                                              const CompileProgress& progress,
                                              CacheOutcome* outcome);
  Status refuse(const CacheOutcome& outcome);
  void keep(const Executable& executable, const CacheOutcome& outcome);
  void find_closest(CacheOutcome* outcome);
  void record(CacheOutcome outcome);

  const Options options_;
  hy_weights& weights_;
  const Logger logger_;
  WeightDigests digests_;

  mutable std::mutex mutex_;  // guards what follows
  std::vector<CacheOutcome> outcomes_;
  Status refusal_;
};

}  // namespace halyard::core
