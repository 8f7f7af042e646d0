#include <algorithm>
#include <numeric>

#include "tests/fuzz/random/reference/position.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz::reference {

std::pair<Array, Array> top_k(const Array& x, int64_t axis, int64_t k, bool greatest) {
  const auto a = static_cast<size_t>(axis);
  Dims dims = x.dims, lines = x.dims;
  dims[a] = k;
  lines[a] = 1;
  const auto room = static_cast<size_t>(count_of(dims));
  Array values{dims, std::vector<double>(room)}, places{dims, std::vector<double>(room)};
  for (int64_t l = 0; l < count_of(lines); ++l) {
    Dims p = position(l, lines);
    const auto element = [&](int64_t i) {
      p[a] = i;
      return at(x, p);
    };
    std::vector<int64_t> order(static_cast<size_t>(x.dims[a]));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int64_t i, int64_t j) {
      const double u = element(i), v = element(j);
      return greatest ? u > v : u < v;
    });
    for (int64_t i = 0; i < k; ++i) {
      const double v = element(order[static_cast<size_t>(i)]);
      p[a] = i;
      const auto to = static_cast<size_t>(number(p, dims));
      values.data[to] = v;
      places.data[to] = static_cast<double>(order[static_cast<size_t>(i)]);
    }
  }
  return {values, places};
}

Distinct unique(const Array& x, bool sorted) {
  std::vector<double> values;
  for (const double v : x.data)
    if (std::find(values.begin(), values.end(), v) == values.end()) values.push_back(v);
  if (sorted) std::sort(values.begin(), values.end());
  const auto n = static_cast<int64_t>(values.size());
  Distinct out{{{n}, values}, {{n}, {}}, {{count_of(x.dims)}, {}}, {{n}, {}}};
  for (const double v : values) {
    out.first.data.push_back(
        static_cast<double>(std::find(x.data.begin(), x.data.end(), v) - x.data.begin()));
    out.counts.data.push_back(static_cast<double>(std::count(x.data.begin(), x.data.end(), v)));
  }
  for (const double v : x.data)
    out.inverse.data.push_back(
        static_cast<double>(std::find(values.begin(), values.end(), v) - values.begin()));
  return out;
}

Array one_hot(const Array& places, int64_t depth, int64_t axis, double off, double on) {
  const auto a = static_cast<size_t>(axis);
  Array y{places.dims, {}};
  y.dims.insert(y.dims.begin() + axis, depth);
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    Dims p = position(i, y.dims);
    const int64_t slot = p[a];
    p.erase(p.begin() + axis);
    y.data.push_back(from_front(at(places, p), depth) == slot ? on : off);
  }
  return y;
}

}  // namespace halyard::fuzz::reference
