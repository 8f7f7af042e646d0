// One run of a program: clusters in order, values handed from device to device.
#pragma once

#include <vector>

#include "core/runtime/program.hpp"

namespace halyard::core {

/// Lives for one run, on one thread. Where a value lies is tracked for host memory and for each device;
/// it is moved only when a cluster on the other side reads it.
class Executor {
 public:
  Executor(Program& program, const Layout& layout, RunContext& context, Program::Request& request,
           hy_job& job);
  Status run();
  /// Waits for every device that still works, whatever happened.
  Status drain();

 private:
  struct Slot {
    std::vector<int64_t> dims;
    uint64_t bytes = 0;
    void* host = nullptr;        // memory, once it has some
    bool on_host = false;        // host holds the content
    uint32_t on_device = kNone;  // a device whose buffer holds the content
    uint64_t device_handle = 0;
    bool known = false;  // dims and bytes are set
  };

  Status run_cluster(uint32_t index);
  Status bind_input(uint32_t device, ValueId v, hy_binding* out);
  Status bind_output(uint32_t device, ValueId v, hy_binding* out);
  /// host->output: the dims of an output that was bound empty.
  Status allocate_output(const Cluster& cluster, uint32_t port, std::span<const int64_t> dims,
                         uint64_t bytes, void** data, uint64_t* handle);
  /// Host memory for a value whose size is known.
  Status host_memory(ValueId v);
  Status to_host(ValueId v);
  Status deliver_outputs();
  const Device& device(uint32_t d) const { return *program_.plan_.devices[d]; }

  Program& program_;
  const Graph& graph_;
  const Layout& layout_;
  RunContext& context_;
  Program::Request& request_;
  hy_job& job_;
  std::vector<Slot> slots_;  // by value
};

}  // namespace halyard::core
