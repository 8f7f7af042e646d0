#include "core/runtime/handed_task.hpp"

#include <memory>

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace halyard::core {
namespace {

struct Handed {
  std::function<void()> task;
  const void* group;
};

#ifdef __SANITIZE_THREAD__
void release(const void* at) { __tsan_release(const_cast<void*>(at)); }
void acquire(const void* at) { __tsan_acquire(const_cast<void*>(at)); }
#else
void release(const void*) {}
void acquire(const void*) {}
#endif

}  // namespace

void* hand_over(std::function<void()> task, const void* group) {
  auto* handed = new Handed{std::move(task), group};
  release(handed);
  return handed;
}

void take_over(void* handed) noexcept {
  acquire(handed);
  const std::unique_ptr<Handed> owned(static_cast<Handed*>(handed));
  owned->task();
  owned->task = nullptr;  // what it holds goes before the group may go on
  if (owned->group != nullptr) release(owned->group);
}

void joined(const void* group) { acquire(group); }

}  // namespace halyard::core
