// Det: determinants of square matrices, by elimination with pivots, in double precision.
#include <algorithm>
#include <cmath>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

/// Destroys m.
double determinant(double* m, int64_t n) {
  double out = 1;
  for (int64_t i = 0; i < n; ++i) {
    int64_t pivot = i;
    for (int64_t row = i + 1; row < n; ++row)
      if (std::fabs(m[row * n + i]) > std::fabs(m[pivot * n + i])) pivot = row;
    const double head = m[pivot * n + i];
    if (head == 0) return 0;
    if (pivot != i) {
      std::swap_ranges(m + i * n, m + (i + 1) * n, m + pivot * n);
      out = -out;
    }
    out *= head;
    for (int64_t row = i + 1; row < n; ++row) {
      const double factor = m[row * n + i] / head;
      for (int64_t k = i + 1; k < n; ++k) m[row * n + k] -= factor * m[i * n + k];
    }
  }
  return out;
}

class Det final : public Kernel {
 public:
  explicit Det(const Node&) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.rank() < 2 || x.dims.back() != x.dims[x.dims.size() - 2])
      return mismatch("X has the dims " + dims_text(x.dims) + "; the last two must be equal");
    return visit_form(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      const Dims dims(x.dims.begin(), x.dims.end() - 2);
      const int64_t n = x.dims.back(), count = count_of(dims);
      HY_ASSIGN_OR_RETURN(const T* from, read_floats<T>(context, x));
      HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, x.dtype, dims)));
      HY_ASSIGN_OR_RETURN(double* work, scratch_of<double>(context, x.count()));
      std::copy_n(from, x.count(), work);
      parallel_for(context.threads(), count, (1 << 14) / (n * n * n + 1) + 1,
                   [&](int64_t begin, int64_t end) {
                     for (int64_t i = begin; i < end; ++i)
                       y.data()[i] = static_cast<T>(determinant(work + i * n * n, n));
                   });
      y.finish(context);
      return {};
    });
  }
};

double operations(const Node& node) {
  if (!node.input(0).is_static() || node.input(0).dims().empty()) return -1;
  double n = 1;
  for (int64_t d : node.input(0).dims()) n *= static_cast<double>(d);
  return n * static_cast<double>(node.input(0).dims().back());
}

constexpr KernelEntry kRows[] = {{"Det", create_kernel<Det>, nullptr, operations}};

}  // namespace

std::span<const KernelEntry> det_kernels() { return kRows; }

}  // namespace halyard::cpu
