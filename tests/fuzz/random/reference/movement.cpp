#include <algorithm>

#include "tests/fuzz/random/reference/position.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz::reference {
namespace {

/// Every element of the dims, taken from where the position comes from.
Array taken(const Array& x, const Dims& dims, const std::function<Dims(const Dims&)>& from) {
  Array y{dims, {}};
  for (int64_t i = 0; i < count_of(dims); ++i) y.data.push_back(at(x, from(position(i, dims))));
  return y;
}

}  // namespace

Array transpose(const Array& x, const std::vector<int64_t>& perm) {
  Dims dims;
  for (const int64_t p : perm) dims.push_back(x.dims[static_cast<size_t>(p)]);
  return taken(x, dims, [&](const Dims& to) {
    Dims from(to.size());
    for (size_t d = 0; d < perm.size(); ++d) from[static_cast<size_t>(perm[d])] = to[d];
    return from;
  });
}

Array concat(const std::vector<const Array*>& parts, int64_t axis) {
  const auto a = static_cast<size_t>(axis);
  Array y{parts[0]->dims, {}};
  y.dims[a] = 0;
  for (const Array* p : parts) y.dims[a] += p->dims[a];
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    Dims from = position(i, y.dims);
    size_t part = 0;
    for (; from[a] >= parts[part]->dims[a]; ++part) from[a] -= parts[part]->dims[a];
    y.data.push_back(at(*parts[part], from));
  }
  return y;
}

Array slice(const Array& x, const std::vector<int64_t>& starts, const std::vector<int64_t>& ends,
            const std::vector<int64_t>& steps) {
  Dims dims;
  for (size_t d = 0; d < x.dims.size(); ++d) {
    int64_t n = 0;
    for (int64_t i = starts[d]; steps[d] > 0 ? i < ends[d] : i > ends[d]; i += steps[d]) ++n;
    dims.push_back(n);
  }
  return taken(x, dims, [&](Dims p) {
    for (size_t d = 0; d < p.size(); ++d) p[d] = starts[d] + p[d] * steps[d];
    return p;
  });
}

Array expand(const Array& x, const Dims& dims) {
  Array y{dims, {}};
  for (int64_t i = 0; i < count_of(dims); ++i)
    y.data.push_back(x.data[static_cast<size_t>(broadcast_number(position(i, dims), x.dims))]);
  return y;
}

Array tile(const Array& x, const std::vector<int64_t>& repeats) {
  Dims dims = x.dims;
  for (size_t d = 0; d < dims.size(); ++d) dims[d] *= repeats[d];
  return taken(x, dims, [&](Dims p) {
    for (size_t d = 0; d < p.size(); ++d) p[d] %= x.dims[d];
    return p;
  });
}

Array pad(const Array& x, const std::vector<int64_t>& begin, const std::vector<int64_t>& end,
          PadMode mode, double fill) {
  Array y{x.dims, {}};
  for (size_t d = 0; d < x.dims.size(); ++d) y.dims[d] += begin[d] + end[d];
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    Dims p = position(i, y.dims);
    bool inside = true;
    for (size_t d = 0; d < p.size(); ++d) {
      const int64_t n = x.dims[d];
      p[d] -= begin[d];
      if (p[d] >= 0 && p[d] < n) continue;
      if (mode == PadMode::constant) inside = false;
      if (mode == PadMode::edge) p[d] = std::clamp<int64_t>(p[d], 0, n - 1);
      if (mode == PadMode::reflect) p[d] = p[d] < 0 ? -p[d] : 2 * (n - 1) - p[d];
      if (mode == PadMode::wrap) p[d] = (p[d] + n) % n;
    }
    y.data.push_back(inside ? at(x, p) : fill);
  }
  return y;
}

Array trilu(const Array& x, int64_t k, bool upper) {
  Array y = x;
  for (int64_t i = 0; i < count_of(x.dims); ++i) {
    const Dims p = position(i, x.dims);
    const int64_t row = p[p.size() - 2], column = p.back();
    if (upper ? column < row + k : column > row + k) y.data[static_cast<size_t>(i)] = 0;
  }
  return y;
}

Array reverse_sequence(const Array& x, const Array& lengths, int64_t batch) {
  const auto b = static_cast<size_t>(batch), t = 1 - b;
  return taken(x, x.dims, [&](Dims p) {
    const auto n = static_cast<int64_t>(lengths.data[static_cast<size_t>(p[b])]);
    if (p[t] < n) p[t] = n - 1 - p[t];
    return p;
  });
}

Array depth_to_space(const Array& x, int64_t block, bool columns_first) {
  const int64_t c = x.dims[1] / (block * block);
  const Dims dims = {x.dims[0], c, x.dims[2] * block, x.dims[3] * block};
  return taken(x, dims, [&](const Dims& p) {
    const int64_t inner = p[2] % block * block + p[3] % block;
    const int64_t from = columns_first ? p[1] * block * block + inner : inner * c + p[1];
    return Dims{p[0], from, p[2] / block, p[3] / block};
  });
}

Array space_to_depth(const Array& x, int64_t block) {
  const int64_t c = x.dims[1];
  const Dims dims = {x.dims[0], c * block * block, x.dims[2] / block, x.dims[3] / block};
  return taken(x, dims, [&](const Dims& p) {
    const int64_t inner = p[1] / c;
    return Dims{p[0], p[1] % c, p[2] * block + inner / block, p[3] * block + inner % block};
  });
}

Array center(const Array& x, int64_t axis, int64_t dim) {
  const auto a = static_cast<size_t>(axis);
  const int64_t n = x.dims[a];
  const int64_t cut = dim < n ? (n - dim) / 2 : -((dim - n) / 2);
  Array y{x.dims, {}};
  y.dims[a] = dim;
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    Dims p = position(i, y.dims);
    p[a] += cut;
    y.data.push_back(p[a] >= 0 && p[a] < n ? at(x, p) : 0);
  }
  return y;
}

}  // namespace halyard::fuzz::reference
