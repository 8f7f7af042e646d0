// GlobalAveragePool and GlobalMaxPool.
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/float_io.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/row_sums.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrainElements = 1 << 14;

struct Average {
  template <class T>
  static T of(const T* x, int64_t n) {
    return static_cast<T>(row_sum(x, n) / static_cast<double>(n));
  }
};
struct Max {
  template <class T>
  static T of(const T* x, int64_t n) {
    return row_max(x, n);
  }
};

template <class Pool>
class GlobalPool final : public Kernel {
 public:
  explicit GlobalPool(const Node&) {}

  Layouts layouts() const override { return Layouts::kBlocked; }
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.rank() < 2)
      return mismatch("X has rank " + std::to_string(x.rank()) + " and must have at least 2");
    Dims dims(x.dims.size(), 1);
    dims[0] = x.dim(0);
    dims[1] = x.dim(1);
    const int64_t planes = dims[0] * dims[1], area = count_of(x.shape().subspan(2));
    if (x.dtype == HY_DTYPE_F64) {
      HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, dims));
      pool(context, x.as<const double>(), y.as<double>(), planes, area);
      return {};
    }
    HY_ASSIGN_OR_RETURN(const float* from, read_f32(context, x));
    HY_ASSIGN_OR_RETURN(const F32Output y, F32Output::make(context, 0, x.dtype, dims));
    pool(context, from, y.data(), planes, area);
    y.finish(context);
    return {};
  }

 private:
  template <class T>
  static void pool(Context& context, const T* x, T* y, int64_t planes, int64_t area) {
    const int64_t grain = kGrainElements / std::max<int64_t>(area, 1) + 1;
    parallel_for(context.threads(), planes, grain, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) y[p] = Pool::of(x + p * area, area);
    });
  }
};

double operations(const Node& node) {
  if (!node.input(0).is_static()) return -1;
  double n = 1;
  for (int64_t d : node.input(0).dims()) n *= static_cast<double>(d);
  return n;
}

Verdict supports(const Node& node) {
  const Value x = node.input(0);
  if (x.has_rank() && x.rank() < 2)
    return reject(Reason::rank).operand(0).got(x.rank()).limit("at least 2");
  return accept();
}

constexpr KernelEntry kRows[] = {
    {"GlobalAveragePool", create_kernel<GlobalPool<Average>>, supports, operations},
    {"GlobalMaxPool", create_kernel<GlobalPool<Max>>, supports, operations},
};

}  // namespace

std::span<const KernelEntry> global_pool_kernels() { return kRows; }

}  // namespace halyard::cpu
