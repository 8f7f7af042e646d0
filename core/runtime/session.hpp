// A model placed on devices and compiled, and its runs.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/config/settings.hpp"
#include "core/runtime/model.hpp"
#include "core/runtime/program.hpp"
#include "core/runtime/tensor.hpp"

namespace halyard::core {

struct SessionOptions {
  Settings settings;
  std::string function, shapes;
  bool passes = true;
  bool plan_only = false;
  uint32_t max_cluster_nodes = 0;  // 0: no limit
  bool all_values = false;         // every tensor that a node computes is an output
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
  const Plan& plan() const { return program_->plan(); }

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

  struct Named {
    std::string_view name;
    hy_tensor* tensor;
  };
  Status run(std::span<const Named> inputs, std::span<const std::string_view> names,
             std::span<std::unique_ptr<hy_tensor>> made, std::span<hy_tensor* const> given,
             hy_job& job);

 private:
  Session() = default;
  Status find_devices();
  Status fix_shapes();
  Status simplify(Graph& graph) const;
  Result<std::shared_ptr<Program>> prepare(Graph graph) const;
  void log_plan(const Plan& plan, std::string_view what) const;
  Result<std::shared_ptr<Program>> program_for(const std::vector<int64_t>& symbols);
  Result<std::vector<PortTensor>> match_inputs(std::span<const Named> inputs) const;
  Result<std::vector<int64_t>> bind_symbols(const std::vector<PortTensor>& inputs) const;

  // Constant after construction.
  std::shared_ptr<Model> model_;
  SessionOptions options_;
  Graph graph_;
  std::vector<std::shared_ptr<Device>> devices_;
  std::shared_ptr<Device> exact_;  // where constants are folded; null: nowhere
  std::vector<Refusal> absent_;
  std::shared_ptr<Program> program_;
  bool specialise_ = false;

  struct Specialised {
    std::vector<int64_t> symbols;
    uint64_t number = 0;
    std::shared_ptr<Program> program;
  };
  mutable std::mutex mutex_;            // guards what follows
  std::shared_ptr<Trace> trace_;        // of the latest recording
  std::atomic<bool> recording_{false};  // changed under mutex_
  std::list<Specialised> specialised_;  // latest first
  uint64_t made_ = 0;                   // specialisations, ever
};

}  // namespace halyard::core
