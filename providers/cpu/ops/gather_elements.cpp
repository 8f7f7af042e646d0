// GatherElements, ScatterElements: one index an element, along one axis.
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/scatter_reduction.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/placement.hpp"
#include "providers/cpu/strided_copy.hpp"

namespace halyard::cpu {

namespace {

/// Where the elements of `indices` lie in `data`: the same positions, but on the axis.
class AxisWalk {
 public:
  static Result<AxisWalk> make(const Tensor& data, const Tensor& indices, int64_t given) {
    AxisWalk w;
    HY_ASSIGN_OR_RETURN(w.axis_, normal_axis(given, data.rank()));
    if (data.rank() != indices.rank())
      return mismatch("data " + dims_text(data.dims) + " and indices " + dims_text(indices.dims) +
                      " have other ranks");
    for (int64_t d = 0; d < data.rank(); ++d)
      if (d != w.axis_ && indices.dim(d) > data.dim(d))
        return mismatch("indices " + dims_text(indices.dims) + " reach past data " +
                        dims_text(data.dims) + " on axis " + std::to_string(d));
    w.size_ = data.dim(w.axis_);
    w.dims_ = indices.dims;
    w.strides_ = strides_of(data.dims);
    w.indices_ = &indices;
    return w;
  }
  Status check() const {
    for (int64_t i = 0; i < indices_->count(); ++i) {
      const int64_t index = indices_->index_at(i);
      if (index < -size_ || index >= size_)
        return invalid_argument("index " + std::to_string(index) + " (at position " +
                                std::to_string(i) + " of indices) is outside axis " +
                                std::to_string(axis_) + ", which has size " +
                                std::to_string(size_));
    }
    return {};
  }
  /// The element of data for element i of indices.
  int64_t at(int64_t i) const {
    const int64_t index = indices_->index_at(i);
    int64_t out = (index < 0 ? index + size_ : index) * strides_[static_cast<size_t>(axis_)];
    for (size_t d = dims_.size(); d-- > 0; i /= dims_[d])
      if (static_cast<int64_t>(d) != axis_) out += i % dims_[d] * strides_[d];
    return out;
  }

 private:
  int64_t axis_ = 0, size_ = 0;
  Dims dims_, strides_;
  const Tensor* indices_ = nullptr;
};

class GatherElements final : public Kernel {
 public:
  explicit GatherElements(const Node& node) : axis_(node.attr_int("axis")) {}
  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &indices = *context.input(1);
    HY_ASSIGN_OR_RETURN(const AxisWalk walk, AxisWalk::make(x, indices, axis_));
    HY_RETURN_IF_ERROR(walk.check());
    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(0));
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, x.dtype, indices.dims));
    const size_t bytes = Placement::element_bytes(from);
    parallel_for(context.threads(), indices.count(), 1 << 14, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        std::memcpy(to.as<char>() + static_cast<size_t>(i) * bytes,
                    from.as<const char>() + static_cast<size_t>(walk.at(i)) * bytes, bytes);
    });
    return place.finish();
  }

 private:
  const int64_t axis_;
};

class ScatterElements final : public Kernel {
 public:
  explicit ScatterElements(const Node& node)
      : axis_(node.attr_int("axis")), reduction_(reduction_of(node)) {}
  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &indices = *context.input(1);
    const Tensor& updates = *context.input(2);
    HY_ASSIGN_OR_RETURN(const AxisWalk walk, AxisWalk::make(x, indices, axis_));
    if (updates.dims != indices.dims)
      return mismatch("updates " + dims_text(updates.dims) + " and indices " +
                      dims_text(indices.dims) + " have other dims");
    HY_RETURN_IF_ERROR(walk.check());
    return scatter(context, reduction_, 1, indices.count(), [&](int64_t i) { return walk.at(i); });
  }

 private:
  const int64_t axis_;
  const Reduction reduction_;
};

constexpr KernelEntry kRows[] = {
    {"GatherElements", create_kernel<GatherElements>, supports_movable},
    {"ScatterElements", create_kernel<ScatterElements>, supports_scatter}};

}  // namespace

std::span<const KernelEntry> gather_elements_kernels() { return kRows; }

}  // namespace halyard::cpu
