// The plain evaluation: one scalar loop an operator, in double precision. Shares nothing with a provider.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/fuzz/random/value.hpp"

namespace halyard::fuzz::reference {

Array unary(const std::function<double(double)>& f, const Array& x);
/// Dims must broadcast.
Array binary(const std::function<double(double, double)>& f, const Array& a, const Array& b);
Dims broadcast(const Dims& a, const Dims& b);

/// op: ReduceSum, ReduceMean, ReduceMax, ReduceMin, ReduceProd, ReduceSumSquare or ReduceL2. axes: not
/// negative, not empty.
Array reduce(const std::string& op, const Array& x, const std::vector<int64_t>& axes,
             bool keepdims);
/// axis: not negative. log: LogSoftmax.
Array softmax(const Array& x, int64_t axis, bool log);

Array transpose(const Array& x, const std::vector<int64_t>& perm);
/// axis: not negative.
Array concat(const std::vector<const Array*>& parts, int64_t axis);
/// Every start and end within the dim, steps positive, one for each axis.
Array slice(const Array& x, const std::vector<int64_t>& starts, const std::vector<int64_t>& ends,
            const std::vector<int64_t>& steps);
Array expand(const Array& x, const Dims& dims);

/// Ranks of at least 2; leading dims broadcast.
Array matmul(const Array& a, const Array& b);

}  // namespace halyard::fuzz::reference
