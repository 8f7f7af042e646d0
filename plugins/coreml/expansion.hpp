// Compressed constants (constexpr_...): what they stand for. The arithmetic is in f32, rounded once to the result's type.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tensor.hpp"

namespace halyard::coreml {

/// The operands of one constexpr operation, by name.
using Operands = std::map<std::string, Tensor, std::less<>>;

/// A dense constant, or a sparse one: a mask and the values where it is 1.
struct Expanded {
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  std::vector<int64_t> dims;
  std::string bytes;
  std::string
      mask;  // of the two operations that give one: its bits; bytes are the values that are not zero
};

bool is_constexpr(std::string_view op);
/// Type and dims of the result, without the work. INVALID_MODEL where the operands do not fit.
Result<Expanded> describe(std::string_view op, const Operands& operands);
Result<Expanded> expand(std::string_view op, const Operands& operands);

}  // namespace halyard::coreml
