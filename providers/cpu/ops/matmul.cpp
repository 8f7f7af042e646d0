// MatMul, by the rules of numpy.matmul.
#include <algorithm>

#include "providers/cpu/float_io.hpp"
#include "providers/cpu/matrix_product.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

bool is_16_bit_float(uint32_t dtype) { return dtype == HY_DTYPE_F16 || dtype == HY_DTYPE_BF16; }

/// Both operands as batches of matrices, and the result's dims.
struct Plan {
  ProductShape shape;
  Dims y_dims, a_offsets, b_offsets;  // an offset a batch
};

/// For each batch of `batch` dims the first element of the operand with these batch dims.
Dims offsets_of(std::span<const int64_t> dims, std::span<const int64_t> batch, int64_t matrix) {
  Dims out(static_cast<size_t>(count_of(batch)));
  for (size_t i = 0; i < out.size(); ++i) {
    int64_t rest = static_cast<int64_t>(i), offset = 0, stride = matrix;
    for (size_t a = 0; a < batch.size(); ++a) {
      const int64_t extent = batch[batch.size() - 1 - a], position = rest % extent;
      rest /= extent;
      if (a >= dims.size()) continue;
      const int64_t own = dims[dims.size() - 1 - a];
      if (own != 1) offset += position * stride;
      stride *= own;
    }
    out[i] = offset;
  }
  return out;
}

Result<Plan> make_plan(const Tensor& a, const Tensor& b) {
  if (a.rank() == 0 || b.rank() == 0) return mismatch("an operand is a scalar");
  Dims a_dims = a.dims, b_dims = b.dims;
  if (a.rank() == 1) a_dims.insert(a_dims.begin(), 1);
  if (b.rank() == 1) b_dims.push_back(1);
  Plan p;
  p.shape = {a_dims[a_dims.size() - 2], b_dims.back(), a_dims.back()};
  const auto a_batch = std::span<const int64_t>(a_dims).first(a_dims.size() - 2);
  const auto b_batch = std::span<const int64_t>(b_dims).first(b_dims.size() - 2);
  bool fits = b_dims[b_dims.size() - 2] == p.shape.k;
  Dims batch(std::max(a_batch.size(), b_batch.size()), 1);
  for (size_t i = 0; i < batch.size(); ++i) {
    const int64_t l = i < a_batch.size() ? a_batch[a_batch.size() - 1 - i] : 1;
    const int64_t r = i < b_batch.size() ? b_batch[b_batch.size() - 1 - i] : 1;
    fits = fits && (l == r || l == 1 || r == 1);
    batch[batch.size() - 1 - i] = l == 1 ? r : l;
  }
  if (!fits) return mismatch("A is " + dims_text(a.dims) + " and B is " + dims_text(b.dims));
  p.y_dims = batch;
  if (a.rank() > 1) p.y_dims.push_back(p.shape.m);
  if (b.rank() > 1) p.y_dims.push_back(p.shape.n);
  // One matrix on the right for all on the left is one product with more rows.
  if (count_of(b_batch) == 1 && count_of(a_batch) == count_of(batch)) {
    p.shape.m *= count_of(batch);
    batch.clear();
    p.a_offsets = p.b_offsets = Dims{0};
  } else {
    p.a_offsets = offsets_of(a_batch, batch, p.shape.m * p.shape.k);
    p.b_offsets = offsets_of(b_batch, batch, p.shape.k * p.shape.n);
  }
  return p;
}

class MatMul final : public Kernel {
 public:
  /// widened: of a constant B of 16-bit floats; else empty.
  explicit MatMul(std::vector<float> widened) : widened_(std::move(widened)) {}

  Status run(Context& context) const override {
    const Tensor &a = *context.input(0), &b = *context.input(1);
    HY_ASSIGN_OR_RETURN(const Plan p, make_plan(a, b));
    if (a.dtype != HY_DTYPE_F32 && !is_16_bit_float(a.dtype)) {
      HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, a.dtype, p.y_dims));
      return multiply_reference(context.threads(), a.dtype, p.shape, p.a_offsets, a.data,
                                p.b_offsets, b.data, y.data);
    }
    HY_ASSIGN_OR_RETURN(const float* left, read_f32(context, a));
    const float* right = widened_.data();
    if (widened_.empty()) {
      HY_ASSIGN_OR_RETURN(right, read_f32(context, b));
    }
    HY_ASSIGN_OR_RETURN(const F32Output y, F32Output::make(context, 0, a.dtype, p.y_dims));
    HY_RETURN_IF_ERROR(
        multiply_f32(context.threads(), p.shape, p.a_offsets, left, p.b_offsets, right, y.data()));
    y.finish(context);
    return {};
  }

 private:
  const std::vector<float> widened_;
};

Result<std::unique_ptr<Kernel>> create(const Node& node, CompileContext& context) {
  HY_ASSIGN_OR_RETURN(const auto b, context.known(node, 1));
  std::vector<float> widened;
  if (b && is_16_bit_float(b->dtype)) read_f32(*b, &widened);
  return std::unique_ptr<Kernel>(std::make_unique<MatMul>(std::move(widened)));
}

Verdict supports(const Node& node) {
  for (uint32_t i : {0u, 1u}) {
    const Value v = node.input(i);
    if (v.has_rank() && v.rank() == 0)
      return reject(Reason::rank).operand(i).got(0).limit("at least 1");
  }
  return accept();
}

double operations(const Node& node) {
  const Value a = node.input(0), y = node.output(0);
  if (!a.is_static() || !y.is_static() || a.rank() == 0) return -1;
  double n = 2 * static_cast<double>(a.dim(a.rank() - 1).value());
  for (int64_t d : y.dims()) n *= static_cast<double>(d);
  return n;
}

constexpr KernelEntry kRows[] = {{"MatMul", create, supports, operations}};

}  // namespace

std::span<const KernelEntry> matmul_kernels() { return kRows; }

}  // namespace halyard::cpu
