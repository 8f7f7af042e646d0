#include "tests/fuzz/random/reference/position.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz::reference {

Array matmul(const Array& a, const Array& b) {
  const Dims lead_a(a.dims.begin(), a.dims.end() - 2), lead_b(b.dims.begin(), b.dims.end() - 2);
  const int64_t m = a.dims[lead_a.size()], k = a.dims.back(), n = b.dims.back();
  const Dims lead = broadcast(lead_a, lead_b);
  Array y{lead, {}};
  y.dims.push_back(m);
  y.dims.push_back(n);
  for (int64_t batch = 0; batch < count_of(lead); ++batch) {
    const Dims at = position(batch, lead);
    const int64_t from_a = broadcast_number(at, lead_a) * m * k;
    const int64_t from_b = broadcast_number(at, lead_b) * k * n;
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t l = 0; l < k; ++l)
          sum += a.data[static_cast<size_t>(from_a + i * k + l)] *
                 b.data[static_cast<size_t>(from_b + l * n + j)];
        y.data.push_back(sum);
      }
  }
  return y;
}

}  // namespace halyard::fuzz::reference
