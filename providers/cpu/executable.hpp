// A compiled cluster: its kernels in order, and where each value's memory comes from.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "halyard/provider.hpp"
#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

class RunState;

/// What is known of a cluster before it runs. Values and nodes are numbered within the main subgraph.
struct Program {
  struct Value {
    uint32_t kind = HY_VALUE_RESULT;
    uint32_t input_port = HY_NONE;  // of an INPUT
    uint32_t state = HY_NONE;       // of an INPUT that is a state's content before the run
    bool kept = false;              // is a state's content after the run
    int32_t last_use = -1;          // step that reads it last; -1: none
    bool blocked = false;           // may have blocked channels (layout.hpp)
    std::vector<uint32_t> output_ports;
    Tensor constant;  // of a CONSTANT
  };
  struct Step {
    std::unique_ptr<Kernel> kernel;
    std::string label;                      // "conv1 (Conv)", for messages
    uint32_t node = HY_NONE;                // of the graph; of several that are one step the first
    std::vector<uint32_t> inputs, outputs;  // values, HY_NONE for absent ones
    std::vector<uint32_t> dying;            // values whose memory is free after this step
  };
  std::vector<Value> values;
  std::vector<uint32_t> states;  // by state: the value that it becomes, or HY_NONE
  std::vector<Step> steps;
  std::vector<std::unique_ptr<std::byte[]>> owned;  // bytes of inline constants
  int threads = 1;
};

/// Runs a Program. run() from any number of threads at once: each takes a RunState of its own.
class CpuExecutable final : public plugin::Executable {
 public:
  explicit CpuExecutable(std::unique_ptr<const Program> program);
  ~CpuExecutable() override;
  Status run(plugin::Run& run) override;
  Status profile(bool on) override;
  Status events(const plugin::Job& job, std::vector<plugin::ProfileEvent>& out) override;

 private:
  const std::unique_ptr<const Program> program_;
  std::atomic<bool> profiled_{false};
  std::mutex mutex_;  // guards what follows
  std::vector<std::unique_ptr<RunState>> idle_;
  std::map<const hy_job*, std::vector<plugin::ProfileEvent>> events_;  // of runs that were timed
};

/// Makes the kernels of a graph's main subgraph. threads: at least 1.
Result<std::unique_ptr<CpuExecutable>> compile(const Graph& graph, int threads, plugin::Job& job);

}  // namespace halyard::cpu
