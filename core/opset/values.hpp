// The value functions: the contents of small integer tensors, which shapes are computed from. Each runs
// after the shape function of its operator, and sets what it can tell; an element may be unknown.
#pragma once

#include "core/opset/infer.hpp"

namespace halyard::core {

// values_arithmetic.cpp
Status values_add(InferContext& context);
Status values_sub(InferContext& context);
Status values_mul(InferContext& context);
Status values_div(InferContext& context);
Status values_mod(InferContext& context);
Status values_min(InferContext& context);
Status values_max(InferContext& context);
Status values_neg(InferContext& context);
Status values_abs(InferContext& context);
Status values_cast(InferContext& context);
Status values_clip(InferContext& context);
Status values_reduce_sum(InferContext& context);
Status values_reduce_prod(InferContext& context);
Status values_reduce_min(InferContext& context);
Status values_reduce_max(InferContext& context);

// values_logic.cpp
Status values_equal(InferContext& context);
Status values_less(InferContext& context);
Status values_less_or_equal(InferContext& context);
Status values_greater(InferContext& context);
Status values_greater_or_equal(InferContext& context);
Status values_not(InferContext& context);
Status values_where(InferContext& context);

// values_movement.cpp
Status values_same(InferContext& context);  // Identity, Reshape, Squeeze, Unsqueeze
Status values_concat(InferContext& context);
Status values_split(InferContext& context);
Status values_slice(InferContext& context);
Status values_gather(InferContext& context);
Status values_expand(InferContext& context);
Status values_constant_of_shape(InferContext& context);
Status values_range(InferContext& context);

/// Sets output 0 to op, applied element by element to the broadcast contents of operands a and b.
Status values_elementwise(InferContext& context, size_t a, size_t b,
                          Dim (*op)(const Dim&, const Dim&));

}  // namespace halyard::core
