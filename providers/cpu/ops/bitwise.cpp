// BitwiseNot BitwiseAnd BitwiseOr BitwiseXor BitShift BitCast.
#include <type_traits>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/elementwise_binary.hpp"
#include "providers/cpu/ops/elementwise_unary.hpp"
#include "providers/cpu/ops/entries.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

struct Not {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, const UnaryParameters&) {
    return static_cast<T>(~x);
  }
};
struct And {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T a, T b) {
    return static_cast<T>(a & b);
  }
};
struct Or {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T a, T b) {
    return static_cast<T>(a | b);
  }
};
struct Xor {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T a, T b) {
    return static_cast<T>(a ^ b);
  }
};
// Nothing is left of a number shifted by its width or more.
struct ShiftLeft {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T a, T b) {
    return b >= sizeof(T) * 8 ? T{0} : static_cast<T>(a << b);
  }
};
struct ShiftRight {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T a, T b) {
    return b >= sizeof(T) * 8 ? T{0} : static_cast<T>(a >> b);
  }
};

template <template <class, class> class Loop, class Op, class Fn>
Fn loop_of_width(uint32_t dtype) {
  switch (dtype) {
    case HY_DTYPE_I8:
    case HY_DTYPE_U8:
      return Loop<Op, uint8_t>::run;
    case HY_DTYPE_I16:
    case HY_DTYPE_U16:
      return Loop<Op, uint16_t>::run;
    case HY_DTYPE_I32:
    case HY_DTYPE_U32:
      return Loop<Op, uint32_t>::run;
    case HY_DTYPE_I64:
    case HY_DTYPE_U64:
      return Loop<Op, uint64_t>::run;
    default:
      return nullptr;
  }
}
template <class Op, class T>
struct One {
  static constexpr UnaryLoop run = unary_loop<Op, T>;
};
template <class Op, class T>
struct Two {
  static constexpr BinaryLoop run = plain_binary_loop<Op, T, T>;
};

constexpr UnaryOp kNot = {"BitwiseNot", loop_of_width<One, Not, UnaryLoop>};
constexpr BinaryOp kOps[] = {
    {"BitwiseAnd", loop_of_width<Two, And, BinaryLoop>},
    {"BitwiseOr", loop_of_width<Two, Or, BinaryLoop>},
    {"BitwiseXor", loop_of_width<Two, Xor, BinaryLoop>},
};
constexpr BinaryOp kShifts[] = {{"LEFT", loop_of_width<Two, ShiftLeft, BinaryLoop>},
                                {"RIGHT", loop_of_width<Two, ShiftRight, BinaryLoop>}};

class Bitwise final : public Kernel {
 public:
  explicit Bitwise(const Node& node)
      : op_(node.op() == "BitShift" ? row_of(kShifts, node.attr_string("direction"))
                                    : row_of(kOps, node.op())) {}
  Status run(Context& context) const override {
    const Tensor &a = *context.input(0), &b = *context.input(1);
    HY_RETURN_IF_ERROR(check_same_type(a, b));
    const Tensor* const both[] = {&a, &b};
    HY_ASSIGN_OR_RETURN(const Dims dims, broadcast_dims(both));
    HY_ASSIGN_OR_RETURN(const Tensor c, context.output_over(0, a.dtype, dims, {0, 1}));
    return run_binary(context, op_, a, b, c);
  }

 private:
  const BinaryOp& op_;
};

/// The same bytes under another type of that width.
class BitCast final : public Kernel {
 public:
  explicit BitCast(const Node& node) : to_(static_cast<uint32_t>(node.attr_int("to"))) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.dtype == HY_DTYPE_STRING || dtype_bits(x.dtype) != dtype_bits(to_))
      return mismatch(std::string("elements of ") + dtype_name(x.dtype) +
                      " have not as many bits as " + dtype_name(to_));
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, to_, x.dims));
    if (x.bytes != 0) std::memcpy(y.data, x.data, x.bytes);
    return {};
  }

 private:
  const uint32_t to_;
};

Result<std::unique_ptr<Kernel>> create_not(const Node& node, CompileContext&) {
  return create_unary(node, kNot);
}

Verdict supports_shift(const Node& node) {
  const std::string_view direction = node.attr_string("direction");
  if (direction == "LEFT" || direction == "RIGHT") return accept();
  return reject(Reason::attribute)
      .got("direction=" + std::string(direction))
      .limit("LEFT or RIGHT");
}

Verdict supports_cast(const Node& node) {
  const uint32_t from = node.input(0).dtype(), to = static_cast<uint32_t>(node.attr_int("to"));
  if (from == HY_DTYPE_UNDEFINED || (dtype_bits(from) != 0 && dtype_bits(from) == dtype_bits(to)))
    return accept();
  return reject(Reason::dtype)
      .operand(0)
      .got(dtype_name(from))
      .limit("a type with as many bits as " + std::string(dtype_name(to)));
}

constexpr KernelEntry kRows[] = {
    {"BitwiseNot", create_not},
    {"BitwiseAnd", create_kernel<Bitwise>},
    {"BitwiseOr", create_kernel<Bitwise>},
    {"BitwiseXor", create_kernel<Bitwise>},
    {"BitShift", create_kernel<Bitwise>, supports_shift},
    {"BitCast", create_kernel<BitCast>, supports_cast},
};

}  // namespace

std::span<const KernelEntry> bitwise_kernels() { return kRows; }

}  // namespace halyard::cpu
