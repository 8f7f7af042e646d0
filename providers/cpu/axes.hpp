// Checks of what a kernel is told about axes and dims, with the words for what is wrong.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

/// The axis counted from 0; fails unless it lies in [-rank, rank).
Result<int64_t> normal_axis(int64_t axis, int64_t rank);

/// As normal_axis for each; fails when one comes twice.
Result<Dims> normal_axes(std::span<const int64_t> axes, int64_t rank);

/// Fails when dims are negative, or name more elements than memory can hold. To be asked before
/// output() where dims come from operands.
Status check_dims(std::span<const int64_t> dims);

/// All elements of an operand of rank 1 (or 0) that has axes, a shape, pads...; `what` is its name.
Result<Dims> list_operand(const Tensor& tensor, const char* what);

/// The one element of an operand that holds an axis, a length, a step...
Result<int64_t> number_operand(const Tensor& tensor, const char* what);

/// Product of dims [begin, end).
int64_t product(std::span<const int64_t> dims, int64_t begin, int64_t end);

/// Of kernels that move elements by Placement: it takes every type.
Verdict supports_movable(const Node& node);

}  // namespace halyard::cpu
