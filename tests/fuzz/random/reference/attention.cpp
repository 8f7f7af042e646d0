#include "tests/fuzz/random/reference/attention.hpp"

#include <cmath>

#include "tests/fuzz/random/reference/position.hpp"

namespace halyard::fuzz::reference {

Array attention(const Array& q, const Array& k, const Array& v, const AttentionCall& call) {
  const int64_t repeat = q.dims[1] / k.dims[1], columns = k.dims[2];
  Array y{{q.dims[0], q.dims[1], q.dims[2], v.dims[3]}, {}};
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    const Dims p = position(i, y.dims);
    const int64_t n = p[0], head = p[1], row = p[2], group = head / repeat;
    double sum = 0, total = 0;
    for (int64_t c = 0; c < columns; ++c) {
      if (call.causal && c > row) break;
      double score = 0;
      for (int64_t d = 0; d < q.dims[3]; ++d)
        score += at(q, {n, head, row, d}) * at(k, {n, group, c, d});
      score = score * call.scale + (call.mask ? at(*call.mask, {row, c}) : 0);
      total += std::exp(score);
      sum += std::exp(score) * at(v, {n, group, c, p[3]});
    }
    y.data.push_back(sum / total);
  }
  return y;
}

Array rotary(const Array& x, const Array& cos, const Array& sin, bool interleaved) {
  const int64_t half = cos.dims[2];
  Array y{x.dims, {}};
  for (int64_t i = 0; i < count_of(x.dims); ++i) {
    const Dims p = position(i, x.dims);
    const int64_t pair = interleaved ? p[3] / 2 : p[3] % half;
    const bool second = interleaved ? p[3] % 2 == 1 : p[3] >= half;
    const int64_t first_at = interleaved ? 2 * pair : pair;
    const int64_t second_at = interleaved ? 2 * pair + 1 : pair + half;
    const double a = at(x, {p[0], p[1], p[2], first_at}), b = at(x, {p[0], p[1], p[2], second_at});
    const double c = at(cos, {p[0], p[2], pair}), s = at(sin, {p[0], p[2], pair});
    y.data.push_back(second ? s * a + c * b : c * a - s * b);
  }
  return y;
}

}  // namespace halyard::fuzz::reference
