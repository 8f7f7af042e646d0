// Runs the clusters of a program as tasks, each as soon as those it waits for have ended.
#pragma once

#include "core/runtime/executor.hpp"

namespace halyard::core {

/// Returns when every task has ended. The failure of the cluster that comes first in the plan's order, among
/// those that failed; after a failure no cluster begins.
Status run_overlapped(Executor& executor);

}  // namespace halyard::core
