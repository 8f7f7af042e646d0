// GatherND, ScatterND: an index tuple names a place in the leading dims.
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/scatter_reduction.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/placement.hpp"
#include "providers/cpu/strided_copy.hpp"

namespace halyard::cpu {

namespace {

/// The places that the tuples of `indices` name in data, after `batch` dims that both share.
class TupleWalk {
 public:
  static Result<TupleWalk> make(const Tensor& data, const Tensor& indices, int64_t batch) {
    TupleWalk w;
    if (indices.rank() == 0) return mismatch("indices is a scalar; its last dim is an index tuple");
    w.length_ = indices.dims.back();
    if (batch < 0 || batch >= indices.rank() || batch + w.length_ > data.rank())
      return mismatch("tuples of " + std::to_string(w.length_) + " after " + std::to_string(batch) +
                      " batch dims do not fit data " + dims_text(data.dims));
    for (int64_t d = 0; d < batch; ++d)
      if (data.dim(d) != indices.dim(d))
        return mismatch("data " + dims_text(data.dims) + " and indices " + dims_text(indices.dims) +
                        " have other batches");
    w.indices_ = &indices;
    w.tuples_ = product(indices.dims, 0, indices.rank() - 1);
    w.per_batch_ = product(indices.dims, batch, indices.rank() - 1);
    w.row_ = product(data.dims, batch + w.length_, data.rank());
    w.batch_stride_ = product(data.dims, batch, data.rank());
    const Dims strides = strides_of(data.dims);
    w.sizes_.assign(data.dims.begin() + batch, data.dims.begin() + batch + w.length_);
    w.strides_.assign(strides.begin() + batch, strides.begin() + batch + w.length_);
    return w;
  }
  int64_t tuples() const { return tuples_; }
  int64_t row() const { return row_; }
  Status check() const {
    for (int64_t i = 0; i < tuples_ * length_; ++i) {
      const int64_t index = indices_->index_at(i), size = sizes_[static_cast<size_t>(i % length_)];
      if (index < -size || index >= size)
        return invalid_argument("index " + std::to_string(index) + " (at position " +
                                std::to_string(i) +
                                " of indices) is outside its axis, which has "
                                "size " +
                                std::to_string(size));
    }
    return {};
  }
  /// The first element of tuple i's row.
  int64_t at(int64_t i) const {
    int64_t out = i / per_batch_ * batch_stride_;
    for (int64_t k = 0; k < length_; ++k) {
      const int64_t index = indices_->index_at(i * length_ + k);
      const auto d = static_cast<size_t>(k);
      out += (index < 0 ? index + sizes_[d] : index) * strides_[d];
    }
    return out;
  }

 private:
  const Tensor* indices_ = nullptr;
  int64_t length_ = 0, tuples_ = 0, per_batch_ = 1, row_ = 1, batch_stride_ = 0;
  Dims sizes_, strides_;
};

class GatherNd final : public Kernel {
 public:
  explicit GatherNd(const Node& node) : batch_(node.attr_int("batch_dims")) {}
  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &indices = *context.input(1);
    HY_ASSIGN_OR_RETURN(const TupleWalk walk, TupleWalk::make(x, indices, batch_));
    HY_RETURN_IF_ERROR(walk.check());
    Dims dims(indices.dims.begin(), indices.dims.end() - 1);
    dims.insert(dims.end(), x.dims.begin() + batch_ + indices.dims.back(), x.dims.end());
    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(0));
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, x.dtype, dims));
    const size_t bytes = Placement::element_bytes(from);
    const size_t row = static_cast<size_t>(walk.row()) * bytes;
    if (row == 0) return place.finish();
    const auto grain = std::max<int64_t>(1, (1 << 17) / static_cast<int64_t>(row));
    parallel_for(context.threads(), walk.tuples(), grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        std::memcpy(to.as<char>() + static_cast<size_t>(i) * row,
                    from.as<const char>() + static_cast<size_t>(walk.at(i)) * bytes, row);
    });
    return place.finish();
  }

 private:
  const int64_t batch_;
};

class ScatterNd final : public Kernel {
 public:
  explicit ScatterNd(const Node& node) : reduction_(reduction_of(node)) {}
  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &indices = *context.input(1);
    HY_ASSIGN_OR_RETURN(const TupleWalk walk, TupleWalk::make(x, indices, 0));
    Dims wanted(indices.dims.begin(), indices.dims.end() - 1);
    wanted.insert(wanted.end(), x.dims.begin() + indices.dims.back(), x.dims.end());
    if (context.input(2)->dims != wanted)
      return mismatch("updates " + dims_text(context.input(2)->dims) + " must have the dims " +
                      dims_text(wanted));
    HY_RETURN_IF_ERROR(walk.check());
    return scatter(context, reduction_, walk.row(), walk.tuples(),
                   [&](int64_t i) { return walk.at(i); });
  }

 private:
  const Reduction reduction_;
};

constexpr KernelEntry kRows[] = {{"GatherND", create_kernel<GatherNd>, supports_movable},
                                 {"ScatterND", create_kernel<ScatterNd>, supports_scatter}};

}  // namespace

std::span<const KernelEntry> gather_nd_kernels() { return kRows; }

}  // namespace halyard::cpu
