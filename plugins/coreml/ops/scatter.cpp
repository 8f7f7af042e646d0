// Elements picked by indices, and written at them.
#include <numeric>

#include "ops/table.hpp"

namespace halyard::coreml {
namespace {

/// With batch dims: a tuple of one index, after the dims of the batch were brought before the axis.
void gather_batched(Op& op, int64_t axis, int64_t batch) {
  const Type x = op.type_of("x"), indices = op.type_of("indices");
  Ints perm;
  for (int64_t i = 0; i < batch; ++i) perm.push_back(i);
  perm.push_back(axis);
  for (int64_t i = batch; i < x.rank(); ++i)
    if (i != axis) perm.push_back(i);
  const uint32_t from = axis == batch ? op.x("x") : op.transpose(op.x("x"), perm);
  const uint32_t tuples = op.unsqueeze(op.index("indices"), {indices.rank()});
  const uint32_t y = op.emit("GatherND", {from, tuples}, {{"batch_dims", batch}});
  if (axis == batch) return op.give(0, y);
  // y: batch, indices after the batch, dims between, dims after. The dims between go before the indices.
  const int64_t picked = indices.rank() - batch, between = axis - batch;
  Ints back;
  for (int64_t i = 0; i < batch; ++i) back.push_back(i);
  for (int64_t i = 0; i < between; ++i) back.push_back(batch + picked + i);
  for (int64_t i = 0; i < picked; ++i) back.push_back(batch + i);
  for (int64_t i = batch + picked + between; i < x.rank() - 1 + picked; ++i) back.push_back(i);
  op.give(0, op.transpose(y, back));
}

void gather(Op& op) {
  const int64_t axis = op.axis("axis", 0, op.rank("x")), batch = op.integer("batch_dims", 0);
  if (batch > 0) return gather_batched(op, axis, batch);
  op.finish("Gather", {op.x("x"), op.index("indices")}, {{"axis", axis}});
}

void gather_along_axis(Op& op) {
  op.finish("GatherElements", {op.x("x"), op.index("indices")},
            {{"axis", op.axis("axis", 0, op.rank("x"))}});
}

void gather_nd(Op& op) {
  op.finish("GatherND", {op.x("x"), op.index("indices")},
            {{"batch_dims", op.integer("batch_dims", 0)}});
}

/// The operator set adds, multiplies, and takes the larger or smaller one; the rest is turned into those.
std::string reduction(Op& op, uint32_t* updates) {
  const std::string mode = op.word("mode", "add");
  if (mode == "update") return "none";
  if (mode == "add" || mode == "mul" || mode == "max" || mode == "min") return mode;
  if (mode == "sub") {
    *updates = op.emit("Neg", {*updates});
    return "add";
  }
  if (mode == "div") {
    *updates = op.emit("Reciprocal", {*updates});
    return "mul";
  }
  op.refuse("mode \"" + mode + "\"");
  return "none";
}

/// From iOS 17 on indices are checked where the program asks for it; otherwise those outside mean the nearest ones inside.
uint32_t index_within(Op& op, const Ints& axes) {
  const uint32_t at = op.index("indices");
  if (op.opset() < "CoreML7" || op.flag("validate_indices", false)) return at;
  const Type data = op.type_of("data");
  Ints low, high;
  for (const int64_t a : axes) {
    const int64_t d = data.dims[static_cast<size_t>(a)];
    if (d == kUnknownDim || d == 0) return at;
    low.push_back(-d);
    high.push_back(d - 1);
  }
  return op.emit("Max", {op.emit("Min", {op.cast(at, HY_DTYPE_I64), op.list(high)}), op.list(low)});
}

/// Whole slices at indices of one dim.
void scatter(Op& op) {
  const int64_t rank = op.rank("data"), axis = op.axis("axis", 0, rank);
  if (op.rank("indices") != 1)
    return op.refuse("indices of rank " + std::to_string(op.rank("indices")));
  uint32_t updates = op.x("updates");
  Ints dims(static_cast<size_t>(rank), 1);
  dims[static_cast<size_t>(axis)] = -1;
  const uint32_t at =
      op.emit("Expand", {op.reshape(index_within(op, {axis}), dims), op.emit("Shape", {updates})});
  std::string mode = reduction(op, &updates);
  op.finish("ScatterElements", {op.x("data"), at, updates},
            {{"axis", axis}, {"reduction", std::move(mode)}});
}

void scatter_along_axis(Op& op) {
  const int64_t axis = op.axis("axis", 0, op.rank("data"));
  uint32_t updates = op.x("updates");
  std::string mode = reduction(op, &updates);
  op.finish("ScatterElements", {op.x("data"), index_within(op, {axis}), updates},
            {{"axis", axis}, {"reduction", std::move(mode)}});
}

void scatter_nd(Op& op) {
  uint32_t updates = op.x("updates");
  std::string mode = reduction(op, &updates);
  const Type indices = op.type_of("indices");
  if (indices.dims.empty() || indices.dims.back() == kUnknownDim ||
      indices.dims.back() > op.rank("data"))
    return op.refuse("indices that are no tuples of a known length");
  Ints axes(static_cast<size_t>(indices.dims.back()));
  std::iota(axes.begin(), axes.end(), 0);
  op.finish("ScatterND", {op.x("data"), index_within(op, axes), updates},
            {{"reduction", std::move(mode)}});
}

constexpr Rule kRules[] = {
    {"gather", gather},   {"gather_along_axis", gather_along_axis},   {"gather_nd", gather_nd},
    {"scatter", scatter}, {"scatter_along_axis", scatter_along_axis}, {"scatter_nd", scatter_nd},
};

}  // namespace

std::span<const Rule> scatter_rules() { return kRules; }

}  // namespace halyard::coreml
