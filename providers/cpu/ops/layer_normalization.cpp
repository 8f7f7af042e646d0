// LayerNormalization: each row of the axes from `axis` on to mean 0 and variance 1, then Scale and B.
#include <cmath>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/float_io.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/row_sums.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrainElements = 1 << 13;

/// An affine operand along the row: element i of the row has values[i * step].
template <class T>
struct RowOperand {
  const T* values;
  int64_t step;
};

/// The dtype that stash_type, a number of ONNX's, names.
uint32_t stash_dtype(int64_t stash_type) {
  if (stash_type == 11) return HY_DTYPE_F64;
  return stash_type == 16 ? HY_DTYPE_BF16 : HY_DTYPE_F32;
}

/// Copies values of these dims to a whole row, as broadcasting says.
template <class T>
void spread(const T* from, std::span<const int64_t> dims, std::span<const int64_t> row, T* to) {
  const int64_t n = count_of(row);
  for (int64_t i = 0; i < n; ++i) {
    int64_t rest = i, offset = 0, stride = 1;
    for (size_t a = 0; a < dims.size(); ++a) {
      const size_t from_end = dims.size() - 1 - a;
      const int64_t extent = row[row.size() - 1 - a], position = rest % extent;
      rest /= extent;
      if (dims[from_end] != 1) offset += position * stride;
      stride *= dims[from_end];
    }
    to[i] = from[offset];
  }
}

class LayerNormalization final : public Kernel {
 public:
  explicit LayerNormalization(const Node& node)
      : axis_(node.attr_int("axis", -1)),
        epsilon_(node.attr_float("epsilon", 1e-5)),
        stash_dtype_(stash_dtype(node.attr_int("stash_type", 1))) {}

  Status run(Context& context) const override {
    const Tensor x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const int64_t axis, normal_axis(axis_, x.rank()));
    Rows rows{product(x.dims, 0, axis), x.shape().subspan(static_cast<size_t>(axis)), nullptr,
              nullptr};
    Dims stash_dims(x.dims.size(), 1);
    std::copy_n(x.dims.begin(), axis, stash_dims.begin());
    for (uint32_t i : {1u, 2u}) {
      if (!context.wants_output(i)) continue;
      HY_ASSIGN_OR_RETURN(void* memory,
                          context.scratch(static_cast<size_t>(rows.count) * sizeof(double)));
      (i == 1 ? rows.mean : rows.inverse) = static_cast<double*>(memory);
    }
    HY_RETURN_IF_ERROR(run_y(context, x, rows));
    if (rows.mean != nullptr) HY_RETURN_IF_ERROR(stash(context, 1, stash_dims, rows.mean));
    if (rows.inverse != nullptr) HY_RETURN_IF_ERROR(stash(context, 2, stash_dims, rows.inverse));
    return {};
  }

 private:
  struct Rows {
    int64_t count;
    std::span<const int64_t> dims;
    double *mean, *inverse;  // null: nobody wants them
  };

  Status run_y(Context& context, const Tensor& x, const Rows& rows) const {
    if (x.dtype == HY_DTYPE_F64) {
      HY_ASSIGN_OR_RETURN(const auto scale, affine<double>(context, 1, rows.dims));
      HY_ASSIGN_OR_RETURN(const auto bias, affine<double>(context, 2, rows.dims));
      HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, x.dims));
      normalize(context, x.as<const double>(), scale, bias, y.as<double>(), rows);
      return {};
    }
    HY_ASSIGN_OR_RETURN(const float* from, read_f32(context, x));
    HY_ASSIGN_OR_RETURN(const auto scale, affine<float>(context, 1, rows.dims));
    HY_ASSIGN_OR_RETURN(const auto bias, affine<float>(context, 2, rows.dims));
    HY_ASSIGN_OR_RETURN(const F32Output y, F32Output::make(context, 0, x.dtype, x.dims));
    normalize(context, from, scale, bias, y.data(), rows);
    y.finish(context);
    return {};
  }

  /// Operand i along a row; an absent one is zeros.
  template <class T>
  static Result<RowOperand<T>> affine(Context& context, uint32_t i, std::span<const int64_t> row) {
    static constexpr T kZero = 0;
    const Tensor* t = context.input(i);
    if (t == nullptr) return RowOperand<T>{&kZero, 0};
    const T* values = nullptr;
    if constexpr (std::is_same_v<T, float>) {
      HY_ASSIGN_OR_RETURN(values, read_f32(context, *t));
    } else {
      values = t->as<const T>();
    }
    std::span<const int64_t> dims = t->dims;
    while (dims.size() > row.size() && dims[0] == 1) dims = dims.subspan(1);
    bool fits = dims.size() <= row.size();
    for (size_t a = 0; fits && a < dims.size(); ++a)
      fits = dims[a] == 1 || dims[a] == row[row.size() - dims.size() + a];
    if (!fits)
      return mismatch("operand " + std::to_string(i) + " is " + dims_text(t->dims) +
                      " and a row is " + dims_text(row));
    if (count_of(dims) == count_of(row)) return RowOperand<T>{values, 1};
    if (count_of(dims) == 1) return RowOperand<T>{values, 0};
    HY_ASSIGN_OR_RETURN(void* memory,
                        context.scratch(static_cast<size_t>(count_of(row)) * sizeof(T)));
    spread(values, dims, row, static_cast<T*>(memory));
    return RowOperand<T>{static_cast<const T*>(memory), 1};
  }

  template <class T>
  void normalize(Context& context, const T* x, RowOperand<T> scale, RowOperand<T> bias, T* y,
                 const Rows& rows) const {
    const int64_t n = count_of(rows.dims), grain = kGrainElements / std::max<int64_t>(n, 1) + 1;
    parallel_for(context.threads(), rows.count, grain, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        const T* from = x + r * n;
        T* to = y + r * n;
        const T mean = static_cast<T>(row_sum(from, n) / static_cast<double>(n));
        const double variance = row_squares(from, n, mean) / static_cast<double>(n);
        const double inverse = 1 / std::sqrt(variance + epsilon_);
        const T factor = static_cast<T>(inverse);
        if (rows.mean != nullptr) rows.mean[r] = static_cast<double>(mean);
        if (rows.inverse != nullptr) rows.inverse[r] = inverse;
        if (scale.step == 1 && bias.step == 1) {
          const T *s = scale.values, *b = bias.values;
          vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE {
            to[i] = (from[i] - mean) * factor * s[i] + b[i];
          });
        } else if (scale.step == 1) {
          const T* s = scale.values;
          const T b = *bias.values;
          vector_loop(n, [=](int64_t i)
                             HALYARD_CPU_INLINE { to[i] = (from[i] - mean) * factor * s[i] + b; });
        } else {
          for (int64_t i = 0; i < n; ++i)
            to[i] = (from[i] - mean) * factor * scale.values[i * scale.step] +
                    bias.values[i * bias.step];
        }
      }
    });
  }

  Status stash(Context& context, uint32_t i, const Dims& dims, const double* values) const {
    HY_ASSIGN_OR_RETURN(const Tensor t, context.output(i, stash_dtype_, dims));
    return visit_float(stash_dtype_, [&](auto tag) -> Status {
      using T = decltype(tag);
      for (int64_t r = 0; r < t.count(); ++r)
        t.as<T>()[r] = static_cast<T>(static_cast<compute_t<T>>(values[r]));
      return {};
    });
  }

  const int64_t axis_;
  const double epsilon_;
  const uint32_t stash_dtype_;
};

/// Whether operand i is known to be more than one row: broadcast over the rows, not the same for each.
bool is_wider_than_a_row(const Node& node, uint32_t i, int64_t axis) {
  if (i >= node.input_count() || !node.has_input(i) || !node.input(i).is_static()) return false;
  const Value x = node.input(0), v = node.input(i);
  const int64_t rank = x.rank(), row = axis < 0 ? -axis : rank - axis;
  if (!x.has_rank() || v.rank() <= row) return false;
  for (int64_t d = 0; d < v.rank() - row; ++d)
    if (v.dim(static_cast<uint32_t>(d)).value() != 1) return true;
  return false;
}

Verdict supports(const Node& node) {
  const Value x = node.input(0);
  const int64_t axis = node.attr_int("axis", -1), rank = x.rank();
  if (x.has_rank() && (axis < -rank || axis >= rank))
    return reject(Reason::attribute)
        .got("axis=" + std::to_string(axis))
        .limit("within the rank, " + std::to_string(rank));
  for (uint32_t i : {1u, 2u})
    if (is_wider_than_a_row(node, i, axis))
      return reject(Reason::broadcast)
          .operand(i)
          .got("one for each of several rows")
          .limit("one row");
  const int64_t stash = node.attr_int("stash_type", 1);
  if (stash != 1 && stash != 11 && stash != 16)
    return reject(Reason::attribute)
        .got("stash_type=" + std::to_string(stash))
        .limit("1 (f32), 11 (f64), 16 (bf16)");
  return accept();
}

double operations(const Node& node) {
  if (!node.input(0).is_static()) return -1;
  double n = 8;
  for (int64_t d : node.input(0).dims()) n *= static_cast<double>(d);
  return n;
}

constexpr KernelEntry kRows[] = {
    {"LayerNormalization", create_kernel<LayerNormalization>, supports, operations}};

}  // namespace

std::span<const KernelEntry> layer_normalization_kernels() { return kRows; }

}  // namespace halyard::cpu
