#include "core/runtime/overlap.hpp"

#include <atomic>
#include <exception>
#include <mutex>

#include "core/runtime/pool.hpp"

namespace halyard::core {

/// One run. Lives until its last task has ended.
class Overlap {
 public:
  explicit Overlap(Executor& executor)
      : executor_(executor),
        order_(executor.program_.order_),
        waiting_for_(executor.program_.plan_.clusters.size()) {
    for (uint32_t c = 0; c < waiting_for_.size(); ++c) waiting_for_[c] = order_.wait_count(c);
  }

  Status run() {
    TaskGroup tasks;
    tasks_ = &tasks;
    for (uint32_t c = 0; c < waiting_for_.size(); ++c)
      if (order_.wait_count(c) == 0) start(c);
    tasks.wait();
    return std::move(failure_);
  }

 private:
  void start(uint32_t cluster) {
    tasks_->run([this, cluster] { run_from(cluster); });
  }

  /// A cluster, then those that it was the last to hold up: one on this thread, the others as tasks.
  void run_from(uint32_t cluster) {
    for (uint32_t next = cluster; next != kNone;) {
      cluster = next;
      next = kNone;
      if (!failed_.load(std::memory_order_relaxed)) run_one(cluster);
      for (const uint32_t s : order_.successors(cluster)) {
        if (waiting_for_[s].fetch_sub(1, std::memory_order_acq_rel) != 1) continue;
        if (next == kNone)
          next = s;
        else
          start(s);
      }
    }
  }

  void run_one(uint32_t cluster) {
    Status status;
    try {
      hy_job job;
      job.parent = executor_.job_;
      status = executor_.run_any(cluster, job);
    } catch (const std::exception& e) {
      status = internal_error(e.what());
    }
    if (status.ok()) return;
    const std::scoped_lock lock(mutex_);
    if (failure_.ok() || cluster < failed_cluster_) {
      failure_ = std::move(status);
      failed_cluster_ = cluster;
    }
    failed_.store(true, std::memory_order_relaxed);
  }

  // Constant after construction, but for what synchronises itself.
  Executor& executor_;
  const ClusterOrder& order_;
  std::vector<std::atomic<uint32_t>> waiting_for_;  // by cluster: how many
  std::atomic<bool> failed_{false};
  TaskGroup* tasks_ = nullptr;

  std::mutex mutex_;  // guards what follows
  Status failure_;
  uint32_t failed_cluster_ = 0;
};

Status run_overlapped(Executor& executor) { return Overlap(executor).run(); }

}  // namespace halyard::core
