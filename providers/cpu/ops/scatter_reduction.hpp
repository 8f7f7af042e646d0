// What ScatterElements and ScatterND do with an element that is there already.
#pragma once

#include <functional>

#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

enum class Reduction { kNone, kAdd, kMul, kMax, kMin };
Reduction reduction_of(const Node& node);

/// Output 0 is operand 0 with rows of operand 2 written into it, `run` neighbouring elements each: row i goes
/// to element to(i). In order, so that of equal places the last one stays.
Status scatter(Context& context, Reduction reduction, int64_t run, int64_t rows,
               const std::function<int64_t(int64_t)>& to);

/// Any movable type without a reduction; numbers with one.
Verdict supports_scatter(const Node& node);

}  // namespace halyard::cpu
