// The core's one pool of threads: requests, clusters on different hardware, hand-overs.
#pragma once

#include <functional>
#include <memory>

namespace halyard::core {

/// Tasks that are waited for together. Tasks may add tasks. They must not throw, and none may wait for one
/// that has not begun.
class TaskGroup {
 public:
  TaskGroup();
  /// wait() must have returned.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  void run(std::function<void()> task);
  /// Until all tasks have ended; runs some of them meanwhile.
  void wait();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A task that nobody waits for.
void run_detached(std::function<void()> task);

}  // namespace halyard::core
