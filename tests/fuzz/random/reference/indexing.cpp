#include <algorithm>

#include "tests/fuzz/random/reference/position.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz::reference {
namespace {

double folded(Fold fold, double old, double update) {
  switch (fold) {
    case Fold::add:
      return old + update;
    case Fold::mul:
      return old * update;
    case Fold::max:
      return std::max(old, update);
    case Fold::min:
      return std::min(old, update);
    case Fold::none:
      break;
  }
  return update;
}

/// The position that a row of the last axis names, in dims from `first` on.
Dims named(const Array& places, int64_t row, const Dims& dims, size_t first) {
  const auto depth = static_cast<size_t>(places.dims.back());
  Dims out;
  for (size_t k = 0; k < depth; ++k)
    out.push_back(from_front(places.data[static_cast<size_t>(row) * depth + k], dims[first + k]));
  return out;
}

}  // namespace

Array gather(const Array& x, const Array& places, int64_t axis) {
  const auto a = static_cast<size_t>(axis), r = places.dims.size();
  Array y{joined({part(x.dims, 0, a), places.dims, part(x.dims, a + 1, x.dims.size())}), {}};
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    const Dims p = position(i, y.dims);
    const int64_t place = from_front(at(places, part(p, a, a + r)), x.dims[a]);
    y.data.push_back(at(x, joined({part(p, 0, a), {place}, part(p, a + r, p.size())})));
  }
  return y;
}

Array gather_elements(const Array& x, const Array& places, int64_t axis) {
  const auto a = static_cast<size_t>(axis);
  Array y{places.dims, {}};
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    Dims p = position(i, y.dims);
    p[a] = from_front(places.data[static_cast<size_t>(i)], x.dims[a]);
    y.data.push_back(at(x, p));
  }
  return y;
}

Array gather_nd(const Array& x, const Array& places, int64_t batch_dims) {
  const auto b = static_cast<size_t>(batch_dims);
  const auto depth = static_cast<size_t>(places.dims.back());
  const Dims rows = part(places.dims, 0, places.dims.size() - 1);
  const Dims rest = part(x.dims, b + depth, x.dims.size());
  Array y{joined({rows, rest}), {}};
  for (int64_t row = 0; row < count_of(rows); ++row)
    for (int64_t i = 0; i < count_of(rest); ++i)
      y.data.push_back(at(x, joined({part(position(row, rows), 0, b), named(places, row, x.dims, b),
                                     position(i, rest)})));
  return y;
}

Array compress(const Array& x, const Array& condition, int64_t axis) {
  if (axis < 0) return compress({{count_of(x.dims)}, x.data}, condition, 0);
  const auto a = static_cast<size_t>(axis);
  std::vector<int64_t> kept;
  for (size_t i = 0; i < condition.data.size(); ++i)
    if (condition.data[i] != 0) kept.push_back(static_cast<int64_t>(i));
  Array y{x.dims, {}};
  y.dims[a] = static_cast<int64_t>(kept.size());
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    Dims p = position(i, y.dims);
    p[a] = kept[static_cast<size_t>(p[a])];
    y.data.push_back(at(x, p));
  }
  return y;
}

Array non_zero(const Array& x) {
  std::vector<Dims> found;
  for (int64_t i = 0; i < count_of(x.dims); ++i)
    if (x.data[static_cast<size_t>(i)] != 0) found.push_back(position(i, x.dims));
  Array y{{static_cast<int64_t>(x.dims.size()), static_cast<int64_t>(found.size())}, {}};
  for (size_t axis = 0; axis < x.dims.size(); ++axis)
    for (const Dims& p : found) y.data.push_back(static_cast<double>(p[axis]));
  return y;
}

Array scatter_elements(const Array& x, const Array& places, const Array& updates, int64_t axis,
                       Fold fold) {
  const auto a = static_cast<size_t>(axis);
  Array y = x;
  for (int64_t i = 0; i < count_of(places.dims); ++i) {
    Dims p = position(i, places.dims);
    p[a] = from_front(places.data[static_cast<size_t>(i)], x.dims[a]);
    double& e = y.data[static_cast<size_t>(number(p, x.dims))];
    e = folded(fold, e, updates.data[static_cast<size_t>(i)]);
  }
  return y;
}

Array scatter_nd(const Array& x, const Array& places, const Array& updates, Fold fold) {
  const auto depth = static_cast<size_t>(places.dims.back());
  const Dims rest = part(x.dims, depth, x.dims.size());
  Array y = x;
  for (int64_t row = 0; row < count_of(places.dims) / places.dims.back(); ++row)
    for (int64_t i = 0; i < count_of(rest); ++i) {
      const Dims p = joined({named(places, row, x.dims, 0), position(i, rest)});
      double& e = y.data[static_cast<size_t>(number(p, x.dims))];
      e = folded(fold, e, updates.data[static_cast<size_t>(row * count_of(rest) + i)]);
    }
  return y;
}

}  // namespace halyard::fuzz::reference
