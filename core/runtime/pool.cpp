#include "core/runtime/pool.hpp"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <algorithm>
#include <thread>

#include "core/runtime/handed_task.hpp"

namespace halyard::core {
namespace {

/// Tasks mostly wait for devices, so there may be more of them than cores.
constexpr int kLeastThreads = 8;

struct Pool {
  const int threads =
      std::max(kLeastThreads, static_cast<int>(std::thread::hardware_concurrency()));
  tbb::global_control limit{tbb::global_control::max_allowed_parallelism,
                            static_cast<size_t>(threads)};
  tbb::task_arena arena{threads};
};

/// Made at first use. Never destroyed: its threads may outlive static objects.
Pool& pool() {
  static Pool* const made = new Pool;
  return *made;
}

}  // namespace

struct TaskGroup::Impl {
  tbb::task_group group;
};

TaskGroup::TaskGroup() : impl_(std::make_unique<Impl>()) {}
TaskGroup::~TaskGroup() = default;

void TaskGroup::run(std::function<void()> task) {
  void* const handed = hand_over(std::move(task), impl_.get());
  pool().arena.execute([&] { impl_->group.run([handed] { take_over(handed); }); });
}

void TaskGroup::wait() {
  pool().arena.execute([&] { impl_->group.wait(); });
  joined(impl_.get());
}

void run_detached(std::function<void()> task) {
  void* const handed = hand_over(std::move(task));
  pool().arena.enqueue([handed] { take_over(handed); });
}

}  // namespace halyard::core
