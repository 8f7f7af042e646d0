#include <algorithm>

#include "tests/fuzz/random/reference/position.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz::reference {

Array unary(const std::function<double(double)>& f, const Array& x) {
  Array y{x.dims, {}};
  for (const double v : x.data) y.data.push_back(f(v));
  return y;
}

Dims broadcast(const Dims& a, const Dims& b) {
  Dims out(std::max(a.size(), b.size()));
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    out[out.size() - 1 - i] = x == 1 ? y : x;
  }
  return out;
}

Array binary(const std::function<double(double, double)>& f, const Array& a, const Array& b) {
  Array y{broadcast(a.dims, b.dims), {}};
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    const Dims at = position(i, y.dims);
    y.data.push_back(f(a.data[static_cast<size_t>(broadcast_number(at, a.dims))],
                       b.data[static_cast<size_t>(broadcast_number(at, b.dims))]));
  }
  return y;
}

Array where(const Array& condition, const Array& x, const Array& y) {
  Array out{broadcast(condition.dims, broadcast(x.dims, y.dims)), {}};
  for (int64_t i = 0; i < count_of(out.dims); ++i) {
    const Dims at = position(i, out.dims);
    const bool first =
        condition.data[static_cast<size_t>(broadcast_number(at, condition.dims))] != 0;
    const Array& from = first ? x : y;
    out.data.push_back(from.data[static_cast<size_t>(broadcast_number(at, from.dims))]);
  }
  return out;
}

}  // namespace halyard::fuzz::reference
