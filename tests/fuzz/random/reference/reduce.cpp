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
    else if (op == "ReduceL1")
      y += std::fabs(v);
    else if (op == "ReduceLogSumExp")
      y += std::exp(v);
    else
      y += v;
  }
  if (op == "ReduceMean") y /= static_cast<double>(x.size());
  if (op == "ReduceLogSum" || op == "ReduceLogSumExp") y = std::log(y);
  return op == "ReduceL2" ? std::sqrt(y) : y;
}

/// The elements along the axis, in order, of the line that an element of the other axes names.
std::vector<double> line(const Array& x, Dims at_line, int64_t axis) {
  std::vector<double> out;
  for (int64_t i = 0; i < x.dims[static_cast<size_t>(axis)]; ++i) {
    at_line[static_cast<size_t>(axis)] = i;
    out.push_back(at(x, at_line));
  }
  return out;
}

Dims without(Dims dims, int64_t axis, bool keepdims) {
  if (keepdims)
    dims[static_cast<size_t>(axis)] = 1;
  else
    dims.erase(dims.begin() + axis);
  return dims;
}

size_t place_of_extreme(const std::vector<double>& x, bool greatest, bool last) {
  size_t best = 0;
  for (size_t i = 1; i < x.size(); ++i) {
    const bool better = greatest ? x[i] > x[best] : x[i] < x[best];
    if (better || (last && x[i] == x[best])) best = i;
  }
  return best;
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

bool distinct(const Array& x, int64_t axis, double margin) {
  if (margin == 0) return true;
  const Dims lines = without(x.dims, axis, true);
  for (int64_t i = 0; i < count_of(lines); ++i) {
    std::vector<double> sorted = line(x, position(i, lines), axis);
    std::sort(sorted.begin(), sorted.end());
    for (size_t k = 1; k < sorted.size(); ++k)
      if (sorted[k] - sorted[k - 1] <= margin) return false;
  }
  return true;
}

Array extreme_place(const Array& x, int64_t axis, bool greatest, bool last, bool keepdims) {
  const Dims lines = without(x.dims, axis, true);
  Array y{without(x.dims, axis, keepdims), {}};
  for (int64_t i = 0; i < count_of(lines); ++i)
    y.data.push_back(
        static_cast<double>(place_of_extreme(line(x, position(i, lines), axis), greatest, last)));
  return y;
}

Array hardmax(const Array& x, int64_t axis) {
  Array y{x.dims, {}};
  for (int64_t i = 0; i < count_of(x.dims); ++i) {
    const Dims here = position(i, x.dims);
    const auto place = static_cast<size_t>(here[static_cast<size_t>(axis)]);
    y.data.push_back(place_of_extreme(line(x, here, axis), true, false) == place ? 1 : 0);
  }
  return y;
}

Array running(const Array& x, int64_t axis, bool product, bool exclusive, bool reverse) {
  Array y{x.dims, {}};
  for (int64_t i = 0; i < count_of(x.dims); ++i) {
    const Dims here = position(i, x.dims);
    const int64_t place = here[static_cast<size_t>(axis)];
    const std::vector<double> all = line(x, here, axis);
    double sum = product ? 1 : 0;
    for (int64_t k = 0; k < static_cast<int64_t>(all.size()); ++k) {
      const bool before = reverse ? k > place : k < place;
      if (!before && (exclusive || k != place)) continue;
      sum = product ? sum * all[static_cast<size_t>(k)] : sum + all[static_cast<size_t>(k)];
    }
    y.data.push_back(sum);
  }
  return y;
}

Array lrn(const Array& x, int64_t size, double alpha, double beta, double bias) {
  Array y{x.dims, {}};
  for (int64_t i = 0; i < count_of(x.dims); ++i) {
    const Dims here = position(i, x.dims);
    const std::vector<double> channels = line(x, here, 1);
    double squares = 0;
    // size channels around: the odd one of an even size is above.
    for (int64_t c = here[1] - (size - 1) / 2; c <= here[1] + size / 2; ++c)
      if (c >= 0 && c < x.dims[1]) squares += std::pow(channels[static_cast<size_t>(c)], 2);
    y.data.push_back(at(x, here) /
                     std::pow(bias + alpha / static_cast<double>(size) * squares, beta));
  }
  return y;
}

}  // namespace halyard::fuzz::reference
