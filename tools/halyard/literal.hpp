// Tensors written out on the command line.
#pragma once

#include <string_view>

#include "host_tensor.hpp"

namespace halyard::cli {

/// What a literal must become: the type and dims (-1: open) of the input it is for.
struct Wanted {
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  bool has_rank = false;
  std::vector<int64_t> dims;
};

/// "1x3xf32=0.5", "2x2xi64=1,2,3,4", "f32=7" (a scalar), "2xstring=a,b": dims, type, values in C
/// order. "7" or "1,2,3": values alone, in the wanted type and dims; of dims that are open the sole
/// one follows from the number of values, others are 1. One value fills all dims. Numbers are
/// decimal, inf, nan, true or false. Floats are rounded to the type; integers must fit it.
Result<HostTensor> parse_literal(std::string_view text, const Wanted& wanted);

/// Whether the text starts as "1x3xf32=" does.
bool is_typed_literal(std::string_view text);

/// Dims with 1 where they are open.
std::vector<int64_t> closed(std::vector<int64_t> dims);

}  // namespace halyard::cli
