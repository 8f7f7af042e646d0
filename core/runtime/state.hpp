// What a stateful model keeps from run to run: the contents of its states, and whose turn it is.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/graph.hpp"
#include "core/plugin/provider.hpp"
#include "core/runtime/run_context.hpp"
#include "core/runtime/tensor.hpp"
#include "core/runtime/weights.hpp"

namespace halyard::core {

/// The content of one state, in host memory or in a device's. Used by one run at a time.
class StateContent {
 public:
  /// Filled as the graph says.
  static Result<StateContent> create(const StateData& state, const Graph& graph,
                                     std::shared_ptr<WeightStore> weights);

  const StateData& about() const { return about_; }
  uint64_t bytes() const { return bytes_; }

  Status reset();
  /// Zeroes from length on along axis.
  Status truncate(uint32_t axis, uint64_t length);
  Result<StateContent> copy();
  Result<std::unique_ptr<hy_tensor>> to_tensor();
  Status from_tensor(const hy_tensor& tensor);

  // ---- For runs ----
  /// The device whose memory holds it; null: the host's.
  const std::shared_ptr<Device>& device() const { return device_; }
  uint64_t handle() const { return buffer_->handle(); }
  /// Host memory, whether it holds the content or not.
  void* host() const { return host_->data; }
  /// Brings it into host memory, or into the memory of a device that has its own, to be changed there.
  Status to_host(hy_job& job);
  Status to_device(const std::shared_ptr<Device>& device, hy_job& job);
  /// Host memory of the same size for what it becomes.
  Result<void*> next();
  /// It becomes what lies in next(), or in a buffer of a device, which is taken in exchange.
  void take_next();
  void take_buffer(const std::shared_ptr<Device>& device, DeviceBuffer& buffer);

  /// A run that fails from now on leaves it neither old nor new.
  void begin_write() { writing_ = true; }
  /// failure: of the run, or OK.
  void end_run(const Status& failure);
  /// Why it cannot be used until it is reset or imported; OK: it can.
  const Status& broken() const { return broken_; }

 private:
  StateContent() = default;
  void forget_device();
  void mend() { broken_ = {}; }

  // Constant after construction.
  StateData about_;
  uint64_t bytes_ = 0;
  std::optional<ConstantData> initial_;
  std::shared_ptr<WeightStore> weights_;

  std::unique_ptr<hy_tensor> host_, next_;
  std::shared_ptr<Device> device_;  // that holds the content
  std::unique_ptr<DeviceBuffer> buffer_;
  bool writing_ = false;
  Status broken_;
};

/// All states of a model. Whatever uses the contents first takes its turn; turns come in the order in which they were
/// asked for. Any thread.
class StateSet {
 public:
  static Result<std::shared_ptr<StateSet>> create(const Graph& graph,
                                                  const std::shared_ptr<WeightStore>& weights);

  /// Waits for its turn: CANCELLED or DEADLINE where the job ends first. Then leave() must follow.
  Status enter(const hy_job& job);
  /// Calls start, which must not wait, when it is its turn. Then leave() must follow.
  void enter_later(std::function<void()> start);
  void leave();

  // ---- Only in one's turn ----
  /// In the order of the graph's states, which must be among these with equal types and dims.
  Result<std::vector<StateContent*>> bind(const Graph& graph);
  Status reset();
  Result<std::shared_ptr<StateSet>> fork();
  /// name: empty for all. Nothing is changed where one of them refuses: it does not grow along that axis, is shorter,
  /// or is broken.
  Status truncate(std::string_view name, uint32_t axis, uint64_t length);
  /// NOT_FOUND lists the names that there are.
  Result<StateContent*> find(std::string_view name);

 private:
  struct Waiter {
    std::function<void()> start;  // of enter_later
    bool turn = false;
  };
  void next_turn(std::unique_lock<std::mutex> lock);

  std::vector<StateContent> contents_;  // of whoever's turn it is

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::list<Waiter> waiting_;
  bool taken_ = false;
};

/// One turn, ended with the object.
class StateTurn {
 public:
  /// set: null for none.
  static Result<StateTurn> take(std::shared_ptr<StateSet> set, const hy_job& job);
  /// Of a turn that has come already.
  explicit StateTurn(std::shared_ptr<StateSet> set) : set_(std::move(set)) {}
  StateTurn(StateTurn&& other) noexcept = default;
  StateTurn& operator=(StateTurn&&) = delete;
  ~StateTurn() {
    if (set_ != nullptr) set_->leave();
  }

 private:
  std::shared_ptr<StateSet> set_;
};

}  // namespace halyard::core
