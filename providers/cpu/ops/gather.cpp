// Gather along one axis. Negative indices count from the end.
#include <cstring>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/placement.hpp"

namespace halyard::cpu {

namespace {

class Gather final : public Kernel {
 public:
  explicit Gather(const Node& node) : axis_(node.attr_int("axis")) {}
  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &indices = *context.input(1);
    HY_ASSIGN_OR_RETURN(const int64_t axis, normal_axis(axis_, x.rank()));
    Dims dims(x.dims.begin(), x.dims.begin() + axis);
    dims.insert(dims.end(), indices.dims.begin(), indices.dims.end());
    dims.insert(dims.end(), x.dims.begin() + axis + 1, x.dims.end());
    HY_RETURN_IF_ERROR(check_dims(dims));
    HY_RETURN_IF_ERROR(check_indices(indices, axis, x.dim(axis)));

    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(0));
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, x.dtype, dims));
    const int64_t row =
        product(x.dims, axis + 1, x.rank()) * static_cast<int64_t>(Placement::element_bytes(from));
    copy_rows(context.threads(), from, indices, x.dim(axis), product(x.dims, 0, axis), row, to);
    return place.finish();
  }

 private:
  static Status check_indices(const Tensor& indices, int64_t axis, int64_t size) {
    for (int64_t i = 0; i < indices.count(); ++i) {
      const int64_t index = indices.index_at(i);
      if (index < -size || index >= size)
        return invalid_argument("index " + std::to_string(index) + " (at position " +
                                std::to_string(i) + " of indices) is outside axis " +
                                std::to_string(axis) + ", which has size " + std::to_string(size));
    }
    return {};
  }

  /// Rows of row_bytes bytes, from an array [outer, size, row] to [outer, indices, row].
  static void copy_rows(int threads, const Tensor& from, const Tensor& indices, int64_t size,
                        int64_t outer, int64_t row_bytes, const Tensor& to) {
    const int64_t n = indices.count();
    if (row_bytes == 0 || n == 0) return;
    const int64_t grain = std::max<int64_t>(1, (1 << 17) / row_bytes);
    parallel_for(threads, outer * n, grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t index = indices.index_at(i % n);
        const int64_t row = i / n * size + (index < 0 ? index + size : index);
        const char* source = from.as<const char>() + row * row_bytes;
        char* target = to.as<char>() + i * row_bytes;
        if (row_bytes == 4)
          std::memcpy(target, source, 4);  // one move each, without a call
        else if (row_bytes == 8)
          std::memcpy(target, source, 8);
        else
          std::memcpy(target, source, static_cast<size_t>(row_bytes));
      }
    });
  }

  const int64_t axis_;
};

constexpr KernelEntry kEntries[] = {{"Gather", create_kernel<Gather>, supports_movable}};

}  // namespace

std::span<const KernelEntry> gather_kernels() { return kEntries; }

}  // namespace halyard::cpu
