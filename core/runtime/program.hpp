// A compiled plan, ready to run: with the layout of its memory for each set of dims it has seen.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/plan/estimates.hpp"
#include "core/plan/plan.hpp"
#include "core/runtime/cluster_order.hpp"
#include "core/runtime/memory_plan.hpp"
#include "core/runtime/run_context.hpp"
#include "core/runtime/state.hpp"
#include "core/runtime/tensor.hpp"
#include "core/runtime/trace.hpp"
#include "core/runtime/weights.hpp"

namespace halyard::core {

/// The sizes of everything for one set of symbol values. Constant once made.
struct Layout {
  std::vector<std::optional<std::vector<int64_t>>>
      dims;                      // by value; nothing: known only after its cluster ran
  std::vector<uint64_t> bytes;   // by value, where dims are known
  std::vector<uint64_t> offset;  // by value: in the arena, or kNoOffset
  uint64_t arena_bytes = 0;
};
inline constexpr uint64_t kNoOffset = ~uint64_t{0};

/// One value of a run, at the border of a session or a body.
struct PortTensor {
  uint32_t dtype = 0;
  std::vector<int64_t> dims;
  void* data = nullptr;
  uint64_t bytes = 0;
  std::shared_ptr<void> owner = {};  // of data, where that is shared
  std::shared_ptr<const hy_tensor> value =
      {};  // of a sequence, an optional or a map, instead of data
};

/// Runs a plan. run() from any thread, as often at once as one likes: each run has a context of its own,
/// which is kept for the next one.
class Program {
 public:
  Program(Plan plan, std::shared_ptr<WeightStore> weights);

  const Plan& plan() const { return plan_; }

  /// inputs: by graph input. outputs: by graph output; data null: to be made by allocate.
  struct Request {
    std::vector<PortTensor> inputs;
    std::vector<PortTensor> outputs;
    std::vector<int64_t> symbols;  // by symbol of the graph
    /// By state of the graph: what their ports read and become; those are not asked of inputs and outputs.
    std::vector<StateContent*> states;
    /// Makes the memory of output i; called once for each output whose data is null.
    std::function<Result<void*>(size_t i, uint32_t dtype, std::span<const int64_t> dims,
                                uint64_t bytes)>
        allocate;
    /// An output that no cluster computes is given where it lies, instead of a copy.
    bool alias = false;
    Trace* trace = nullptr;             // null: nothing is recorded
    uint64_t run = 0;                   // the number in the trace
    MeasuredTimes* measured = nullptr;  // where the times of nodes go, where there is a trace
    /// Of a run that failed in a call of a provider: its device, of the plan's; of several the last.
    std::shared_ptr<Device> failed_on;
  };
  Status run(Request& request, hy_job& job);
  /// The programs of the bodies of a cluster that the core runs, as Cluster::bodies.
  const std::vector<std::unique_ptr<Program>>& bodies(uint32_t cluster) const {
    return bodies_[cluster];
  }
  Result<hy_bytes> read_constant(const ConstantData& constant) const;

 private:
  friend class BodyRunner;
  friend class Executor;
  friend class Overlap;
  static constexpr size_t kMaxLayouts = 64;
  static constexpr size_t kMaxContexts = 64;

  Result<std::shared_ptr<const Layout>> layout(const std::vector<int64_t>& symbols);
  Result<std::shared_ptr<const Layout>> make_layout(const std::vector<int64_t>& symbols) const;
  bool dead_before(ValueId a, ValueId b) const;
  std::unique_ptr<RunContext> take_context();
  void give_back(std::unique_ptr<RunContext> context);

  // Constant after construction.
  Plan plan_;
  std::shared_ptr<WeightStore> weights_;
  std::vector<uint32_t> last_use_;      // by value: the last cluster that reads it
  std::vector<uint32_t> made_by_;       // by value: the cluster that computes it, or kNone
  std::vector<uint32_t> output_index_;  // by value: the first graph output that it is, or kNone
  std::vector<uint32_t>
      state_of_output_;  // by graph output: the state that it is a port of, or kNone
  // Values that lie between clusters, or that the core's nodes handle: an executor keeps track of these.
  std::vector<ValueId> slot_values_;
  std::vector<uint32_t> slot_of_;                              // by value, or kNone
  std::vector<std::vector<std::unique_ptr<Program>>> bodies_;  // by cluster
  ClusterOrder order_;
  std::vector<std::vector<uint32_t>> readers_;  // by value: clusters; where order_ is concurrent

  std::mutex mutex_;  // guards what follows
  std::list<std::pair<std::vector<int64_t>, std::shared_ptr<const Layout>>>
      layouts_;  // latest first
  std::vector<std::unique_ptr<RunContext>> contexts_;
};

}  // namespace halyard::core
