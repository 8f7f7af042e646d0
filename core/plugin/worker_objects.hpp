// The objects of a worker: devices and executables by number, and one run of an executable.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "core/plugin/worker_line.hpp"
#include "core/plugin/worker_protocol.hpp"

namespace halyard::core {

struct WorkerDevice {
  void* self = nullptr;
  bool host_memory = false;
  hy_memory_ext memory{};
  bool has_memory() const {
    return memory.alloc != nullptr && memory.free != nullptr && memory.write != nullptr &&
           memory.read != nullptr;
  }
};

struct WorkerExecutable {
  std::shared_ptr<WorkerDevice> device;
  void* self = nullptr;
  std::shared_ptr<WorkerWeights> weights;
};

/// Objects by the numbers that the host knows them by. Any thread.
template <class T>
class Numbered {
 public:
  uint32_t add(std::shared_ptr<T> object) {
    const std::scoped_lock lock(mutex_);
    objects_[++last_] = std::move(object);
    return last_;
  }
  std::shared_ptr<T> find(uint32_t number) const {
    const std::scoped_lock lock(mutex_);
    const auto it = objects_.find(number);
    return it == objects_.end() ? nullptr : it->second;
  }
  std::shared_ptr<T> take(uint32_t number) {
    const std::scoped_lock lock(mutex_);
    const auto node = objects_.extract(number);
    return node.empty() ? nullptr : node.mapped();
  }

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::map<uint32_t, std::shared_ptr<T>> objects_;
  uint32_t last_ = 0;
};

/// Bindings that lie in a line's memory, or go through buffers of the device. One run's; one thread.
class WorkerRun {
 public:
  WorkerRun(const WorkerDevice& device, WorkerLine& line) : device_(device), line_(line) {}
  ~WorkerRun();
  WorkerRun(const WorkerRun&) = delete;

  /// False: what the host says does not fit the memory that it gave.
  bool read(WireReader& read);
  hy_status prepare(hy_job& job);
  const hy_run_args& args() const { return args_; }
  hy_status finish(hy_job& job);
  /// Those that the run asked memory for, in its order.
  std::vector<Descriptor> take_outputs();

 private:
  struct Asked {
    SharedMemory memory;
    uint64_t bytes = 0, handle = 0;
  };
  Status give_output(hy_job& job, uint32_t port, std::span<const int64_t> dims, uint64_t bytes,
                     void** data, uint64_t* handle);
  hy_status buffer(hy_job& job, uint64_t bytes, uint64_t* handle);

  const WorkerDevice& device_;
  WorkerLine& line_;
  std::vector<WireBinding> wire_;
  std::vector<hy_binding> bindings_;  // inputs, outputs, states
  size_t inputs_ = 0, outputs_ = 0;
  hy_run_args args_{};
  std::vector<uint64_t> buffers_;
  std::vector<Asked> asked_;
};

}  // namespace halyard::core
