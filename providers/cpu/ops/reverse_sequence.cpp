// ReverseSequence, TensorScatter: rows along time, each batch entry with a position of its own.
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/placement.hpp"

namespace halyard::cpu {

namespace {

class ReverseSequence final : public Kernel {
 public:
  explicit ReverseSequence(const Node& node)
      : batch_axis_(node.attr_int("batch_axis", 1)), time_axis_(node.attr_int("time_axis")) {}
  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &lengths = *context.input(1);
    if (x.rank() < 2 || lengths.rank() != 1 || lengths.count() != x.dim(batch_axis_))
      return mismatch("X " + dims_text(x.dims) + " and sequence_lens " + dims_text(lengths.dims) +
                      " have other batches");
    const int64_t times = x.dim(time_axis_);
    for (int64_t i = 0; i < lengths.count(); ++i)
      if (lengths.index_at(i) < 0 || lengths.index_at(i) > times)
        return invalid_argument("sequence_lens holds " + std::to_string(lengths.index_at(i)) +
                                "; a sequence of " + dims_text(x.dims) + " has 0 to " +
                                std::to_string(times) + " steps");
    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(0));
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, x.dtype, x.dims));
    const size_t row =
        static_cast<size_t>(product(x.dims, 2, x.rank())) * Placement::element_bytes(from);
    const int64_t batches = x.dim(batch_axis_);
    const auto at = [&](int64_t batch, int64_t time) {
      return static_cast<size_t>(time_axis_ == 0 ? time * batches + batch : batch * times + time) *
             row;
    };
    parallel_for(context.threads(), batches * times, 256, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end && row != 0; ++i) {
        const int64_t batch = i / times, time = i % times, length = lengths.index_at(batch);
        std::memcpy(to.as<char>() + at(batch, time),
                    from.as<const char>() + at(batch, time < length ? length - 1 - time : time),
                    row);
      }
    });
    return place.finish();
  }

 private:
  const int64_t batch_axis_, time_axis_;
};

Verdict supports_reverse(const Node& node) {
  const int64_t batch = node.attr_int("batch_axis", 1), time = node.attr_int("time_axis");
  if (batch + time != 1 || batch * time != 0)
    return reject(Reason::attribute)
        .got("batch_axis=" + std::to_string(batch) + ", time_axis=" + std::to_string(time))
        .limit("0 and 1");
  return supports_movable(node);
}

/// The cache of a decoder: the update goes in from each entry's write index on, around the end where circular.
class TensorScatter final : public Kernel {
 public:
  explicit TensorScatter(const Node& node)
      : axis_(node.attr_int("axis", -2)), circular_(node.attr_string("mode") == "circular") {}
  Status run(Context& context) const override {
    const Tensor &past = *context.input(0), &update = *context.input(1);
    HY_ASSIGN_OR_RETURN(const int64_t axis, normal_axis(axis_, past.rank()));
    bool fits = axis > 0 && past.rank() == update.rank();
    for (int64_t d = 0; fits && d < past.rank(); ++d)
      fits = d == axis ? update.dim(d) <= past.dim(d) : update.dim(d) == past.dim(d);
    if (!fits)
      return mismatch("an update of " + dims_text(update.dims) + " does not fit a cache of " +
                      dims_text(past.dims));
    const int64_t batches = past.dim(0), size = past.dim(axis), steps = update.dim(axis);
    Dims starts(static_cast<size_t>(batches), 0);
    if (const Tensor* given = context.input(2)) {
      if (given->count() != batches)
        return mismatch("write_indices " + dims_text(given->dims) + " has not one for each of " +
                        std::to_string(batches) + " entries");
      starts = indices_of(*given);
    }
    for (int64_t start : starts)
      if (start < 0 || (circular_ ? start >= std::max<int64_t>(size, 1) : start + steps > size))
        return invalid_argument("write index " + std::to_string(start) + " with " +
                                std::to_string(steps) + " steps leaves a cache of " +
                                std::to_string(size));
    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor cache, place.source(0));
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(1));
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output_over(0, past.dtype, past.dims, 0));
    const size_t bytes = Placement::element_bytes(cache);
    if (to.data != cache.data)
      copy_bytes(context.threads(), to.data, cache.data, static_cast<size_t>(to.count()) * bytes);
    const size_t row = static_cast<size_t>(product(past.dims, axis + 1, past.rank())) * bytes;
    const int64_t middle = product(past.dims, 1, axis);
    for (int64_t i = 0; i < batches * middle && row != 0; ++i)
      for (int64_t s = 0; s < steps; ++s) {
        int64_t at = starts[static_cast<size_t>(i / middle)] + s;
        if (circular_) at %= size;
        std::memcpy(to.as<char>() + static_cast<size_t>(i * size + at) * row,
                    from.as<const char>() + static_cast<size_t>(i * steps + s) * row, row);
      }
    return place.finish();
  }

 private:
  const int64_t axis_;
  const bool circular_;
};

constexpr KernelEntry kRows[] = {
    {"ReverseSequence", create_kernel<ReverseSequence>, supports_reverse},
    {"TensorScatter", create_kernel<TensorScatter>, supports_movable}};

}  // namespace

std::span<const KernelEntry> reverse_sequence_kernels() { return kRows; }

}  // namespace halyard::cpu
