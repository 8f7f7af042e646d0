// MaxUnpool: each maximum back to where MaxPool found it, zeros elsewhere.
#include <algorithm>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

class MaxUnpool final : public Kernel {
 public:
  explicit MaxUnpool(const Node& node)
      : kernel_(node.attr_ints("kernel_shape")),
        strides_(node.attr_ints("strides")),
        pads_(node.attr_ints("pads")) {}

  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &indices = *context.input(1);
    if (x.dims != indices.dims)
      return mismatch("X " + dims_text(x.dims) + " and I " + dims_text(indices.dims) +
                      " must have the same dims");
    HY_ASSIGN_OR_RETURN(const Dims pooled, pooled_dims(x));
    Dims dims = pooled;
    if (const Tensor* shape = context.input_count() > 2 ? context.input(2) : nullptr) {
      HY_ASSIGN_OR_RETURN(dims, list_operand(*shape, "output_shape"));
      if (dims.size() != pooled.size())
        return mismatch("output_shape has " + std::to_string(dims.size()) +
                        " entries, X has rank " + std::to_string(x.rank()));
    }
    HY_RETURN_IF_ERROR(check_dims(pooled));
    HY_RETURN_IF_ERROR(check_dims(dims));
    return visit_float(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, dims));
      std::fill_n(y.as<T>(), y.count(), T{});
      return place(x.as<const T>(), indices.as<const int64_t>(), x.count(), pooled, dims,
                   y.as<T>());
    });
  }

 private:
  /// The dims that MaxPool had before it: the indices count in these.
  Result<Dims> pooled_dims(const Tensor& x) const {
    const size_t axes = kernel_.size();
    if (static_cast<size_t>(x.rank()) != axes + 2 ||
        (!strides_.empty() && strides_.size() != axes) ||
        (!pads_.empty() && pads_.size() != 2 * axes))
      return mismatch("X has rank " + std::to_string(x.rank()) +
                      "; attributes kernel_shape, strides and pads have " + std::to_string(axes) +
                      ", " + std::to_string(strides_.size()) + " and " +
                      std::to_string(pads_.size()) + " entries");
    Dims dims{x.dim(0), x.dim(1)};
    for (size_t i = 0; i < axes; ++i) {
      const int64_t stride = strides_.empty() ? 1 : strides_[i];
      const int64_t pads = pads_.empty() ? 0 : pads_[i] + pads_[axes + i];
      int64_t length = 0;
      if (__builtin_mul_overflow(x.dim(i + 2) - 1, stride, &length) ||
          __builtin_add_overflow(length, kernel_[i] - pads, &length))
        return invalid_argument("stride " + std::to_string(stride) + " makes axis " +
                                std::to_string(i + 2) + " longer than memory can hold");
      dims.push_back(x.dim(i + 2) == 0 ? 0 : length);
    }
    return dims;
  }

  template <class T>
  static Status place(const T* x, const int64_t* indices, int64_t n, const Dims& pooled,
                      const Dims& dims, T* y) {
    const int64_t limit = count_of(pooled);
    for (int64_t i = 0; i < n; ++i) {
      int64_t rest = indices[i];
      if (rest < 0 || rest >= limit)
        return invalid_argument("element " + std::to_string(i) + " of I is " +
                                std::to_string(rest) + "; the pooled input " + dims_text(pooled) +
                                " has " + std::to_string(limit) + " elements");
      int64_t to = 0, scale = 1;
      for (size_t axis = dims.size(); axis-- > 0; rest /= pooled[axis]) {
        const int64_t at = rest % pooled[axis];
        if (at >= dims[axis])
          return invalid_argument("element " + std::to_string(i) + " of I is " +
                                  std::to_string(indices[i]) +
                                  ", which lies outside of the output " + dims_text(dims));
        to += at * scale;
        scale *= dims[axis];
      }
      y[to] = x[i];
    }
    return {};
  }

  const std::vector<int64_t> kernel_, strides_, pads_;
};

constexpr KernelEntry kRows[] = {{"MaxUnpool", create_kernel<MaxUnpool>}};

}  // namespace

std::span<const KernelEntry> max_unpool_kernels() { return kRows; }

}  // namespace halyard::cpu
