// An input as rows of features.
#pragma once

#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

/// Rank 1 is one row; rank 2 is [rows, features].
struct RowShape {
  int64_t rows = 0, features = 0;
};
/// Fails with INVALID_ARGUMENT on another rank.
Result<RowShape> row_shape(const Tensor& x);

/// The elements of a numeric tensor as T (float or double) in C order: its own memory, or scratch.
template <class T>
Result<const T*> read_as(Context& context, const Tensor& x);

/// "the input has 3 features; the model has 4" where they differ.
Status check_features(int64_t given, int64_t wanted);

}  // namespace halyard::cpu
