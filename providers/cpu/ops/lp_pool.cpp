// LpPool and GlobalLpPool: the p-norm of a window, (sum |x|^p)^(1/p). The padding is zeros.
#include <algorithm>
#include <cmath>
#include <string>

#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/window.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrainElements = 1 << 14;

/// Sums up to a norm, in double precision.
class Norm {
 public:
  explicit Norm(int64_t p) : p_(p) {}
  void add(double x) {
    const double a = std::fabs(x);
    sum_ += p_ == 1 ? a : p_ == 2 ? a * a : std::pow(a, static_cast<double>(p_));
  }
  double value() const {
    return p_ == 1 ? sum_ : p_ == 2 ? std::sqrt(sum_) : std::pow(sum_, 1 / static_cast<double>(p_));
  }

 private:
  const int64_t p_;
  double sum_ = 0;
};

class LpPool final : public Kernel {
 public:
  explicit LpPool(const Node& node) : window_(node), p_(node.attr_int("p", 2)) {}

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.rank() < 2) return mismatch("X has rank " + std::to_string(x.rank()));
    HY_ASSIGN_OR_RETURN(const Window w, window_.resolve(x.shape().subspan(2), {}));
    return visit_form(x.dtype, [&](auto tag) { return pool<decltype(tag)>(context, w); });
  }

 private:
  template <class T>
  Status pool(Context& context, const Window& w) const {
    const Tensor& x = *context.input(0);
    Dims dims{x.dim(0), x.dim(1)};
    dims.insert(dims.end(), w.output.begin(), w.output.end());
    HY_ASSIGN_OR_RETURN(const T* elements, read_floats<T>(context, x));
    HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, x.dtype, dims)));
    const int64_t in_area = count_of(w.input), out_area = count_of(w.output);
    parallel_for(context.threads(), dims[0] * dims[1], 1, [&](int64_t begin, int64_t end) {
      for (int64_t plane = begin; plane < end; ++plane) {
        const T* from = elements + plane * in_area;
        T* to = y.data() + plane * out_area;
        for_each_position(w.output, [&](const Dims& at) {
          Norm norm(p_);
          for_each_tap(w, at, 0, 0,
                       [&](int64_t offset) { norm.add(static_cast<double>(from[offset])); });
          *to++ = static_cast<T>(norm.value());
        });
      }
    });
    y.finish(context);
    return {};
  }

  const WindowAttributes window_;
  const int64_t p_;
};

class GlobalLpPool final : public Kernel {
 public:
  explicit GlobalLpPool(const Node& node) : p_(node.attr_int("p", 2)) {}

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.rank() < 2)
      return mismatch("X has rank " + std::to_string(x.rank()) + " and must have at least 2");
    return visit_form(x.dtype, [&](auto tag) { return pool<decltype(tag)>(context); });
  }

 private:
  template <class T>
  Status pool(Context& context) const {
    const Tensor& x = *context.input(0);
    Dims dims(x.dims.size(), 1);
    dims[0] = x.dim(0);
    dims[1] = x.dim(1);
    const int64_t planes = dims[0] * dims[1], area = count_of(x.shape().subspan(2));
    HY_ASSIGN_OR_RETURN(const T* from, read_floats<T>(context, x));
    HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, x.dtype, dims)));
    const int64_t grain = kGrainElements / std::max<int64_t>(area, 1) + 1;
    parallel_for(context.threads(), planes, grain, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        Norm norm(p_);
        for (int64_t i = 0; i < area; ++i) norm.add(static_cast<double>(from[p * area + i]));
        y.data()[p] = static_cast<T>(norm.value());
      }
    });
    y.finish(context);
    return {};
  }

  const int64_t p_;
};

double operations(const Node& node) {
  if (!node.output(0).is_static()) return -1;
  double n = 2;
  for (int64_t d : node.output(0).dims()) n *= static_cast<double>(d);
  for (int64_t k : node.attr_ints("kernel_shape")) n *= static_cast<double>(k);
  return n;
}

double global_operations(const Node& node) {
  if (!node.input(0).is_static()) return -1;
  double n = 2;
  for (int64_t d : node.input(0).dims()) n *= static_cast<double>(d);
  return n;
}

Verdict check_global(const Node& node) {
  const Value x = node.input(0);
  if (x.has_rank() && x.rank() < 2)
    return reject(Reason::rank).operand(0).got(x.rank()).limit("at least 2");
  return accept();
}

constexpr KernelEntry kRows[] = {
    {"LpPool", create_kernel<LpPool>, check_window, operations},
    {"GlobalLpPool", create_kernel<GlobalLpPool>, check_global, global_operations},
};

}  // namespace

std::span<const KernelEntry> lp_pool_kernels() { return kRows; }

}  // namespace halyard::cpu
