// Runs of a program: clusters in order, or at once where different hardware runs them; values handed from
// device to device; and what the core does itself.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "core/runtime/core_node.hpp"
#include "core/runtime/program.hpp"

namespace halyard::core {

/// One run after the other, each begun on one thread at a time; keeps what runs need from one to the next.
/// Where a value lies is tracked for host memory and for each device; it is moved only when a cluster on the
/// other side reads it. Clusters that may overlap are tasks of the core's pool, and the values between them
/// are locked one by one.
class Executor {
 public:
  Executor(Program& program, std::shared_ptr<const Layout> layout, RunContext& context);
  ~Executor();
  /// The request and the job must live until it returns.
  Status run(Program::Request& request, hy_job& job);
  /// After a run that did well, and its end: each state becomes what its output port is.
  Status keep_states();
  /// Waits for every device that still works, whatever happened.
  Status drain() { return context_.drain(*job_); }

  // ---- For the nodes that the core runs. Values are those of the program's graph ----
  const Graph& graph() const { return graph_; }
  Program& program() const { return program_; }
  hy_job& job() const { return *job_; }
  const std::vector<int64_t>& symbols() const { return request_->symbols; }
  const Program::Request& request() const { return *request_; }

  /// A tensor in host memory, or what a value of another kind holds. Without an owner the memory is good
  /// until the node ends.
  Result<PortTensor> read(ValueId v);
  /// The same, to be kept: shares what has an owner, or lives as long as the model, and copies the rest.
  Result<std::shared_ptr<const hy_tensor>> share(ValueId v);
  /// Memory for a result with these dims.
  Result<void*> give(ValueId v, std::span<const int64_t> dims, uint64_t bytes);
  /// The result, as it lies there where it has an owner, else copied. Of other kinds: the value.
  Status take(ValueId v, const PortTensor& result);
  /// The same for an element of a sequence, whose memory lives as long as the run at least.
  Status take_element(ValueId v, const hy_tensor& element);
  /// Whether the value lies where this result does: it was written into what give() gave.
  bool holds(ValueId v, const PortTensor& result) const {
    const Slot& s = slots_[program_.slot_of_[v]];
    return s.on_host && s.host == result.data && result.value == nullptr;
  }

 private:
  struct Slot {
    std::vector<int64_t> dims;
    uint64_t bytes = 0;
    void* host = nullptr;                    // memory, once it has some
    std::shared_ptr<void> owner;             // of host, where that is shared
    std::shared_ptr<const hy_tensor> value;  // of what is no tensor
    uint64_t device_handle = 0;
    uint32_t on_device = kNone;  // a device whose buffer holds the content
    bool on_host = false;        // host holds the content
    bool known = false;          // dims and bytes are set
    bool fixed = false;          // by the layout: for every run
  };
  struct Bindings {
    std::vector<hy_binding> inputs, outputs;  // without the ports of states that it updates
    std::vector<hy_binding> states;
  };

  friend class Overlap;

  Status begin();
  /// A cluster of the core's or of a device, on whatever thread. job: of this cluster alone.
  Status run_any(uint32_t index, hy_job& job);
  Status run_cluster(uint32_t index, hy_job& job);
  Status bind(uint32_t index, hy_job& job);
  Status bind_input(uint32_t cluster, ValueId v, hy_job& job, hy_binding* out);
  Status bind_output(uint32_t device, ValueId v, hy_job& job, hy_binding* out);
  /// One that the cluster updates where it lies.
  Status bind_state(uint32_t cluster, size_t i, hy_job& job, hy_binding* out);
  Status begin_states();
  Status call(uint32_t index, hy_job& job);
  /// What a cluster's nodes took in a run that has just ended, for the trace and for later plans.
  void note_times(uint32_t index, hy_job& job, std::chrono::steady_clock::time_point begin);
  /// Notes where the outputs lie; fails where one has no dims.
  Status take_outputs(uint32_t index);
  /// host->output: the dims of an output that was bound empty.
  Status allocate_output(const Cluster& cluster, hy_job& job, uint32_t port,
                         std::span<const int64_t> dims, uint64_t bytes, void** data,
                         uint64_t* handle);
  /// Sets dims that are known only now; fails where they contradict the graph.
  Status set_dims(ValueId v, std::span<const int64_t> dims, uint64_t bytes);
  /// Host memory for a value whose size is known.
  Status host_memory(ValueId v);
  /// cluster: that wants it, for the trace; kNone: none.
  Status to_host(ValueId v, hy_job& job, uint32_t cluster = kNone);
  /// A copy between the host and a device's memory, as the trace shows it.
  TraceSpan cluster_span(uint32_t index) const;
  TraceSpan copy_span(ValueId v, uint32_t d, uint32_t cluster, bool to_device) const;
  Status deliver_outputs();
  Status deliver(uint32_t output);
  Slot& slot(ValueId v) { return slots_[program_.slot_of_[v]]; }
  /// Held while a slot is looked at or changed by one of several clusters; free where they do not overlap.
  std::unique_lock<std::mutex> lock(ValueId v) {
    return locks_.empty() ? std::unique_lock<std::mutex>()
                          : std::unique_lock(locks_[program_.slot_of_[v]]);
  }
  const Device& device(uint32_t d) const { return *program_.plan_.devices[d]; }

  Program& program_;
  const Graph& graph_;
  const std::shared_ptr<const Layout> layout_;
  RunContext& context_;
  std::vector<Slot> slots_;         // as Program::slot_values_
  std::deque<std::mutex> locks_;    // of slots; empty where clusters never overlap
  std::vector<Bindings> bindings_;  // by cluster
  std::vector<std::unique_ptr<CoreNode>> core_nodes_;  // by cluster; null: a device's
  // Of the run that is on.
  Program::Request* request_ = nullptr;
  hy_job* job_ = nullptr;
  std::mutex failed_;  // guards the request's failed_on, which clusters that overlap may both set
};

}  // namespace halyard::core
