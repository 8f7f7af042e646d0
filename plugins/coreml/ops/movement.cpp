// What changes shapes or the order of elements.
#include <algorithm>

#include "ops/table.hpp"

namespace halyard::coreml {
namespace {

constexpr int64_t kMostBlock = int64_t{1} << 15;  // so that a square and a dim multiply

void concat(Op& op) {
  const size_t n = op.count("values");
  const int64_t rank = op.type_of("values").rank(), axis = op.axis("axis", 0, rank);
  std::vector<uint32_t> values;
  if (rank == 0) {  // scalars become a list
    for (size_t i = 0; i < n; ++i) values.push_back(op.reshape(op.x("values", i), {1}));
    return op.finish("Concat", std::move(values), {{"axis", int64_t{0}}});
  }
  if (!op.flag("interleave", false)) {
    for (size_t i = 0; i < n; ++i) values.push_back(op.x("values", i));
    return op.finish("Concat", std::move(values), {{"axis", axis}});
  }
  // a0 b0 a1 b1: side by side on a new axis, then joined with the one before it.
  for (size_t i = 0; i < n; ++i) values.push_back(op.unsqueeze(op.x("values", i), {axis + 1}));
  const uint32_t stacked = op.emit("Concat", std::move(values), {{"axis", axis + 1}});
  Ints dims = op.output_type(0).dims;
  for (int64_t i = 0; i < axis; ++i) dims[static_cast<size_t>(i)] = 0;
  dims[static_cast<size_t>(axis)] = -1;
  for (int64_t i = axis + 1; i < rank; ++i)
    if (dims[static_cast<size_t>(i)] == kUnknownDim)
      op.refuse("interleave with open dims after the axis");
  op.give(0, op.reshape(stacked, dims));
}

void stack(Op& op) {
  const int64_t rank = op.type_of("values").rank() + 1, axis = op.axis("axis", 0, rank);
  std::vector<uint32_t> values;
  for (size_t i = 0; i < op.count("values"); ++i)
    values.push_back(op.unsqueeze(op.x("values", i), {axis}));
  op.finish("Concat", std::move(values), {{"axis", axis}});
}

void split(Op& op) {
  const int64_t axis = op.axis("axis", 0, op.rank("x"));
  const size_t n = op.output_count();
  std::vector<uint32_t> out;
  if (const auto sizes = op.ints("split_sizes"); sizes && !sizes->empty())
    out = op.emit_many("Split", {op.x("x"), op.list(*sizes)}, {{"axis", axis}}, n);
  else
    out = op.emit_many("Split", {op.x("x")},
                       {{"axis", axis}, {"num_outputs", static_cast<int64_t>(n)}}, n);
  for (size_t i = 0; i < n; ++i) op.give(i, out[i]);
}

void reshape(Op& op) {
  if (op.is_constant("shape")) {
    Ints dims = op.ints_or("shape", {});
    const Type x = op.type_of("x");
    // 0 keeps a dim; those of x and of the result are counted from the end.
    const auto shift = static_cast<int64_t>(dims.size()) - x.rank();
    for (int64_t i = 0; i < std::ssize(dims) && shift != 0; ++i) {
      int64_t& d = dims[static_cast<size_t>(i)];
      if (d != 0) continue;
      d = i < shift ? 1 : x.dims[static_cast<size_t>(i - shift)];
      if (d == kUnknownDim) return op.refuse("a 0 in the shape for a dim that is open");
    }
    return op.give(0, op.reshape(op.x("x"), dims));
  }
  op.finish("Reshape", {op.x("x"), op.index("shape")});
}

/// The shape is put together from slices of the shapes of other tensors.
void reshape_like(Op& op) {
  const auto number = [&](const char* name, size_t i, int64_t otherwise) {
    const auto t = op.constant(name, i);
    return t && t->count() == 1 ? t->integer(0) : otherwise;
  };
  std::vector<uint32_t> parts;
  for (size_t i = 0; i < op.count("ref_tensors"); ++i) {
    Attributes a{{"start", number("begins", i, 0)}};
    if (number("end_masks", i, 0) == 0) a.emplace_back("end", number("ends", i, 0));
    parts.push_back(op.emit("Shape", {op.x("ref_tensors", i)}, std::move(a)));
  }
  op.finish("Reshape", {op.x("x"), op.emit("Concat", std::move(parts), {{"axis", int64_t{0}}})});
}

void expand_dims(Op& op) { op.give(0, op.unsqueeze(op.x("x"), op.ints_or("axes", {}))); }

/// Dims that are not 1 are left alone, as PyTorch does.
void squeeze(Op& op) {
  const Type x = op.type_of("x");
  Ints axes;
  for (int64_t a : op.ints_or("axes", {})) {
    if (a < 0) a += x.rank();
    if (a < 0 || a >= x.rank())
      return op.fail(invalid_model("axes of rank " + std::to_string(x.rank())));
    const int64_t d = x.dims[static_cast<size_t>(a)];
    if (d == 1 || d == kUnknownDim) axes.push_back(a);
  }
  if (!op.has("axes"))
    for (int64_t a = 0; a < x.rank(); ++a)
      if (x.dims[static_cast<size_t>(a)] == 1) axes.push_back(a);
  if (axes.empty()) return op.give(0, op.x("x"));
  op.finish("Squeeze", {op.x("x"), op.list(axes)});
}

void transpose(Op& op) {
  Ints perm = op.ints_or("perm", {});
  for (int64_t& p : perm) p = p < 0 ? p + op.rank("x") : p;
  op.give(0, op.transpose(op.x("x"), perm));
}

void reverse(Op& op) {
  Ints axes = op.ints_or("axes", {});
  if (!op.has("axes"))
    for (int64_t a = 0; a < op.rank("x"); ++a) axes.push_back(a);
  if (axes.empty()) return op.give(0, op.x("x"));
  const Ints from(axes.size(), -1), to(axes.size(), INT64_MIN), steps(axes.size(), -1);
  op.finish("Slice", {op.x("x"), op.list(from), op.list(to), op.list(axes), op.list(steps)});
}

/// The two axes come first, then all goes back.
void reverse_sequence(Op& op) {
  const int64_t rank = op.rank("x");
  const int64_t time = op.axis("seq_axis", 0, rank), batch = op.axis("batch_axis", 0, rank);
  Ints perm{time, batch}, back(static_cast<size_t>(rank));
  for (int64_t a = 0; a < rank; ++a)
    if (a != time && a != batch) perm.push_back(a);
  for (size_t i = 0; i < perm.size(); ++i)
    back[static_cast<size_t>(perm[i])] = static_cast<int64_t>(i);
  const uint32_t y =
      op.emit("ReverseSequence", {op.transpose(op.x("x"), perm), op.index("lengths")},
              {{"time_axis", int64_t{0}}, {"batch_axis", int64_t{1}}});
  op.give(0, op.transpose(y, back));
}

void flatten2d(Op& op) { op.finish("Flatten", {op.x("x")}, {{"axis", op.integer("axis", 1)}}); }

void shape(Op& op) { op.give(0, op.cast(op.emit("Shape", {op.x("x")}), op.output_type(0).dtype)); }

void tile(Op& op) {
  op.finish("Tile", {op.x("x"),
                     op.is_constant("reps") ? op.list(op.ints_or("reps", {})) : op.index("reps")});
}

/// The amounts are for the last dims alone, begin and end of each in turn.
void pad(Op& op) {
  const Ints pairs = op.ints_or("pad", {});
  const auto n = static_cast<int64_t>(pairs.size() / 2), rank = op.rank("x");
  Ints amounts, axes;
  for (int64_t i = 0; i < n; ++i) amounts.push_back(pairs[static_cast<size_t>(2 * i)]);
  for (int64_t i = 0; i < n; ++i) {
    amounts.push_back(pairs[static_cast<size_t>(2 * i + 1)]);
    axes.push_back(rank - n + i);
  }
  const std::string mode = op.word("mode", "constant");
  const bool constant = mode == "constant";
  const uint32_t value =
      constant ? op.scalar(op.dtype("x"), op.number("constant_val", 0)) : HY_NONE;
  if (!constant && mode != "reflect" && mode != "replicate") op.refuse("mode \"" + mode + "\"");
  op.finish("Pad", {op.x("x"), op.list(amounts), value, op.list(axes)},
            {{"mode", constant              ? mode
                      : mode == "replicate" ? std::string("edge")
                                            : mode}});
}

/// Blocks of channels become pixels, and back.
void depth_to_space(Op& op) {
  op.finish("DepthToSpace", {op.x("x")},
            {{"blocksize", op.integer("block_size", 1)}, {"mode", std::string("DCR")}});
}
void space_to_depth(Op& op) {
  op.finish("SpaceToDepth", {op.x("x")}, {{"blocksize", op.integer("block_size", 1)}});
}
void pixel_shuffle(Op& op) {
  op.finish("DepthToSpace", {op.x("x")},
            {{"blocksize", op.integer("upscale_factor", 1)}, {"mode", std::string("CRD")}});
}
void pixel_unshuffle(Op& op) {
  const int64_t r = op.size("downscale_factor", 1, kMostBlock);
  const Type x = op.type_of("x");
  if (x.rank() != 4 || x.dims[1] == kUnknownDim || x.dims[2] == kUnknownDim ||
      x.dims[3] == kUnknownDim)
    return op.refuse("open dims");
  const int64_t c = x.dims[1], h = x.dims[2] / r, w = x.dims[3] / r;
  const uint32_t cut = op.reshape(op.x("x"), {0, c, h, r, w, r});
  // From [n, c, h, r, w, r] with dims 0 kept as it is.
  op.give(0, op.reshape(op.transpose(cut, {0, 1, 3, 5, 2, 4}), {0, c * r * r, h, w}));
}

bool are_blocks(const Ints& block) {
  return block.size() == 2 && std::min(block[0], block[1]) >= 1 &&
         std::max(block[0], block[1]) <= kMostBlock;
}

/// Blocks of pixels become batches, and back.
void space_to_batch(Op& op) {
  const Ints block = op.ints_or("block_shape", {1, 1}), pads = op.ints_or("paddings", {0, 0, 0, 0});
  const Type x = op.type_of("x");
  if (!x.is_static() || x.rank() != 4 || !are_blocks(block) || pads.size() != 4)
    return op.refuse("operands of rank " + std::to_string(x.rank()) +
                     " or with open dims, or blocks outside 1.." + std::to_string(kMostBlock));
  const uint32_t padded = op.emit(
      "Pad", {op.x("x"), op.list({pads[0], pads[2], pads[1], pads[3]}), HY_NONE, op.list({2, 3})});
  const int64_t n = x.dims[0], c = x.dims[1];
  const int64_t h = (x.dims[2] + pads[0] + pads[1]) / block[0];
  const int64_t w = (x.dims[3] + pads[2] + pads[3]) / block[1];
  const uint32_t cut = op.reshape(padded, {n, c, h, block[0], w, block[1]});
  op.give(0, op.reshape(op.transpose(cut, {3, 5, 0, 1, 2, 4}), {n * block[0] * block[1], c, h, w}));
}
void batch_to_space(Op& op) {
  const Ints block = op.ints_or("block_shape", {1, 1}), crops = op.ints_or("crops", {0, 0, 0, 0});
  const Type x = op.type_of("x");
  if (!x.is_static() || x.rank() != 4 || !are_blocks(block) || crops.size() != 4)
    return op.refuse("operands of rank " + std::to_string(x.rank()) +
                     " or with open dims, or blocks outside 1.." + std::to_string(kMostBlock));
  const int64_t n = x.dims[0] / (block[0] * block[1]), c = x.dims[1];
  const int64_t h = x.dims[2] * block[0], w = x.dims[3] * block[1];
  const uint32_t cut = op.reshape(op.x("x"), {block[0], block[1], n, c, x.dims[2], x.dims[3]});
  const uint32_t whole = op.reshape(op.transpose(cut, {2, 3, 4, 0, 5, 1}), {n, c, h, w});
  op.finish("Slice", {whole, op.list({crops[0], crops[2]}), op.list({h - crops[1], w - crops[3]}),
                      op.list({2, 3})});
}

/// Windows along an axis: a new dim after it.
void sliding_windows(Op& op) {
  const Type x = op.type_of("x");
  const int64_t axis = op.axis("axis", 0, x.rank()), size = op.integer("size", 1);
  const int64_t stride = op.integer("stride", 1), d = x.dims[static_cast<size_t>(axis)];
  if (d == kUnknownDim || size < 1 || stride < 1 || size > d)
    return op.refuse("a window of " + std::to_string(size) + " over a dim of " + std::to_string(d));
  const int64_t n = (d - size) / stride + 1;
  constexpr int64_t kMostPlaces = int64_t{1} << 26;
  if (n > kMostPlaces / size)
    return op.refuse(std::to_string(n) + " windows of " + std::to_string(size));
  std::vector<double> at;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t k = 0; k < size; ++k) at.push_back(static_cast<double>(i * stride + k));
  op.finish("Gather", {op.x("x"), op.floats(HY_DTYPE_I64, at, {n, size})}, {{"axis", axis}});
}

/// Keeps a band around the diagonal of the last two dims.
void band_part(Op& op) {
  const int64_t lower = op.integer("lower", -1), upper = op.integer("upper", -1);
  const auto diagonal = [&](int64_t k) {
    return op.floats(HY_DTYPE_I64, {static_cast<double>(k)}, {});
  };
  uint32_t v = op.x("x");
  if (upper >= 0) v = op.emit("Trilu", {v, diagonal(upper)}, {{"upper", int64_t{0}}});
  if (lower >= 0) v = op.emit("Trilu", {v, diagonal(-lower)}, {{"upper", int64_t{1}}});
  op.give(0, v);
}

void fill(Op& op) {
  const uint32_t value = op.has("value") ? op.x("value") : op.scalar(op.output_type(0).dtype, 0);
  op.finish("Expand", {value, op.is_constant("shape") ? op.list(op.ints_or("shape", {}))
                                                      : op.index("shape")});
}
void fill_like(Op& op) {
  const uint32_t value = op.has("value") ? op.x("value") : op.scalar(op.output_type(0).dtype, 0);
  op.finish("Expand", {value, op.emit("Shape", {op.x("ref_tensor")})});
}
void range_1d(Op& op) { op.finish("Range", {op.x("start"), op.x("end"), op.x("step")}); }

void one_hot(Op& op) {
  const uint32_t dtype = op.output_type(0).dtype;
  const auto value = [&](const char* name, double otherwise) {
    return op.reshape(op.has(name) ? op.x(name) : op.scalar(dtype, otherwise), {1});
  };
  const uint32_t values =
      op.emit("Concat", {value("off_value", 0), value("on_value", 1)}, {{"axis", int64_t{0}}});
  op.finish("OneHot", {op.x("indices"), op.x("one_hot_vector_size"), values},
            {{"axis", op.integer("axis", -1)}});
}

void non_zero(Op& op) {
  const uint32_t at = op.transpose(op.emit("NonZero", {op.x("x")}), {1, 0});
  op.give(0, op.cast(at, op.output_type(0).dtype));
}

constexpr Rule kRules[] = {
    {"concat", concat},
    {"stack", stack},
    {"split", split},
    {"reshape", reshape},
    {"reshape_like", reshape_like},
    {"expand_dims", expand_dims},
    {"squeeze", squeeze},
    {"transpose", transpose},
    {"reverse", reverse},
    {"reverse_sequence", reverse_sequence},
    {"flatten2d", flatten2d},
    {"shape", shape},
    {"tile", tile},
    {"pad", pad, "the amounts must be constant"},
    {"depth_to_space", depth_to_space},
    {"space_to_depth", space_to_depth},
    {"pixel_shuffle", pixel_shuffle},
    {"pixel_unshuffle", pixel_unshuffle, "dims must be known"},
    {"space_to_batch", space_to_batch, "dims must be known"},
    {"batch_to_space", batch_to_space, "dims must be known"},
    {"sliding_windows", sliding_windows, "the dim must be known"},
    {"band_part", band_part},
    {"fill", fill},
    {"fill_like", fill_like},
    {"range_1d", range_1d},
    {"one_hot", one_hot},
    {"non_zero", non_zero},
};

}  // namespace

std::span<const Rule> movement_rules() { return kRules; }

}  // namespace halyard::coreml
