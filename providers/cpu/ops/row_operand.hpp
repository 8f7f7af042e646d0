// An operand that broadcasts to the rows of a normalisation.
#pragma once

#include <algorithm>

#include "providers/cpu/broadcast.hpp"
#include "providers/cpu/float_forms.hpp"

namespace halyard::cpu {

/// Element i of row r is values[r * row_step + i * step].
template <class T>
struct RowOperand {
  const T* values = nullptr;
  int64_t row_step = 0, step = 0;
};

/// Operand i along the rows of x, which are the dims from `axis` on. Fails where it does not broadcast.
template <class T>
Result<RowOperand<T>> row_operand(Context& context, uint32_t i, const Dims& x, int64_t axis) {
  Tensor t = *context.input(i);
  HY_ASSIGN_OR_RETURN(const T* values, read_floats<T>(context, t));
  bool fits = t.dims.size() <= x.size();
  for (size_t d = 0; fits && d < t.dims.size(); ++d)
    fits = t.dims[d] == 1 || t.dims[d] == x[x.size() - t.dims.size() + d];
  if (!fits)
    return mismatch("operand " + std::to_string(i) + " is " + dims_text(t.dims) +
                    ", which does not broadcast to X " + dims_text(x));
  if (t.count() == 1) return RowOperand<T>{values, 0, 0};
  const size_t row_rank = x.size() - static_cast<size_t>(axis);
  while (t.dims.size() > row_rank && t.dims[0] == 1) t.dims.erase(t.dims.begin());
  const bool one_row = t.dims.size() <= row_rank;
  const std::span<const int64_t> all_dims = x,
                                 row_dims = all_dims.subspan(static_cast<size_t>(axis));
  const Dims target(one_row ? row_dims : all_dims);
  const int64_t row = count_of(row_dims);
  const int64_t row_step = one_row ? 0 : row;
  if (t.count() == count_of(target)) return RowOperand<T>{values, row_step, 1};
  HY_ASSIGN_OR_RETURN(T * all, scratch_of<T>(context, count_of(target)));
  const Tensor* const operands[] = {&t};
  Broadcast(operands, target).gather(0, values, sizeof(T), 0, count_of(target), all);
  return RowOperand<T>{all, row_step, 1};
}

}  // namespace halyard::cpu
