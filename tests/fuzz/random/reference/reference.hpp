// The plain evaluation: one scalar loop an operator, in double precision. Shares nothing with a provider.
// Axes are not negative, and operands valid: the generator sees to it.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/fuzz/random/value.hpp"

namespace halyard::fuzz::reference {

// elementwise.cpp
Array unary(const std::function<double(double)>& f, const Array& x);
/// Dims must broadcast.
Array binary(const std::function<double(double, double)>& f, const Array& a, const Array& b);
Array where(const Array& condition, const Array& x, const Array& y);
Dims broadcast(const Dims& a, const Dims& b);

// reduce.cpp
/// op: the operator's name. axes: not empty, but for a scalar.
Array reduce(const std::string& op, const Array& x, const std::vector<int64_t>& axes,
             bool keepdims);
/// log: LogSoftmax.
Array softmax(const Array& x, int64_t axis, bool log);
/// Whether any two elements along the axis differ by more than that; a margin of 0 asks for nothing.
bool distinct(const Array& x, int64_t axis, double margin);
Array extreme_place(const Array& x, int64_t axis, bool greatest, bool last, bool keepdims);
Array hardmax(const Array& x, int64_t axis);
/// CumSum, CumProd.
Array running(const Array& x, int64_t axis, bool product, bool exclusive, bool reverse);
Array lrn(const Array& x, int64_t size, double alpha, double beta, double bias);

// movement.cpp
Array transpose(const Array& x, const std::vector<int64_t>& perm);
Array concat(const std::vector<const Array*>& parts, int64_t axis);
/// One start, end and step for each axis; starts within the dim. A negative step ends at -1 or after.
Array slice(const Array& x, const std::vector<int64_t>& starts, const std::vector<int64_t>& ends,
            const std::vector<int64_t>& steps);
Array expand(const Array& x, const Dims& dims);
Array tile(const Array& x, const std::vector<int64_t>& repeats);
enum class PadMode { constant, edge, reflect, wrap };
Array pad(const Array& x, const std::vector<int64_t>& begin, const std::vector<int64_t>& end,
          PadMode mode, double fill);
Array trilu(const Array& x, int64_t k, bool upper);
/// Time is axis 1 - batch.
Array reverse_sequence(const Array& x, const Array& lengths, int64_t batch);
Array depth_to_space(const Array& x, int64_t block, bool columns_first);
Array space_to_depth(const Array& x, int64_t block);
/// CenterCropPad of one axis.
Array center(const Array& x, int64_t axis, int64_t dim);

// indexing.cpp
Array gather(const Array& x, const Array& places, int64_t axis);
Array gather_elements(const Array& x, const Array& places, int64_t axis);
Array gather_nd(const Array& x, const Array& places, int64_t batch_dims);
/// axis -1: of the flattened elements.
Array compress(const Array& x, const Array& condition, int64_t axis);
Array non_zero(const Array& x);
enum class Fold { none, add, mul, max, min };
Array scatter_elements(const Array& x, const Array& places, const Array& updates, int64_t axis,
                       Fold fold);
Array scatter_nd(const Array& x, const Array& places, const Array& updates, Fold fold);

// select.cpp
std::pair<Array, Array> top_k(const Array& x, int64_t axis, int64_t k, bool greatest);
struct Distinct {
  Array values, first, inverse, counts;
};
Distinct unique(const Array& x, bool sorted);
Array one_hot(const Array& places, int64_t depth, int64_t axis, double off, double on);

// matrix.cpp
/// Leading dims broadcast; a vector counts as a row on the left and as a column on the right.
Array matmul(const Array& a, const Array& b);
std::vector<std::string> einsum_terms(const std::string& equation);
/// Explicit form, no ellipsis.
Array einsum(const std::string& equation, const std::vector<const Array*>& operands);
Array det(const Array& x);

}  // namespace halyard::fuzz::reference
