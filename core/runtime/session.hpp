// A model placed on devices and compiled, and its runs.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "core/cache/cache_location.hpp"
#include "core/cache/compile_cache.hpp"
#include "core/config/settings.hpp"
#include "core/plan/estimates.hpp"
#include "core/plan/planner.hpp"
#include "core/runtime/model.hpp"
#include "core/runtime/program.hpp"
#include "core/runtime/tensor.hpp"

namespace halyard::core {

struct SessionOptions {
  Settings settings;
  /// What of it is stated and concerns placement: goes into compiled models.
  std::vector<std::pair<std::string, std::string>> stated;
  std::string function, shapes;
  bool passes = true;
  bool plan_only = false;
  uint32_t max_cluster_nodes = 0;  // 0: no limit
  bool all_values = false;         // every tensor that a node computes is an output
  CacheWish cache;
  bool refuse_stale = false;  // of a compiled model: fail rather than compile
  ProgressFn progress;        // from whichever thread compiles; null: nobody is told
};

/// Any thread. One program serves every shape where all devices take symbolic ones; else each set of
/// dims is planned and compiled for itself at its first use, and the kMaxSpecialisations latest are kept.
class Session {
 public:
  static constexpr size_t kMaxSpecialisations = 16;

  static Result<std::unique_ptr<Session>> create(std::shared_ptr<Model> model,
                                                 SessionOptions options);

  const Model& model() const { return *model_; }
  /// Its ports, by graph inputs and outputs. Symbols that options.shapes fixes are numbers.
  const Graph& graph() const { return graph_; }
  /// The plan for the dims that are known at load.
  const Plan& plan() const { return first_->plan(); }

  /// A plan in use, with a number of its own among those of this session; 0: the one made at load.
  struct InUse {
    uint64_t number = 0;
    std::shared_ptr<const Program> program;
    const Plan& plan() const { return program->plan(); }
  };
  /// That of the run that began last; before the first run, the one made at load.
  InUse in_use() const;

  /// Records the runs that begin from now on, afresh; or ends that.
  void record(bool on);
  /// What was recorded, as Trace::json; of nothing, where nothing was.
  std::string trace() const;
  /// The clusters that were compiled or loaded so far; of a session that only plans, what would become of them.
  Result<std::vector<CacheOutcome>> cache_outcomes() const;
  const CompileCache& compile_cache() const { return *compile_cache_; }
  /// Writes a compiled model with an artefact for each cluster that was made ready so far.
  Status save(const std::string& path, const std::string& plan_json) const;

  struct Named {
    std::string_view name;
    hy_tensor* tensor;
  };
  /// states: whose turn is the caller's; null for a model that keeps none.
  Status run(std::span<const Named> inputs, std::span<const std::string_view> names,
             std::span<std::unique_ptr<hy_tensor>> made, std::span<hy_tensor* const> given,
             StateSet* states, hy_job& job);
  /// The states of the model as they are before any run.
  Result<std::shared_ptr<StateSet>> make_states() const;

 private:
  Session() = default;
  Status find_devices();
  void open_cache();
  void load_times();
  void save_times() const;
  void adopt_compiled_options();
  Status check_compiled_for() const;
  Status add_artifacts(const Plan& plan, CompiledParts* parts) const;
  Status fix_shapes();
  Status simplify(Graph& graph) const;
  Result<std::shared_ptr<Program>> prepare(Graph graph) const;
  void log_plan(const Plan& plan, std::string_view what) const;
  Status leave_lost_devices();
  Status leave_failed_device(const std::shared_ptr<Device>& device, const Status& failure);
  Status place_again(std::vector<std::shared_ptr<Device>> left, const std::vector<Refusal>& gone,
                     std::string_view why);
  Status run_once(std::span<const Named> inputs, std::span<const std::string_view> names,
                  std::span<std::unique_ptr<hy_tensor>> made, std::span<hy_tensor* const> given,
                  StateSet* states, hy_job& job, std::shared_ptr<Device>* failed);
  Result<std::shared_ptr<Program>> program_for(const std::vector<int64_t>& symbols);
  Result<std::vector<PortTensor>> match_inputs(std::span<const Named> inputs) const;
  Result<std::vector<int64_t>> bind_symbols(const std::vector<PortTensor>& inputs) const;

  // Constant after construction.
  std::shared_ptr<Model> model_;
  SessionOptions options_;
  Graph graph_;
  std::shared_ptr<const Program> first_;  // the program that was made at load
  bool specialise_ = false;

  // Changed when the process of a provider is gone, by one thread with no other in a plan.
  std::shared_mutex placing_;  // guards what follows
  std::vector<std::shared_ptr<Device>> devices_;
  std::shared_ptr<Device> exact_;  // where constants are folded; null: nowhere
  std::vector<Refusal> absent_;
  std::unique_ptr<CompileCache> compile_cache_;
  std::shared_ptr<ContentStore> store_;  // of the cache; null: there is none
  MeasuredTimes measured_;               // what nodes took in recorded runs, earlier ones included

  struct Specialised {
    std::vector<int64_t> symbols;
    uint64_t number = 0;
    std::shared_ptr<Program> program;
  };
  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<Program> program_;
  uint64_t number_ = 0;                 // of program_
  std::shared_ptr<Trace> trace_;        // of the latest recording
  std::atomic<bool> recording_{false};  // changed under mutex_
  std::list<Specialised> specialised_;  // latest first
  uint64_t made_ = 0;                   // plans after the first, ever
};

}  // namespace halyard::core
