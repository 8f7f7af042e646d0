// One axis of a Slice.
#pragma once

#include "core/graph/dim.hpp"

namespace halyard::core {

/// How many elements start:end:step picks of `size` elements, by the rules of Slice (negative positions
/// count from the end, all are clamped). Exact, or unknown. The step is not the number 0.
Dim slice_length(const Dim& size, const Dim& start, const Dim& end, const Dim& step);

/// The first element picked, of an axis of a fixed size and with a fixed start and step.
int64_t slice_first(int64_t size, int64_t start, int64_t step);

}  // namespace halyard::core
