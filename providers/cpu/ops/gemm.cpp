// Gemm: Y = alpha op(A) op(B) + beta C.
#include <algorithm>

#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/dnnl/sgemm.hpp"
#include "providers/cpu/float_io.hpp"
#include "providers/cpu/matrix_product.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

/// Element [i, j] of C, which broadcasts to [m, n]: values[i * row + j * column].
struct CStrides {
  int64_t row = 0, column = 0;
};

Result<CStrides> c_strides(const Tensor& c, int64_t m, int64_t n) {
  const int64_t columns = c.rank() > 0 ? c.dim(c.rank() - 1) : 1;
  const int64_t rows = c.rank() > 1 ? c.dim(c.rank() - 2) : 1;
  if (c.rank() > 2 || (columns != 1 && columns != n) || (rows != 1 && rows != m))
    return mismatch("C is " + dims_text(c.dims) + " and the product " + dims_text(Dims{m, n}));
  return CStrides{rows == 1 ? 0 : columns, columns == 1 ? 0 : 1};
}

class Gemm final : public Kernel {
 public:
  Gemm(const Node& node, std::vector<float> widened)
      : alpha_(node.attr_float("alpha", 1)),
        beta_(node.attr_float("beta", 1)),
        transpose_a_(node.attr_int("transA") != 0),
        transpose_b_(node.attr_int("transB") != 0),
        widened_(std::move(widened)) {}

  Status run(Context& context) const override {
    const Tensor &a = *context.input(0), &b = *context.input(1);
    if (a.rank() != 2 || b.rank() != 2)
      return mismatch("A is " + dims_text(a.dims) + " and B " + dims_text(b.dims) +
                      "; both must have rank 2");
    const int64_t m = a.dim(transpose_a_ ? 1 : 0), k = a.dim(transpose_a_ ? 0 : 1);
    const int64_t n = b.dim(transpose_b_ ? 0 : 1);
    if (b.dim(transpose_b_ ? 1 : 0) != k)
      return mismatch("A is " + dims_text(a.dims) + " and B " + dims_text(b.dims));
    const ProductShape shape{m, n, k, transpose_a_, transpose_b_};
    CStrides strides;
    if (context.input(2) != nullptr) {
      HY_ASSIGN_OR_RETURN(strides, c_strides(*context.input(2), m, n));
    }
    const bool by_f32 =
        a.dtype == HY_DTYPE_F32 || a.dtype == HY_DTYPE_F16 || a.dtype == HY_DTYPE_BF16;
    return by_f32 ? run_f32(context, shape, strides) : run_reference(context, shape, strides);
  }

 private:
  Status run_f32(Context& context, const ProductShape& s, const CStrides& strides) const {
    const Tensor* c = context.input(2);
    HY_ASSIGN_OR_RETURN(const float* left, read_f32(context, *context.input(0)));
    const float* right = widened_.data();
    if (widened_.empty()) {
      HY_ASSIGN_OR_RETURN(right, read_f32(context, *context.input(1)));
    }
    HY_ASSIGN_OR_RETURN(const F32Output y,
                        F32Output::make(context, 0, context.input(0)->dtype, Dims{s.m, s.n}));
    if (c != nullptr) {
      HY_ASSIGN_OR_RETURN(const float* values, read_f32(context, *c));
      for (int64_t i = 0; i < s.m; ++i)
        for (int64_t j = 0; j < s.n; ++j)
          y.data()[i * s.n + j] =
              static_cast<float>(beta_) * values[i * strides.row + j * strides.column];
    }
    const dnn::Sgemm call{s.transpose_a,
                          s.transpose_b,
                          s.m,
                          s.n,
                          s.k,
                          static_cast<float>(alpha_),
                          c != nullptr ? 1.0f : 0.0f};
    HY_RETURN_IF_ERROR(dnn::sgemm(call, left, right, y.data()));
    y.finish(context);
    return {};
  }

  Status run_reference(Context& context, const ProductShape& s, const CStrides& strides) const {
    const Tensor &a = *context.input(0), &b = *context.input(1), *c = context.input(2);
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, a.dtype, Dims{s.m, s.n}));
    HY_RETURN_IF_ERROR(multiply_reference(context.threads(), a.dtype, s, Dims{0}, a.data, Dims{0},
                                          b.data, y.data));
    return visit_numeric(a.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      for (int64_t i = 0; i < s.m; ++i)
        for (int64_t j = 0; j < s.n; ++j) {
          T& out = y.as<T>()[i * s.n + j];
          out = scaled(out, alpha_);
          if (c != nullptr)
            out = added(out, scaled(c->as<const T>()[i * strides.row + j * strides.column], beta_));
        }
      return {};
    });
  }

  template <class T>
  static T scaled(T value, double factor) {
    return factor == 1 ? value : static_cast<T>(static_cast<double>(value) * factor);
  }
  /// Integers wrap around.
  template <class T>
  static T added(T a, T b) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
    else
      return static_cast<T>(a + b);
  }

  const double alpha_, beta_;
  const bool transpose_a_, transpose_b_;
  const std::vector<float> widened_;  // of a constant B of 16-bit floats; else empty
};

Result<std::unique_ptr<Kernel>> create(const Node& node, CompileContext& context) {
  HY_ASSIGN_OR_RETURN(const auto b, context.known(node, 1));
  std::vector<float> widened;
  if (b && (b->dtype == HY_DTYPE_F16 || b->dtype == HY_DTYPE_BF16)) read_f32(*b, &widened);
  return std::unique_ptr<Kernel>(std::make_unique<Gemm>(node, std::move(widened)));
}

Verdict supports(const Node& node) {
  for (uint32_t i : {0u, 1u}) {
    const Value v = node.input(i);
    if (v.has_rank() && v.rank() != 2)
      return reject(Reason::rank).operand(i).got(v.rank()).limit(2);
  }
  return accept();
}

double operations(const Node& node) {
  const Value a = node.input(0), y = node.output(0);
  if (!a.is_static() || !y.is_static() || a.rank() != 2) return -1;
  double n = 2 * static_cast<double>(a.dim(node.attr_int("transA") != 0 ? 0 : 1).value());
  for (int64_t d : y.dims()) n *= static_cast<double>(d);
  return n;
}

constexpr KernelEntry kRows[] = {{"Gemm", create, supports, operations}};

}  // namespace

std::span<const KernelEntry> gemm_kernels() { return kRows; }

}  // namespace halyard::cpu
