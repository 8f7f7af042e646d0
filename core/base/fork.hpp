// Whether this process was made by fork() from the one that an object was made in.
#pragma once

#include <cstdint>

namespace halyard::core {

/// 0, and one more in each child of a fork(). Counted from the first call on, so make one early.
uint64_t fork_generation();

/// Where an object was made. Constant.
class ForkMark {
 public:
  ForkMark() : generation_(fork_generation()) {}
  /// We are in a child: threads, sockets and locks of the object belong to the parent.
  bool crossed() const { return generation_ != fork_generation(); }

 private:
  uint64_t generation_;
};

}  // namespace halyard::core
