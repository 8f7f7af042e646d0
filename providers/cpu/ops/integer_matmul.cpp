// MatMulInteger and QLinearMatMul, by the rules of numpy.matmul.
#include <algorithm>
#include <cmath>
#include <string>

#include "providers/cpu/broadcast.hpp"
#include "providers/cpu/integer_product.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/quantized.hpp"
#include "providers/cpu/requantize.hpp"

namespace halyard::cpu {

namespace {

/// One row of zero points or scales for all, or one an index.
Status check_parameters(const Tensor* t, int64_t length, const char* what) {
  if (t == nullptr || t->count() == 1 || t->count() == length) return {};
  return mismatch(std::string("operand ") + what + " has the dims " + dims_text(t->dims) +
                  "; it has one element, or " + std::to_string(length));
}

struct Operands {
  const Tensor *a, *a_zero, *b, *b_zero;
};

struct Product {
  Dims dims;
  int64_t batches = 1, m = 1, n = 1;
  const int32_t* sums = nullptr;  // [batches, m, n]
};

Result<Product> multiply(Context& context, const Operands& o) {
  if (o.a->rank() == 0 || o.b->rank() == 0) return mismatch("an operand is a scalar");
  Dims a_dims = o.a->dims, b_dims = o.b->dims;
  if (o.a->rank() == 1) a_dims.insert(a_dims.begin(), 1);
  if (o.b->rank() == 1) b_dims.push_back(1);
  const int64_t m = a_dims[a_dims.size() - 2], k = a_dims.back(), n = b_dims.back();
  if (b_dims[b_dims.size() - 2] != k)
    return mismatch("A is " + dims_text(o.a->dims) + " and B is " + dims_text(o.b->dims));
  const Tensor a_batch{HY_DTYPE_U8,
                       Dims(std::span<const int64_t>(a_dims).first(a_dims.size() - 2))},
      b_batch{HY_DTYPE_U8, Dims(std::span<const int64_t>(b_dims).first(b_dims.size() - 2))};
  const Tensor* both[] = {&a_batch, &b_batch};
  HY_ASSIGN_OR_RETURN(const Dims batch, broadcast_dims(both));
  HY_RETURN_IF_ERROR(check_parameters(o.a_zero, m, "a_zero_point"));
  HY_RETURN_IF_ERROR(check_parameters(o.b_zero, n, "b_zero_point"));

  Product p;
  p.dims = batch;
  if (o.a->rank() > 1) p.dims.push_back(m);
  if (o.b->rank() > 1) p.dims.push_back(n);
  p.batches = count_of(batch);
  p.m = m;
  p.n = n;
  const int64_t a_count = count_of(a_batch.dims), b_count = count_of(b_batch.dims);
  HY_ASSIGN_OR_RETURN(void* a_memory, context.scratch(static_cast<size_t>(a_count * m * k) * 2));
  HY_ASSIGN_OR_RETURN(void* b_memory, context.scratch(static_cast<size_t>(b_count * n * k) * 2));
  HY_ASSIGN_OR_RETURN(void* c_memory, context.scratch(static_cast<size_t>(p.batches * m * n) * 4));
  auto *a = static_cast<int16_t*>(a_memory), *b = static_cast<int16_t*>(b_memory);
  auto* c = static_cast<int32_t*>(c_memory);
  for (int64_t r = 0; r < a_count * m; ++r)
    shift_to_i16(*o.a, r * k, 1, byte_at(o.a_zero, m == 0 ? 0 : r % m), k, a + r * k);
  for (int64_t i = 0; i < b_count; ++i)
    for (int64_t j = 0; j < n; ++j)
      shift_to_i16(*o.b, i * k * n + j, n, byte_at(o.b_zero, j), k, b + (i * n + j) * k);

  const Broadcast walk(both, batch);
  walk.for_each_run(0, p.batches, [&](int64_t at, int64_t count, const auto& offsets) {
    for (int64_t i = 0; i < count; ++i)
      multiply_i16(context.threads(), m, n, k, a + (offsets[0] + i * walk.step(0)) * m * k,
                   b + (offsets[1] + i * walk.step(1)) * n * k, c + (at + i) * m * n, n);
  });
  p.sums = c;
  return p;
}

const Tensor* optional_input(Context& context, uint32_t i) {
  return i < context.input_count() ? context.input(i) : nullptr;
}

class MatMulInteger final : public Kernel {
 public:
  explicit MatMulInteger(const Node&) {}
  Status run(Context& context) const override {
    HY_ASSIGN_OR_RETURN(const Product p,
                        multiply(context, {context.input(0), optional_input(context, 2),
                                           context.input(1), optional_input(context, 3)}));
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_I32, p.dims));
    std::copy_n(p.sums, y.count(), y.as<int32_t>());
    return {};
  }
};

class QLinearMatMul final : public Kernel {
 public:
  explicit QLinearMatMul(const Node&) {}
  Status run(Context& context) const override {
    const Tensor &a_scale = *context.input(1), &b_scale = *context.input(4),
                 &y_scale = *context.input(6), &y_zero = *context.input(7);
    HY_ASSIGN_OR_RETURN(const Product p, multiply(context, {context.input(0), context.input(2),
                                                            context.input(3), context.input(5)}));
    HY_RETURN_IF_ERROR(check_parameters(&a_scale, p.m, "a_scale"));
    HY_RETURN_IF_ERROR(check_parameters(&b_scale, p.n, "b_scale"));
    if (y_scale.count() != 1 || y_zero.count() != 1)
      return mismatch("operands y_scale and y_zero_point have the dims " + dims_text(y_scale.dims) +
                      " and " + dims_text(y_zero.dims) + "; they have one element");
    HY_ASSIGN_OR_RETURN(const float* a_scales, read_as_f32(context, a_scale));
    HY_ASSIGN_OR_RETURN(const float* b_scales, read_as_f32(context, b_scale));
    HY_ASSIGN_OR_RETURN(const float* to_scale, read_as_f32(context, y_scale));
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, y_zero.dtype, p.dims));
    const int32_t zero = byte_at(&y_zero, 0);
    for (int64_t r = 0; r < p.batches * p.m; ++r) {
      const float a = a_scales[a_scale.count() == 1 ? 0 : r % p.m];
      const int64_t at = r * p.n;
      if (b_scale.count() == 1) {
        requantize(p.sums + at, p.n, a * b_scales[0] / *to_scale, zero, y, at);
        continue;
      }
      for (int64_t j = 0; j < p.n; ++j)
        requantize(p.sums + at + j, 1, a * b_scales[j] / *to_scale, zero, y, at + j);
    }
    return {};
  }
};

Verdict supports(const Node& node) {
  for (uint32_t i : {0u, 3u})
    if (const uint32_t dtype = node.input(i).dtype();
        dtype != HY_DTYPE_UNDEFINED && dtype != HY_DTYPE_I8 && dtype != HY_DTYPE_U8)
      return reject(Reason::dtype).operand(i).got(dtype_name(dtype)).limit("i8 or u8");
  return accept();
}

constexpr KernelEntry kRows[] = {
    {"MatMulInteger", create_kernel<MatMulInteger>},
    {"QLinearMatMul", create_kernel<QLinearMatMul>, supports},
};

}  // namespace

std::span<const KernelEntry> integer_matmul_kernels() { return kRows; }

}  // namespace halyard::cpu
