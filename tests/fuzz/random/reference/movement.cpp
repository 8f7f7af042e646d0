#include "tests/fuzz/random/reference/position.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz::reference {
namespace {

double at(const Array& x, const Dims& where) {
  return x.data[static_cast<size_t>(number(where, x.dims))];
}

}  // namespace

Array transpose(const Array& x, const std::vector<int64_t>& perm) {
  Array y;
  for (const int64_t p : perm) y.dims.push_back(x.dims[static_cast<size_t>(p)]);
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    const Dims to = position(i, y.dims);
    Dims from(to.size());
    for (size_t d = 0; d < perm.size(); ++d) from[static_cast<size_t>(perm[d])] = to[d];
    y.data.push_back(at(x, from));
  }
  return y;
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
  Array y;
  for (size_t d = 0; d < x.dims.size(); ++d)
    y.dims.push_back((ends[d] - starts[d] + steps[d] - 1) / steps[d]);
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    Dims from = position(i, y.dims);
    for (size_t d = 0; d < from.size(); ++d) from[d] = starts[d] + from[d] * steps[d];
    y.data.push_back(at(x, from));
  }
  return y;
}

Array expand(const Array& x, const Dims& dims) {
  Array y{dims, {}};
  for (int64_t i = 0; i < count_of(dims); ++i)
    y.data.push_back(x.data[static_cast<size_t>(broadcast_number(position(i, dims), x.dims))]);
  return y;
}

}  // namespace halyard::fuzz::reference
