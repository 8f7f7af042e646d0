// Softmax and LogSoftmax, with the row's largest element subtracted first.
#include <cmath>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/float_io.hpp"
#include "providers/cpu/float_math.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/row_sums.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrainElements = 1 << 13;

/// One contiguous row. y may be x.
template <class T>
void softmax_row(const T* x, T* y, int64_t n) {
  const double sum = row_exp(x, y, n, row_max(x, n));
  const T scale = static_cast<T>(1 / sum);
  vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { y[i] *= scale; });
}
template <class T>
void log_softmax_row(const T* x, T* y, T* scratch, int64_t n) {
  const T max = row_max(x, n);
  const T log_sum = static_cast<T>(std::log(row_exp(x, scratch, n, max)));
  vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { y[i] = (x[i] - max) - log_sum; });
}

/// Rows whose elements lie `inner` apart, `inner` rows side by side: the same steps, a whole line of
/// rows at a time. max and sum hold a line.
template <class T>
void softmax_lines(const T* x, T* y, T* max, double* sum, int64_t n, int64_t inner, bool logs) {
  vector_loop(inner, [=](int64_t j) HALYARD_CPU_INLINE {
    max[j] = x[j];
    sum[j] = 0;
  });
  for (int64_t i = 1; i < n; ++i) {
    const T* line = x + i * inner;
    vector_loop(inner, [=](int64_t j) HALYARD_CPU_INLINE {
      const bool keep = max[j] >= line[j] || max[j] != max[j];
      max[j] = keep ? max[j] : line[j];
    });
  }
  for (int64_t i = 0; i < n; ++i) {
    const T* line = x + i * inner;
    T* to = y + i * inner;
    vector_loop(inner, [=](int64_t j) HALYARD_CPU_INLINE {
      const T difference = line[j] - max[j], e = cpu::exp(difference);
      to[j] = logs ? difference : e;
      sum[j] += static_cast<double>(e);
    });
  }
  for (int64_t j = 0; j < inner; ++j) max[j] = static_cast<T>(logs ? std::log(sum[j]) : 1 / sum[j]);
  for (int64_t i = 0; i < n; ++i) {
    T* to = y + i * inner;
    vector_loop(inner, [=](int64_t j)
                           HALYARD_CPU_INLINE { to[j] = logs ? to[j] - max[j] : to[j] * max[j]; });
  }
}

template <class T>
Status softmax(Context& context, const T* x, T* y, std::span<const int64_t> dims, int64_t axis,
               bool logs) {
  const int64_t n = dims[static_cast<size_t>(axis)];
  const int64_t outer = product(dims, 0, axis), inner = product(dims, axis + 1, std::ssize(dims));
  if (outer * inner * n == 0) return {};
  const int64_t grain = kGrainElements / (n * inner) + 1;
  if (inner == 1 && !logs) {
    parallel_for(context.threads(), outer, grain, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) softmax_row(x + r * n, y + r * n, n);
    });
    return {};
  }
  if (inner == 1) {
    HY_ASSIGN_OR_RETURN(void* scratch, context.scratch(static_cast<size_t>(outer * n) * sizeof(T)));
    parallel_for(context.threads(), outer, grain, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r)
        log_softmax_row(x + r * n, y + r * n, static_cast<T*>(scratch) + r * n, n);
    });
    return {};
  }
  const auto lines = static_cast<size_t>(outer * inner);
  HY_ASSIGN_OR_RETURN(void* max, context.scratch(lines * sizeof(T)));
  HY_ASSIGN_OR_RETURN(void* sum, context.scratch(lines * sizeof(double)));
  parallel_for(context.threads(), outer, grain, [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o)
      softmax_lines(x + o * n * inner, y + o * n * inner, static_cast<T*>(max) + o * inner,
                    static_cast<double*>(sum) + o * inner, n, inner, logs);
  });
  return {};
}

class Softmax final : public Kernel {
 public:
  explicit Softmax(const Node& node)
      : axis_(node.attr_int("axis", -1)), logs_(node.op() == "LogSoftmax") {}

  Status run(Context& context) const override {
    const Tensor x = *context.input(0);
    // A scalar is a row of one.
    Dims dims = x.dims.empty() ? Dims{1} : x.dims;
    HY_ASSIGN_OR_RETURN(const int64_t axis, normal_axis(axis_, std::ssize(dims)));
    if (x.dtype == HY_DTYPE_F64) {
      HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, x.dims));
      return softmax(context, x.as<const double>(), y.as<double>(), dims, axis, logs_);
    }
    HY_ASSIGN_OR_RETURN(const float* from, read_f32(context, x));
    HY_ASSIGN_OR_RETURN(const F32Output y, F32Output::make(context, 0, x.dtype, x.dims));
    HY_RETURN_IF_ERROR(softmax(context, from, y.data(), dims, axis, logs_));
    y.finish(context);
    return {};
  }

 private:
  const int64_t axis_;
  const bool logs_;
};

Verdict supports(const Node& node) {
  const Value x = node.input(0);
  const int64_t axis = node.attr_int("axis", -1), rank = std::max<int64_t>(x.rank(), 1);
  if (x.has_rank() && (axis < -rank || axis >= rank))
    return reject(Reason::attribute)
        .got("axis=" + std::to_string(axis))
        .limit("within the rank, " + std::to_string(rank));
  return accept();
}

// Exponential, sums and scaling.
double operations(const Node& node) {
  if (!node.input(0).is_static()) return -1;
  double n = 16;
  for (int64_t d : node.input(0).dims()) n *= static_cast<double>(d);
  return n;
}

constexpr KernelEntry kRows[] = {
    {"Softmax", create_kernel<Softmax>, supports, operations},
    {"LogSoftmax", create_kernel<Softmax>, supports, operations},
};

}  // namespace

std::span<const KernelEntry> softmax_kernels() { return kRows; }

}  // namespace halyard::cpu
