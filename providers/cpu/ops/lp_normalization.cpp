// LpNormalization: rows along an axis to norm 1; a row of zeros stays.
#include <cmath>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/row_sums.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrainElements = 1 << 13;

template <class T>
T factor_of(double sum, bool euclidean) {
  const double norm = euclidean ? std::sqrt(sum) : sum;
  return norm == 0 ? T{1} : static_cast<T>(1 / norm);
}

/// A row of neighbours.
template <class T>
void normalize_row(const T* x, T* y, int64_t n, bool euclidean) {
  double sum = 0;
  if (euclidean)
    sum = row_squares(x, n, T{0});
  else
    for (int64_t i = 0; i < n; ++i) sum += std::fabs(static_cast<double>(x[i]));
  const T factor = factor_of<T>(sum, euclidean);
  vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { y[i] = x[i] * factor; });
}

/// `inner` rows side by side. sums and factors hold a line.
template <class T>
void normalize_lines(const T* x, T* y, double* sums, T* factors, int64_t n, int64_t inner,
                     bool euclidean) {
  vector_loop(inner, [=](int64_t j) HALYARD_CPU_INLINE { sums[j] = 0; });
  for (int64_t i = 0; i < n; ++i) {
    const T* line = x + i * inner;
    vector_loop(inner, [=](int64_t j) HALYARD_CPU_INLINE {
      const double v = static_cast<double>(line[j]);
      sums[j] += euclidean ? v * v : std::fabs(v);
    });
  }
  for (int64_t j = 0; j < inner; ++j) factors[j] = factor_of<T>(sums[j], euclidean);
  for (int64_t i = 0; i < n; ++i) {
    const T* line = x + i * inner;
    T* to = y + i * inner;
    vector_loop(inner, [=](int64_t j) HALYARD_CPU_INLINE { to[j] = line[j] * factors[j]; });
  }
}

class LpNormalization final : public Kernel {
 public:
  explicit LpNormalization(const Node& node)
      : axis_(node.attr_int("axis", -1)), euclidean_(node.attr_int("p", 2) == 2) {}

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    const Dims dims = x.dims.empty() ? Dims{1} : x.dims;  // a scalar is a row of one
    HY_ASSIGN_OR_RETURN(const int64_t axis, normal_axis(axis_, std::ssize(dims)));
    return visit_form(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      HY_ASSIGN_OR_RETURN(const T* from, read_floats<T>(context, x));
      HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, x.dtype, x.dims)));
      HY_RETURN_IF_ERROR(normalize(context, from, y.data(), dims, axis));
      y.finish(context);
      return {};
    });
  }

 private:
  template <class T>
  Status normalize(Context& context, const T* x, T* y, const Dims& dims, int64_t axis) const {
    const int64_t n = dims[static_cast<size_t>(axis)];
    const int64_t outer = product(dims, 0, axis), inner = product(dims, axis + 1, std::ssize(dims));
    if (outer * inner * n == 0) return {};
    const int64_t grain = kGrainElements / (n * inner) + 1;
    double* sums = nullptr;
    T* factors = nullptr;
    if (inner > 1) {
      HY_ASSIGN_OR_RETURN(sums, scratch_of<double>(context, outer * inner));
      HY_ASSIGN_OR_RETURN(factors, scratch_of<T>(context, outer * inner));
    }
    parallel_for(context.threads(), outer, grain, [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; ++o) {
        const int64_t at = o * n * inner;
        if (inner == 1)
          normalize_row(x + at, y + at, n, euclidean_);
        else
          normalize_lines(x + at, y + at, sums + o * inner, factors + o * inner, n, inner,
                          euclidean_);
      }
    });
    return {};
  }

  const int64_t axis_;
  const bool euclidean_;
};

Verdict supports(const Node& node) {
  const Value x = node.input(0);
  const int64_t axis = node.attr_int("axis", -1), rank = std::max<int64_t>(x.rank(), 1);
  if (x.has_rank() && (axis < -rank || axis >= rank))
    return reject(Reason::attribute)
        .got("axis=" + std::to_string(axis))
        .limit("within the rank, " + std::to_string(rank));
  const int64_t p = node.attr_int("p", 2);
  if (p != 1 && p != 2)
    return reject(Reason::attribute).got("p=" + std::to_string(p)).limit("1, 2");
  return accept();
}

constexpr KernelEntry kRows[] = {
    {"LpNormalization", create_kernel<LpNormalization>, supports, nullptr}};

}  // namespace

std::span<const KernelEntry> lp_normalization_kernels() { return kRows; }

}  // namespace halyard::cpu
