// A task on its way through the pool. The pool's library is not built for the thread sanitizer, which would take each
// hand-over for a race; what it guarantees is said here.
#pragma once

#include <functional>

namespace halyard::core {

/// The task as one pointer, for take_over. All that was written before happens before it. group: null for none.
void* hand_over(std::function<void()> task, const void* group = nullptr);
/// Runs it and drops it.
void take_over(void* handed) noexcept;
/// All tasks of the group have ended: what they wrote happens before what comes now.
void joined(const void* group);

}  // namespace halyard::core
