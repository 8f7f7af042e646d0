// Pow: the exponent's type is its own.
#include <cmath>
#include <limits>

#include "providers/cpu/convert.hpp"
#include "providers/cpu/ops/elementwise_binary.hpp"
#include "providers/cpu/ops/elementwise_unary.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

/// Wraps around. To a negative power: 1 and -1 have one; the rest is less than 1, or none: 0.
int64_t integer_power(int64_t base, int64_t exponent) {
  if (exponent < 0) {
    if (base == 1) return 1;
    return base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
  }
  uint64_t result = 1;
  for (auto square = static_cast<uint64_t>(base); exponent != 0; exponent >>= 1, square *= square)
    if ((exponent & 1) != 0) result *= square;
  return static_cast<int64_t>(result);
}

struct Power {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, T y) {
    if constexpr (std::is_integral_v<T>)
      return integer_power(x, y);
    else
      return std::pow(x, y);
  }
};
BinaryLoop power_loop(uint32_t dtype) {
  switch (dtype) {
    case HY_DTYPE_F32:
      return plain_binary_loop<Power, float, float>;
    case HY_DTYPE_F64:
      return plain_binary_loop<Power, double, double>;
    case HY_DTYPE_I64:
      return plain_binary_loop<Power, int64_t, int64_t>;
    default:
      return nullptr;
  }
}
constexpr BinaryOp kPower = {"Pow", power_loop};

struct Square {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    return x * x;
  }
};
struct Cube {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    return x * x * x;
  }
};
// Of -0 and of minus infinity the power 0.5 is positive.
struct SquareRoot {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    constexpr T kInf = std::numeric_limits<T>::infinity();
    const T root = std::sqrt(x) + T{0};
    return x == -kInf ? kInf : root;
  }
};
struct Inverse {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    return T{1} / x;
  }
};

bool is_integer(uint32_t dtype) { return contains(halyard::detail::type_class("int"), dtype); }

/// The type to compute in: one that holds every value of both, but for integers a double cannot hold.
uint32_t computed_type(uint32_t base, uint32_t exponent) {
  if (is_integer(base)) return is_integer(exponent) ? HY_DTYPE_I64 : HY_DTYPE_F64;
  const bool wide = base == HY_DTYPE_F64 || exponent == HY_DTYPE_F64 ||
                    (is_integer(exponent) && dtype_bits(exponent) > 16);
  return wide ? HY_DTYPE_F64 : HY_DTYPE_F32;
}

void convert_into(int threads, const Tensor& from, const Tensor& to) {
  const ConvertLoop loop = convert_loop(from.dtype, to.dtype);
  const int64_t from_size = dtype_bits(from.dtype) / 8, to_size = dtype_bits(to.dtype) / 8;
  parallel_for(threads, from.count(), 1 << 15, [&](int64_t begin, int64_t end) {
    loop(from.as<const char>() + begin * from_size, to.as<char>() + begin * to_size, end - begin);
  });
}

Result<Tensor> scratch_tensor(Context& context, uint32_t dtype, std::span<const int64_t> dims) {
  const size_t bytes = bytes_of(dtype, count_of(dims));
  HY_ASSIGN_OR_RETURN(void* data, context.scratch(bytes));
  return Tensor{dtype, Dims(dims), data, bytes};
}

Result<Tensor> converted(Context& context, const Tensor& t, uint32_t dtype) {
  if (t.dtype == dtype) return t;
  HY_ASSIGN_OR_RETURN(Tensor to, scratch_tensor(context, dtype, t.dims));
  convert_into(context.threads(), t, to);
  return to;
}

class Pow final : public Kernel {
 public:
  explicit Pow(const Node&) {}
  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &y = *context.input(1);
    const Tensor* const both[] = {&x, &y};
    HY_ASSIGN_OR_RETURN(const Dims dims, broadcast_dims(both));
    if (convert_loop(x.dtype, y.dtype) == nullptr) return no_kernel_for(y.dtype);
    if (y.count() == 1 && !is_integer(x.dtype) && dims == x.dims)
      if (const auto loop = loop_for(exponent_of(y))) return run_with(context, x, loop);
    const uint32_t computed = computed_type(x.dtype, y.dtype);
    HY_ASSIGN_OR_RETURN(const Tensor base, converted(context, x, computed));
    HY_ASSIGN_OR_RETURN(const Tensor exponent, converted(context, y, computed));
    HY_ASSIGN_OR_RETURN(const Tensor z, context.output(0, x.dtype, dims));
    if (computed == z.dtype) return run_binary(context, kPower, base, exponent, z);
    HY_ASSIGN_OR_RETURN(const Tensor wide, scratch_tensor(context, computed, dims));
    HY_RETURN_IF_ERROR(run_binary(context, kPower, base, exponent, wide));
    convert_into(context.threads(), wide, z);
    return {};
  }

 private:
  using LoopOf = UnaryLoop (*)(uint32_t);

  static double exponent_of(const Tensor& y) {
    double value = 0;
    convert_loop(y.dtype, HY_DTYPE_F64)(y.data, &value, 1);
    return value;
  }
  /// Exponents that models are full of.
  static LoopOf loop_for(double exponent) {
    if (exponent == 2) return float_loop<Square>;
    if (exponent == 3) return float_loop<Cube>;
    if (exponent == 0.5) return float_loop<SquareRoot>;
    if (exponent == -1) return float_loop<Inverse>;
    return nullptr;
  }
  static Status run_with(Context& context, const Tensor& x, LoopOf loop) {
    HY_ASSIGN_OR_RETURN(const Tensor z, context.output_over(0, x.dtype, x.dims, {0}));
    return run_unary(context, x, z, loop, {});
  }
};

constexpr KernelEntry kEntries[] = {{"Pow", create_kernel<Pow>}};

}  // namespace

std::span<const KernelEntry> pow_kernels() { return kEntries; }

}  // namespace halyard::cpu
