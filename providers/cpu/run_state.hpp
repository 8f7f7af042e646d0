// One run of a Program: the tensors of its values, step by step.
#pragma once

#include <vector>

#include "providers/cpu/buffer_pool.hpp"
#include "providers/cpu/executable.hpp"

namespace halyard::cpu {

/// One thread at a time. Keeps its buffers from run to run.
class RunState {
 public:
  explicit RunState(const Program& program)
      : program_(program), slots_(program.values.size()), states_(program.states.size()) {}

  /// events: null where the steps are not timed.
  Status run(plugin::Run& run, std::vector<plugin::ProfileEvent>* events = nullptr);

 private:
  friend class StepContext;
  /// A tensor during the run. buffer is null where the memory is a port's or a constant's.
  struct Held {
    Tensor tensor;
    BufferPool::Buffer* buffer = nullptr;
  };
  /// A value during the run.
  struct Slot {
    Held own;
    Held plain;  // of a blocked value that somebody wanted in C order
    bool ready = false;
  };

  Status bind_inputs();
  Status bind_state(size_t value);
  Status run_step(int32_t index);
  Status copy_to_ports(uint32_t value);
  Status copy_passed_through();
  Status keep_states();
  Status make_plain(uint32_t value);
  Result<void*> port_memory(uint32_t port, const Tensor& tensor);
  void release(uint32_t value);

  const Program& program_;
  std::vector<Slot> slots_;
  /// The memory of the states that are bound, as if of the pool: a kernel may write its result over it where it is the last to
  /// read what was there.
  std::vector<BufferPool::Buffer> states_;
  BufferPool pool_;
  plugin::Run* run_ = nullptr;  // during run()
};

}  // namespace halyard::cpu
