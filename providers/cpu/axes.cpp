#include "providers/cpu/axes.hpp"

#include <string>

namespace halyard::cpu {

Result<int64_t> normal_axis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return invalid_argument("axis " + std::to_string(axis) + " is outside [" +
                            std::to_string(-rank) + ", " + std::to_string(rank - 1) +
                            "] for a tensor of rank " + std::to_string(rank));
  return axis < 0 ? axis + rank : axis;
}

Result<Dims> normal_axes(std::span<const int64_t> axes, int64_t rank) {
  Dims out;
  std::vector<bool> seen(static_cast<size_t>(rank));
  for (int64_t given : axes) {
    HY_ASSIGN_OR_RETURN(const int64_t axis, normal_axis(given, rank));
    if (seen[static_cast<size_t>(axis)])
      return invalid_argument("axis " + std::to_string(axis) + " comes twice in axes " +
                              dims_text(axes));
    seen[static_cast<size_t>(axis)] = true;
    out.push_back(axis);
  }
  return out;
}

Status check_dims(std::span<const int64_t> dims) {
  // 16 bytes an element at most, and room for the arithmetic of sizes.
  constexpr int64_t kMost = int64_t{1} << 56;
  int64_t count = 1;  // zeros left out: no product of some of the dims may overflow
  for (int64_t d : dims) {
    if (d < 0)
      return invalid_argument("the result would have dims " + dims_text(dims) +
                              ": one is negative");
    if (d == 0) continue;
    if (__builtin_mul_overflow(count, d, &count) || count > kMost)
      return {HY_ERROR_OUT_OF_MEMORY,
              "the result would have dims " + dims_text(dims) + ": too many elements"};
  }
  return {};
}

Result<Dims> list_operand(const Tensor& tensor, const char* what) {
  if (tensor.rank() > 1)
    return invalid_argument(std::string(what) + " has dims " + dims_text(tensor.dims) +
                            "; it must have rank 1");
  return indices_of(tensor);
}

Result<int64_t> number_operand(const Tensor& tensor, const char* what) {
  if (tensor.rank() > 1 || tensor.count() != 1)
    return invalid_argument(std::string(what) + " has dims " + dims_text(tensor.dims) +
                            "; it must be one number");
  return tensor.index_at(0);
}

int64_t product(std::span<const int64_t> dims, int64_t begin, int64_t end) {
  return count_of(dims.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
}

Verdict supports_movable(const Node&) { return accept(); }

}  // namespace halyard::cpu
