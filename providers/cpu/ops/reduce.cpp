// ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum
// ReduceLogSumExp.
// Floats are summed in f64, integers modulo 2^64. Max and Min of anything with a NaN are NaN.
#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <cmath>
#include <limits>
#include <type_traits>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ops/entries.hpp"
#include "providers/cpu/ops/reduce_walk.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

template <class T>
using sum_t = std::conditional_t<std::is_integral_v<T>, uint64_t, double>;
/// The type that a sum modulo 2^64 is read as.
template <class T>
using read_t =
    std::conditional_t<std::is_integral_v<T>,
                       std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>, double>;

struct Sum {
  template <class T>
  using Acc = sum_t<T>;
  template <class T>
  static constexpr Acc<T> kStart{0};
  template <class A>
  HALYARD_CPU_INLINE static A step(A a, A v) {
    return a + v;
  }
  template <class A>
  static A merge(A a, A b) {
    return a + b;
  }
  template <class T, class A>
  static T finish(A a, int64_t) {
    return static_cast<T>(a);
  }
};
struct Mean : Sum {
  template <class T, class A>
  static T finish(A a, int64_t n) {
    if constexpr (std::is_integral_v<T>)
      return n == 0 ? T{0} : static_cast<T>(static_cast<read_t<T>>(a) / static_cast<read_t<T>>(n));
    else
      return static_cast<T>(a / static_cast<double>(n));
  }
};
struct SumSquare : Sum {
  template <class A>
  HALYARD_CPU_INLINE static A step(A a, A v) {
    return a + v * v;
  }
};
struct L2 : SumSquare {
  template <class T>
  using Acc = double;
  template <class T>
  static constexpr double kStart = 0;
  template <class T, class A>
  static T finish(A a, int64_t) {
    return static_cast<T>(std::sqrt(a));
  }
};
struct L1 : Sum {
  template <class T>
  using Acc = read_t<T>;
  template <class T>
  static constexpr Acc<T> kStart{0};
  template <class A>
  HALYARD_CPU_INLINE static A step(A a, A v) {
    if constexpr (std::is_same_v<A, double>) return a + (v < 0 ? -v : v);
    const auto bits = static_cast<uint64_t>(v);  // sums modulo 2^64, as the others
    return static_cast<A>(static_cast<uint64_t>(a) + (v < A{0} ? 0 - bits : bits));
  }
  template <class A>
  static A merge(A a, A b) {
    if constexpr (std::is_same_v<A, double>) return a + b;
    return static_cast<A>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  }
};
struct LogSum : L2 {
  template <class A>
  HALYARD_CPU_INLINE static A step(A a, A v) {
    return a + v;
  }
  template <class T, class A>
  static T finish(A a, int64_t) {
    return static_cast<T>(std::log(a));
  }
};
/// The sum of e^(x - most), and the most so far: nothing overflows.
struct ScaledSum {
  double most, sum;
  ScaledSum(double m = -std::numeric_limits<double>::infinity(), double s = 1) : most(m), sum(s) {}
};
struct LogSumExp {
  template <class T>
  using Acc = ScaledSum;
  template <class T>
  static inline const ScaledSum kStart{-std::numeric_limits<double>::infinity(), 0};
  static ScaledSum step(ScaledSum a, ScaledSum v) { return merge(a, v); }
  static ScaledSum merge(ScaledSum a, ScaledSum b) {
    if (b.sum == 0) return a;
    if (a.sum == 0) return b;
    if (b.most > a.most) std::swap(a, b);
    // Equal infinities have no difference.
    const double gap = a.most == b.most ? 0 : b.most - a.most;
    return {a.most, a.sum + b.sum * std::exp(gap)};
  }
  template <class T>
  static T finish(ScaledSum a, int64_t) {
    return static_cast<T>(a.most + std::log(a.sum));
  }
};
struct Prod : Sum {
  template <class T>
  static constexpr Acc<T> kStart{1};
  template <class A>
  HALYARD_CPU_INLINE static A step(A a, A v) {
    return a * v;
  }
  template <class A>
  static A merge(A a, A b) {
    return a * b;
  }
};
struct Max {
  template <class T>
  using Acc = compute_t<T>;
  template <class T>
  static constexpr Acc<T> kStart = std::numeric_limits<Acc<T>>::has_infinity
                                       ? -std::numeric_limits<Acc<T>>::infinity()
                                       : std::numeric_limits<Acc<T>>::lowest();
  template <class A>
  HALYARD_CPU_INLINE static A step(A a, A v) {
    const A most = v > a ? v : a;
    return v != v ? v : most;
  }
  template <class A>
  static A merge(A a, A b) {
    return step(a, b);
  }
  template <class T, class A>
  static T finish(A a, int64_t) {
    return static_cast<T>(a);
  }
};
struct Min : Max {
  template <class T>
  static constexpr Acc<T> kStart = std::numeric_limits<Acc<T>>::has_infinity
                                       ? std::numeric_limits<Acc<T>>::infinity()
                                       : std::numeric_limits<Acc<T>>::max();
  template <class A>
  HALYARD_CPU_INLINE static A step(A a, A v) {
    const A least = v < a ? v : a;
    return v != v ? v : least;
  }
  template <class A>
  static A merge(A a, A b) {
    return step(a, b);
  }
};

/// acc[j] takes x[j] for j below n.
template <class Op, class T>
HALYARD_CPU_INLINE inline void take_row(typename Op::template Acc<T>* acc, const T* x, int64_t n) {
  const auto take = [=](int64_t j) HALYARD_CPU_INLINE {
    using A = typename Op::template Acc<T>;
    acc[j] = Op::step(acc[j], static_cast<A>(static_cast<compute_t<T>>(x[j])));
  };
  if constexpr (std::is_integral_v<T>) {
    for (int64_t j = 0; j < n; ++j) take(j);
  } else {
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) take(j);
  }
}

constexpr int64_t kLanes = 16;  // results that one run is summed in side by side
constexpr int64_t kTile = 256;  // neighbouring results at a time

/// Results [begin, end), each of which has runs of neighbouring elements.
template <class Op, class T>
void reduce_runs(const ReduceWalk& w, const T* x, T* y, int64_t begin, int64_t end) {
  using A = typename Op::template Acc<T>;
  const size_t outer = w.reduced.size() - 1;
  const int64_t run = w.reduced.back(), depth = w.depth(), runs = run == 0 ? 0 : depth / run;
  for (int64_t i = begin; i < end; ++i) {
    const T* base = x + ReduceWalk::offset(i, w.kept, w.kept_strides, w.kept.size());
    A lanes[kLanes];
    std::fill_n(lanes, kLanes, Op::template kStart<T>);
    for (int64_t r = 0; r < runs; ++r) {
      const T* from = base + ReduceWalk::offset(r, w.reduced, w.reduced_strides, outer);
      int64_t j = 0;
      for (; j + kLanes <= run; j += kLanes) take_row<Op, T>(lanes, from + j, kLanes);
      take_row<Op, T>(lanes, from + j, run - j);
    }
    for (int64_t l = 1; l < kLanes; ++l) lanes[0] = Op::merge(lanes[0], lanes[l]);
    y[i] = Op::template finish<T>(lanes[0], depth);
  }
}

/// Results [begin, end), where neighbours come from neighbours.
template <class Op, class T>
void reduce_rows(const ReduceWalk& w, const T* x, T* y, int64_t begin, int64_t end) {
  const int64_t depth = w.depth(), columns = w.kept.empty() ? 1 : w.kept.back();
  for (int64_t i = begin; i < end;) {
    const int64_t n = std::min({kTile, end - i, columns - i % columns});
    const T* base = x + ReduceWalk::offset(i, w.kept, w.kept_strides, w.kept.size());
    typename Op::template Acc<T> acc[kTile];
    std::fill_n(acc, n, Op::template kStart<T>);
    for (int64_t r = 0; r < depth; ++r)
      take_row<Op, T>(
          acc, base + ReduceWalk::offset(r, w.reduced, w.reduced_strides, w.reduced.size()), n);
    for (int64_t j = 0; j < n; ++j) y[i + j] = Op::template finish<T>(acc[j], depth);
    i += n;
  }
}

using ReduceLoop = void (*)(int threads, const ReduceWalk& walk, const Tensor& x, const Tensor& y);

template <class Op, class T>
void reduce(int threads, const ReduceWalk& w, const Tensor& x, const Tensor& y) {
  const int64_t grain = std::max<int64_t>(1, (1 << 15) / std::max<int64_t>(1, w.depth()));
  parallel_for(threads, w.results(), grain, [&](int64_t begin, int64_t end) {
    const auto loop = w.ends_kept() ? reduce_rows<Op, T> : reduce_runs<Op, T>;
    loop(w, x.as<const T>(), y.as<T>(), begin, end);
  });
}

template <class Op>
Status reduce_any(Context& context, const ReduceWalk& w, const Tensor& x, const Tensor& y) {
  if constexpr (std::is_base_of_v<Max, Op>)
    if (x.dtype == HY_DTYPE_BOOL) return reduce<Op, bool>(context.threads(), w, x, y), Status();
  return visit_numeric(x.dtype, [&](auto tag) -> Status {
    reduce<Op, decltype(tag)>(context.threads(), w, x, y);
    return {};
  });
}

struct ReduceOp {
  const char* name;
  Status (*run)(Context&, const ReduceWalk&, const Tensor& x, const Tensor& y);
};
constexpr ReduceOp kOps[] = {
    {"ReduceSum", reduce_any<Sum>},       {"ReduceMean", reduce_any<Mean>},
    {"ReduceMax", reduce_any<Max>},       {"ReduceMin", reduce_any<Min>},
    {"ReduceProd", reduce_any<Prod>},     {"ReduceL1", reduce_any<L1>},
    {"ReduceLogSum", reduce_any<LogSum>}, {"ReduceLogSumExp", reduce_any<LogSumExp>},
    {"ReduceL2", reduce_any<L2>},         {"ReduceSumSquare", reduce_any<SumSquare>},
};

class Reduce final : public Kernel {
 public:
  explicit Reduce(const Node& node)
      : op_(row_of(kOps, node.op())),
        keepdims_(node.attr_int("keepdims", 1) != 0),
        none_means_none_(node.attr_int("noop_with_empty_axes") != 0) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    Dims axes;
    if (const Tensor* given = context.input(1)) {
      HY_ASSIGN_OR_RETURN(const Dims list, list_operand(*given, "axes"));
      HY_ASSIGN_OR_RETURN(axes, normal_axes(list, x.rank()));
    }
    boost::container::small_vector<bool, 8> reduced(x.dims.size(),
                                                    axes.empty() && !none_means_none_);
    for (int64_t axis : axes) reduced[static_cast<size_t>(axis)] = true;
    Dims dims;
    for (size_t i = 0; i < reduced.size(); ++i) {
      if (!reduced[i])
        dims.push_back(x.dims[i]);
      else if (keepdims_)
        dims.push_back(1);
    }
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, dims));
    return op_.run(context, ReduceWalk(x.dims, {reduced.data(), reduced.size()}), x, y);
  }

 private:
  const ReduceOp& op_;
  const bool keepdims_, none_means_none_;
};

constexpr auto kEntries = entries_of(kOps, create_kernel<Reduce>);

}  // namespace

std::span<const KernelEntry> reduce_kernels() { return kEntries; }

}  // namespace halyard::cpu
