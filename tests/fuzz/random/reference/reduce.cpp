#include <algorithm>
#include <cmath>

#include "tests/fuzz/random/reference/position.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz::reference {
namespace {

double reduced(const std::string& op, const std::vector<double>& x) {
  double y = op == "ReduceProd" ? 1 : op == "ReduceMax" || op == "ReduceMin" ? x[0] : 0;
  for (const double v : x) {
    if (op == "ReduceProd")
      y *= v;
    else if (op == "ReduceMax")
      y = std::max(y, v);
    else if (op == "ReduceMin")
      y = std::min(y, v);
    else if (op == "ReduceSumSquare" || op == "ReduceL2")
      y += v * v;
    else
      y += v;
  }
  if (op == "ReduceMean") y /= static_cast<double>(x.size());
  return op == "ReduceL2" ? std::sqrt(y) : y;
}

}  // namespace

Array reduce(const std::string& op, const Array& x, const std::vector<int64_t>& axes,
             bool keepdims) {
  Dims kept = x.dims;
  for (const int64_t a : axes) kept[static_cast<size_t>(a)] = 1;
  std::vector<std::vector<double>> groups(static_cast<size_t>(count_of(kept)));
  for (int64_t i = 0; i < count_of(x.dims); ++i)
    groups[static_cast<size_t>(broadcast_number(position(i, x.dims), kept))].push_back(
        x.data[static_cast<size_t>(i)]);
  Array y;
  for (size_t i = 0; i < x.dims.size(); ++i) {
    const bool gone = std::find(axes.begin(), axes.end(), static_cast<int64_t>(i)) != axes.end();
    if (!gone || keepdims) y.dims.push_back(kept[i]);
  }
  for (const auto& group : groups) y.data.push_back(reduced(op, group));
  return y;
}

Array softmax(const Array& x, int64_t axis, bool log) {
  const auto minus = [](double a, double b) { return a - b; };
  const Array shifted = binary(minus, x, reduce("ReduceMax", x, {axis}, true));
  const Array powers = unary([](double v) { return std::exp(v); }, shifted);
  const Array sums = reduce("ReduceSum", powers, {axis}, true);
  if (!log) return binary([](double a, double b) { return a / b; }, powers, sums);
  return binary(minus, shifted, unary([](double v) { return std::log(v); }, sums));
}

}  // namespace halyard::fuzz::reference
