// Whether this provider takes a node, and what it would cost.
#pragma once

#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

/// The answer depends on the node alone. flops and bandwidth (a second) make the estimate; 0: none.
Verdict supports(const Node& node, double flops, double bandwidth);

}  // namespace halyard::cpu
