// Slices, read and replaced.
#include "ops/table.hpp"

namespace halyard::coreml {
namespace {

constexpr int64_t kFar = INT64_MAX;

/// The operands of Slice, in the order that it has them.
struct Bounds {
  uint32_t starts = HY_NONE, ends = HY_NONE, axes = HY_NONE, steps = HY_NONE;
  Ints squeezed;  // axes that go
};

/// Constant masks and strides, begin and end constant or not.
Bounds bounds_of(Op& op, const char* of) {
  const int64_t rank = op.rank(of);
  const auto n = static_cast<size_t>(rank);
  const Ints none(n, 0), stride = op.ints_or("stride", Ints(n, 1));
  const Ints begin_mask = op.ints_or("begin_mask", none), end_mask = op.ints_or("end_mask", none);
  const Ints squeeze = op.ints_or("squeeze_mask", none);
  Bounds out;
  for (size_t i = 0; i < n; ++i)
    if (squeeze[i] != 0) out.squeezed.push_back(static_cast<int64_t>(i));
  Ints axes(n), steps = stride;
  for (size_t i = 0; i < n; ++i) axes[i] = static_cast<int64_t>(i);
  for (const int64_t a : out.squeezed) steps[static_cast<size_t>(a)] = 1;
  out.axes = op.list(axes);
  out.steps = op.list(steps);
  if (begin_mask.size() != n || end_mask.size() != n || squeeze.size() != n || stride.size() != n) {
    op.fail(invalid_model("masks or strides that are not as long as the rank"));
    return out;
  }
  const auto far_begin = [&](size_t i) { return steps[i] < 0 ? kFar : 0; };
  const auto far_end = [&](size_t i) { return steps[i] < 0 ? INT64_MIN : kFar; };
  if (op.is_constant("begin") && op.is_constant("end")) {
    Ints from = op.ints_or("begin", none), to = op.ints_or("end", none);
    if (from.size() != n || to.size() != n) {
      op.fail(invalid_model("begin or end is not as long as the rank"));
      return out;
    }
    for (size_t i = 0; i < n; ++i) {
      const bool single = squeeze[i] != 0;
      if (single) {
        // One element, whatever the end says; the mask of the begin still counts.
        if (begin_mask[i] != 0) from[i] = 0;
        to[i] = from[i] == -1 ? kFar : from[i] + 1;
        continue;
      }
      if (begin_mask[i] != 0) from[i] = far_begin(i);
      if (end_mask[i] != 0) to[i] = far_end(i);
    }
    out.starts = op.list(from);
    out.ends = op.list(to);
    return out;
  }
  // Computed: masked entries are replaced, entries that are squeezed end one after their begin.
  const uint32_t from = op.cast(op.x("begin"), HY_DTYPE_I64),
                 to = op.cast(op.x("end"), HY_DTYPE_I64);
  std::vector<double> replaced_from(n), replaced_to(n), single(n);
  Ints begins(n), ends(n);
  for (size_t i = 0; i < n; ++i) {
    replaced_from[i] = begin_mask[i] != 0 ? 1 : 0;
    replaced_to[i] = end_mask[i] != 0 && squeeze[i] == 0 ? 1 : 0;
    single[i] = squeeze[i] != 0 ? 1 : 0;
    begins[i] = squeeze[i] != 0 ? 0 : far_begin(i);
    ends[i] = far_end(i);
  }
  const Ints dims{rank};
  const auto mask = [&](const std::vector<double>& v) { return op.floats(HY_DTYPE_BOOL, v, dims); };
  out.starts = op.emit("Where", {mask(replaced_from), op.list(begins), from});
  const uint32_t minus_one = op.emit("Equal", {out.starts, op.list({-1})});
  const uint32_t next =
      op.emit("Where", {minus_one, op.list({kFar}), op.emit("Add", {out.starts, op.list({1})})});
  out.ends = op.emit(
      "Where", {mask(replaced_to), op.list(ends), op.emit("Where", {mask(single), next, to})});
  return out;
}

void slice_by_index(Op& op) {
  const Bounds b = bounds_of(op, "x");
  const uint32_t y = op.emit("Slice", {op.x("x"), b.starts, b.ends, b.axes, b.steps});
  if (b.squeezed.empty()) return op.give(0, y);
  op.finish("Squeeze", {y, op.list(b.squeezed)});
}

/// The slice that the bounds name becomes the update.
void slice_update(Op& op) {
  const Bounds b = bounds_of(op, "x");
  uint32_t update = op.x("update");
  if (!b.squeezed.empty()) update = op.unsqueeze(update, b.squeezed);
  op.finish("SliceUpdate", {op.x("x"), update, b.starts, b.ends, b.axes, b.steps});
}

/// A size of -1 goes to the end.
void slice_by_size(Op& op) {
  const auto n = static_cast<size_t>(op.rank("x"));
  if (op.is_constant("begin") && op.is_constant("size")) {
    const Ints from = op.ints_or("begin", Ints(n, 0)), size = op.ints_or("size", Ints(n, -1));
    Ints to;
    for (size_t i = 0; i < from.size() && i < size.size(); ++i) {
      const int64_t end = from[i] + size[i];
      to.push_back(size[i] == -1 || (from[i] < 0 && end >= 0) ? kFar : end);
    }
    return op.finish("Slice", {op.x("x"), op.list(from), op.list(to)});
  }
  const uint32_t from = op.cast(op.x("begin"), HY_DTYPE_I64);
  const uint32_t size = op.cast(op.x("size"), HY_DTYPE_I64);
  const uint32_t whole = op.emit("Equal", {size, op.list({-1})});
  const uint32_t to = op.emit("Where", {whole, op.list({kFar}), op.emit("Add", {from, size})});
  op.finish("Slice", {op.x("x"), from, to});
}

void crop(Op& op) {
  const Ints h = op.ints_or("crop_height", {0, 0}), w = op.ints_or("crop_width", {0, 0});
  const int64_t rank = op.rank("x");
  if (h.size() != 2 || w.size() != 2 || rank < 2) return op.refuse("its operands");
  const auto end = [](int64_t cut) { return cut == 0 ? kFar : -cut; };
  op.finish("Slice", {op.x("x"), op.list({h[0], w[0]}), op.list({end(h[1]), end(w[1])}),
                      op.list({rank - 2, rank - 1})});
}

constexpr Rule kRules[] = {
    {"slice_by_index", slice_by_index, "masks and strides must be constant"},
    {"slice_by_size", slice_by_size},
    {"slice_update", slice_update, "masks and strides must be constant"},
    {"crop", crop},
};

}  // namespace

std::span<const Rule> slice_rules() { return kRules; }

}  // namespace halyard::coreml
