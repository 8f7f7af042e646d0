#include "core/base/fork.hpp"

#include <pthread.h>

#include <atomic>

namespace halyard::core {
namespace {

std::atomic<uint64_t> generation{0};

}  // namespace

uint64_t fork_generation() {
  // Only a handler can tell: a child of a child may have any process id.
  static const int registered =
      pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1, std::memory_order_relaxed); });
  (void)registered;
  return generation.load(std::memory_order_relaxed);
}

}  // namespace halyard::core
