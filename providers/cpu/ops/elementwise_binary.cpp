// Add Sub Mul Div Mod PRelu, and how all of this form run.
#include "providers/cpu/ops/elementwise_binary.hpp"

#include <cmath>
#include <cstddef>

#include "providers/cpu/ops/entries.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrain = 1 << 15;
constexpr int64_t kBlock = 512;  // elements of f16 that are f32 at a time
constexpr int64_t kShortRun = 64;
constexpr int64_t kGathered = 1024;  // elements of an operand written out at a time

/// A run of f16 or bf16. Narrows only where the result is one of them, too.
template <class H>
void run_through_f32(BinaryLoop loop, const H* a, int64_t a_step, const H* b, int64_t b_step,
                     void* c, bool narrows, int64_t n) {
  alignas(64) float x[kBlock], y[kBlock], z[kBlock];
  if (a_step == 0) x[0] = *a;
  if (b_step == 0) y[0] = *b;
  for (int64_t i = 0; i < n; i += kBlock) {
    const int64_t size = std::min(kBlock, n - i);
    if (a_step != 0) widen(a + i, x, size);
    if (b_step != 0) widen(b + i, y, size);
    loop(x, a_step, y, b_step, narrows ? static_cast<void*>(z) : static_cast<bool*>(c) + i, size);
    if (narrows) narrow(z, static_cast<H*>(c) + i, size);
  }
}

/// n elements from offsets in elements of a, b and c.
void run_one(BinaryLoop loop, const Tensor& a, int64_t a_at, int64_t a_step, const Tensor& b,
             int64_t b_at, int64_t b_step, const Tensor& c, int64_t c_at, int64_t n) {
  const int64_t size = dtype_bits(a.dtype) / 8;
  char* to = c.as<char>() + c_at * (dtype_bits(c.dtype) / 8);
  const bool narrows = c.dtype == a.dtype;
  if (a.dtype == HY_DTYPE_F16)
    run_through_f32(loop, a.as<const F16>() + a_at, a_step, b.as<const F16>() + b_at, b_step, to,
                    narrows, n);
  else if (a.dtype == HY_DTYPE_BF16)
    run_through_f32(loop, a.as<const BF16>() + a_at, a_step, b.as<const BF16>() + b_at, b_step, to,
                    narrows, n);
  else
    loop(a.as<const char>() + a_at * size, a_step, b.as<const char>() + b_at * size, b_step, to, n);
}

void run_in_place(BinaryLoop loop, const Broadcast& broadcast, const Tensor& a, const Tensor& b,
                  const Tensor& c, int64_t begin, int64_t end) {
  broadcast.for_each_run(begin, end, [&](int64_t at, int64_t n, const auto& from) {
    run_one(loop, a, from[0], broadcast.step(0), b, from[1], broadcast.step(1), c, at, n);
  });
}

/// For short runs, whose loops would cost more to start than to run: blocks of several runs, with the
/// operands that broadcast written out.
void run_gathered(BinaryLoop loop, const Broadcast& broadcast, const Tensor& a, const Tensor& b,
                  const Tensor& c, int64_t begin, int64_t end) {
  alignas(64) std::byte memory[2][kGathered * sizeof(uint64_t)];
  const Tensor* const operands[] = {&a, &b};
  Tensor blocks[] = {a, b};
  const size_t size = dtype_bits(a.dtype) / 8;
  const int64_t whole_runs = kGathered / broadcast.run() * broadcast.run();
  for (int64_t at = begin; at < end; at += whole_runs) {
    const int64_t n = std::min(whole_runs, end - at);
    int64_t from[2] = {at, at};
    for (size_t k = 0; k < 2; ++k) {
      if (operands[k]->count() == c.count()) continue;  // walks with the result
      from[k] = 0;
      blocks[k].data = memory[k];
      if (at == begin || !broadcast.repeats(k))
        broadcast.gather(k, operands[k]->data, size, at, at + n, memory[k]);
    }
    run_one(loop, blocks[0], from[0], 1, blocks[1], from[1], 1, c, at, n);
  }
}

// Integers wrap around, as unsigned ones do; signed overflow is not defined in the language.
#define HALYARD_CPU_BINARY(Name, op)                                                 \
  struct Name {                                                                      \
    template <class T>                                                               \
    HALYARD_CPU_INLINE static T apply(T a, T b) {                                    \
      if constexpr (std::is_floating_point_v<T>)                                     \
        return a op b;                                                               \
      else                                                                           \
        return static_cast<T>(static_cast<uint64_t>(a) op static_cast<uint64_t>(b)); \
    }                                                                                \
  }
HALYARD_CPU_BINARY(Add, +);
HALYARD_CPU_BINARY(Sub, -);
HALYARD_CPU_BINARY(Mul, *);
#undef HALYARD_CPU_BINARY

// Integers: towards zero; by zero is zero, and the least one by -1 is itself.
struct Div {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
      return a / b;
    } else {
      if (b == 0) return 0;
      if constexpr (std::is_signed_v<T>)
        if (b == -1) return Sub::apply(T{0}, a);
      return static_cast<T>(a / b);
    }
  }
};
// fmod=1: the sign of the dividend. By zero: NaN, or 0 of integers.
struct FMod {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
      return std::fmod(a, b);
    } else {
      if (b == 0) return 0;
      if constexpr (std::is_signed_v<T>)
        if (b == -1) return 0;
      return static_cast<T>(a % b);
    }
  }
};
// fmod=0: the sign of the divisor.
struct Mod {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T a, T b) {
    const T r = FMod::apply(a, b);
    if constexpr (std::is_unsigned_v<T>)
      return r;
    else
      return r != 0 && (r < 0) != (b < 0) ? static_cast<T>(r + b) : r;
  }
};
struct PRelu {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, T slope) {
    const T below = Mul::apply(x, slope);
    return x < T{0} ? below : x;
  }
};

constexpr BinaryOp kOps[] = {
    {"Add", numeric_binary_loop<Add>}, {"Sub", numeric_binary_loop<Sub>},
    {"Mul", numeric_binary_loop<Mul>}, {"Div", numeric_binary_loop<Div>},
    {"Mod", numeric_binary_loop<Mod>}, {"PRelu", numeric_binary_loop<PRelu>},
};
constexpr BinaryOp kFMod = {"Mod", numeric_binary_loop<FMod>};

class BinaryKernel final : public Kernel {
 public:
  explicit BinaryKernel(const BinaryOp& op)
      : op_(op), first_gives_dims_(std::string_view(op.name) == "PRelu") {}
  Layouts layouts() const override { return Layouts::kPointwise; }
  Status run(Context& context) const override {
    const Tensor &a = *context.input(0), &b = *context.input(1);
    HY_RETURN_IF_ERROR(check_same_type(a, b));
    const Tensor* const both[] = {&a, &b};
    HY_ASSIGN_OR_RETURN(const Dims dims, broadcast_dims(both));
    if (first_gives_dims_ && dims != a.dims)
      return mismatch("slope " + dims_text(b.dims) + " does not broadcast to X " +
                      dims_text(a.dims));
    HY_ASSIGN_OR_RETURN(const Tensor c, context.output_over(0, a.dtype, dims, {0, 1}));
    return run_binary(context, op_, a, b, c);
  }

 private:
  const BinaryOp& op_;
  const bool first_gives_dims_;
};

Result<std::unique_ptr<Kernel>> create(const Node& node, CompileContext&) {
  const bool fmod = node.op() == "Mod" && node.attr_int("fmod") != 0;
  return std::unique_ptr<Kernel>(
      std::make_unique<BinaryKernel>(fmod ? kFMod : row_of(kOps, node.op())));
}

constexpr auto kEntries = entries_of(kOps, create);

}  // namespace

Status check_same_type(const Tensor& a, const Tensor& b) {
  if (a.dtype == b.dtype) return {};
  return mismatch(std::string("operands of one type are ") + dtype_name(a.dtype) + " and " +
                  dtype_name(b.dtype));
}

Status run_binary(Context& context, const BinaryOp& op, const Tensor& first, const Tensor& second,
                  const Tensor& c) {
  const Tensor &a = op.swaps ? second : first, &b = op.swaps ? first : second;
  const bool half = a.dtype == HY_DTYPE_F16 || a.dtype == HY_DTYPE_BF16;
  const BinaryLoop loop = op.loop(half ? static_cast<uint32_t>(HY_DTYPE_F32) : a.dtype);
  if (loop == nullptr) return no_kernel_for(a.dtype);
  const Tensor* const both[] = {&a, &b};
  const Broadcast broadcast(both, c.dims);
  const bool short_runs = broadcast.run() < kShortRun && c.count() > kShortRun;
  parallel_for(context.threads(), c.count(), kGrain, [&](int64_t begin, int64_t end) {
    const auto run = short_runs ? run_gathered : run_in_place;
    run(loop, broadcast, a, b, c, begin, end);
  });
  return {};
}

std::span<const KernelEntry> elementwise_binary_kernels() { return kEntries; }

}  // namespace halyard::cpu
