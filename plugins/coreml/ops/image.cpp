// Resizing, cropping and sampling of pictures [.., H, W].
#include <cmath>

#include "ops/table.hpp"

namespace halyard::coreml {
namespace {

/// Where output pixel i of `out` reads among `in` pixels. Core ML's sampling modes.
double position(const std::string& mode, int64_t i, double in, int64_t out) {
  const auto n = static_cast<double>(out), k = static_cast<double>(i);
  if (mode == "STRICT_ALIGN_CORNERS") return out == 1 ? 0 : k * (in - 1) / (n - 1);
  if (mode == "ALIGN_CORNERS") return out == 1 ? (in - 1) / 2 : k * (in - 1) / (n - 1);
  if (mode == "OFFSET_CORNERS") {
    const double d = std::max(1.0, in - 1) / n;
    return d / 2 + k * d;
  }
  if (mode == "UNALIGN_CORNERS") return (k + 0.5) * in / n - 0.5;
  return k * in / n;  // DEFAULT
}

/// x sampled along an axis at these places, linearly between pixels; both ends repeat.
uint32_t sample(Op& op, uint32_t x, int64_t axis, int64_t rank, int64_t size,
                const std::vector<double>& at) {
  std::vector<double> low, high, weight, rest;
  for (double p : at) {
    p = std::min(std::max(p, 0.0), static_cast<double>(size - 1));
    const double l = std::floor(p);
    low.push_back(l);
    high.push_back(std::min(l + 1, static_cast<double>(size - 1)));
    weight.push_back(p - l);
    rest.push_back(1 - (p - l));
  }
  const auto n = static_cast<int64_t>(at.size());
  Ints dims(static_cast<size_t>(rank), 1);
  dims[static_cast<size_t>(axis)] = n;
  const auto pick = [&](const std::vector<double>& i, const std::vector<double>& w) {
    const uint32_t v = op.emit("Gather", {x, op.floats(HY_DTYPE_I64, i, {n})}, {{"axis", axis}});
    return op.emit("Mul", {v, op.floats(HY_DTYPE_F32, w, dims)});
  };
  return op.emit("Add", {pick(low, rest), pick(high, weight)});
}

std::vector<double> positions(const std::string& mode, int64_t in, int64_t out) {
  std::vector<double> at;
  for (int64_t i = 0; i < out; ++i) at.push_back(position(mode, i, static_cast<double>(in), out));
  return at;
}

/// The last two dims, linearly.
void resize_linear(Op& op, int64_t height, int64_t width, const std::string& mode) {
  const Type x = op.type_of("x");
  const int64_t rank = x.rank();
  if (rank < 2 || x.dims[static_cast<size_t>(rank) - 1] == kUnknownDim ||
      x.dims[static_cast<size_t>(rank) - 2] == kUnknownDim)
    return op.refuse("open dims of the picture with sampling mode " + mode);
  const int64_t h = x.dims[static_cast<size_t>(rank) - 2],
                w = x.dims[static_cast<size_t>(rank) - 1];
  uint32_t v = op.cast(op.x("x"), HY_DTYPE_F32);
  v = sample(op, v, rank - 2, rank, h, positions(mode, h, height));
  v = sample(op, v, rank - 1, rank, w, positions(mode, w, width));
  op.give(0, op.cast(v, x.dtype));
}

void resize_bilinear(Op& op) {
  resize_linear(op, op.size("target_size_height", 1), op.size("target_size_width", 1),
                op.word("sampling_mode", "DEFAULT"));
}

/// Scales of all dims, those of the picture last.
uint32_t scales(Op& op, double height, double width) {
  std::vector<double> all(static_cast<size_t>(std::max<int64_t>(op.rank("x"), 2)), 1);
  all[all.size() - 2] = height;
  all[all.size() - 1] = width;
  return op.floats(HY_DTYPE_F32, all, {static_cast<int64_t>(all.size())});
}

/// Resize to the size that a scale gives, rounded down, where the picture's is known; else by the scale.
void resize_by(Op& op, double height, double width, Attributes a) {
  const Type x = op.type_of("x");
  const int64_t rank = x.rank();
  const int64_t h = rank < 2 ? kUnknownDim : x.dims[static_cast<size_t>(rank) - 2];
  const int64_t w = rank < 2 ? kUnknownDim : x.dims[static_cast<size_t>(rank) - 1];
  if (h == kUnknownDim || w == kUnknownDim)
    return op.finish("Resize", {op.x("x"), HY_NONE, scales(op, height, width)}, std::move(a));
  const auto size = [&op](int64_t d, double scale) {
    const double v = std::floor(static_cast<double>(d) * scale + 1e-6);
    if (v >= 1 && v <= static_cast<double>(kMostPixels)) return static_cast<int64_t>(v);
    op.refuse("a scale of " + std::to_string(scale) + " for " + std::to_string(d) + " pixels");
    return int64_t{1};
  };
  a.emplace_back("axes", Ints{rank - 2, rank - 1});
  op.finish("Resize", {op.x("x"), HY_NONE, HY_NONE, op.list({size(h, height), size(w, width)})},
            std::move(a));
}

void upsample_nearest_neighbor(Op& op) {
  resize_by(op, op.number("scale_factor_height", 1), op.number("scale_factor_width", 1),
            {{"mode", std::string("nearest")},
             {"coordinate_transformation_mode", std::string("asymmetric")},
             {"nearest_mode", std::string("floor")}});
}

void resize_nearest_neighbor(Op& op) {
  op.finish("Resize",
            {op.x("x"), HY_NONE, HY_NONE,
             op.list({op.size("target_size_height", 1), op.size("target_size_width", 1)})},
            {{"mode", std::string("nearest")},
             {"axes", Ints{op.rank("x") - 2, op.rank("x") - 1}},
             {"coordinate_transformation_mode", std::string("asymmetric")},
             {"nearest_mode", std::string("floor")}});
}

void upsample_bilinear(Op& op) {
  const bool align = op.flag("align_corners", true);
  const bool half = op.flag("half_pixel_centers", !align);
  resize_by(op, op.number("scale_factor_height", 1), op.number("scale_factor_width", 1),
            {{"mode", std::string("linear")},
             {"coordinate_transformation_mode", std::string(align  ? "align_corners"
                                                            : half ? "half_pixel"
                                                                   : "asymmetric")}});
}

/// iOS17: the last dims of `shape`, of which 0 keeps what is there.
void resize(Op& op) {
  const Type x = op.type_of("x");
  const Ints shape = op.ints_or("shape", {});
  const int64_t n = op.integer("resized_dims", static_cast<int64_t>(shape.size())), rank = x.rank();
  const std::string mode = op.word("sampling_mode", "DEFAULT");
  const bool nearest = op.word("interpolation_mode", "LINEAR") == "NEAREST_NEIGHBOR";
  uint32_t v = nearest ? op.x("x") : op.cast(op.x("x"), HY_DTYPE_F32);
  for (int64_t i = 0; i < n && op.ok(); ++i) {
    const int64_t axis = rank - n + i, wanted = shape[shape.size() - static_cast<size_t>(n - i)];
    const int64_t in = x.dims[static_cast<size_t>(axis)];
    if (wanted == 0) continue;
    if (in == kUnknownDim) return op.refuse("open dims of the picture");
    if (wanted < 1 || wanted > kMostPixels)
      return op.refuse("a size of " + std::to_string(wanted) + " pixels");
    auto at = positions(mode, in, wanted);
    if (!nearest) {
      v = sample(op, v, axis, rank, in, at);
      continue;
    }
    for (double& p : at)
      p = std::min(std::max(mode == "DEFAULT" ? std::floor(p) : std::floor(p + 0.5), 0.0),
                   static_cast<double>(in - 1));
    v = op.emit("Gather", {v, op.floats(HY_DTYPE_I64, at, {wanted})}, {{"axis", axis}});
  }
  op.give(0, nearest ? v : op.cast(v, x.dtype));
}

/// One box of a picture: its batch and its edges in pixels.
struct Box {
  int64_t batch = 0;
  double top = 0, left = 0, bottom = 0, right = 0;
};

Box box_of(const Tensor& t, int64_t first, int64_t length, const std::string& mode) {
  Box out;
  const int64_t skip = length == 5 ? 1 : 0;
  if (skip != 0) out.batch = t.integer(first);
  const double a = t.number(first + skip), b = t.number(first + skip + 1);
  const double c = t.number(first + skip + 2), d = t.number(first + skip + 3);
  if (mode == "CORNERS_WIDTH_FIRST") return {out.batch, b, a, d, c};
  if (mode == "CENTER_SIZE_HEIGHT_FIRST")
    return {out.batch, a - (c - 1) / 2, b - (d - 1) / 2, a + (c - 1) / 2, b + (d - 1) / 2};
  if (mode == "CENTER_SIZE_WIDTH_FIRST")
    return {out.batch, b - (d - 1) / 2, a - (c - 1) / 2, b + (d - 1) / 2, a + (c - 1) / 2};
  return {out.batch, a, b, c, d};  // CORNERS_HEIGHT_FIRST
}

/// Places of `out` samples from one edge of a box to the other.
std::vector<double> along(const std::string& mode, double from, double to, int64_t out) {
  std::vector<double> at;
  const double extent = to - from + 1;
  for (int64_t i = 0; i < out; ++i) at.push_back(from + position(mode, i, extent, out));
  return at;
}

/// From iOS 16 on, what is read beyond the outer pixels is pad_value.
uint32_t padded_outside(Op& op, uint32_t v, const std::vector<double>& rows,
                        const std::vector<double>& columns, double h, double w) {
  constexpr double kRounding = 1e-5;  // of places that were computed to lie on the last pixel
  std::string inside;
  for (const double y : rows)
    for (const double x : columns)
      inside += static_cast<char>(y >= -kRounding && y <= h - 1 + kRounding && x >= -kRounding &&
                                  x <= w - 1 + kRounding);
  if (inside.find('\0') == std::string::npos) return v;
  const Ints dims{1, 1, static_cast<int64_t>(rows.size()), static_cast<int64_t>(columns.size())};
  return op.emit("Where", {op.tensor(HY_DTYPE_BOOL, dims, std::move(inside)), v,
                           op.scalar(HY_DTYPE_F32, op.number("pad_value", 0))});
}

/// With boxes that are known: each is sampled by itself. The newest form gives [N, C, h, w], the older ones
/// [N, B or 1, C, h, w].
void crop_resize(Op& op) {
  const bool newest = op.has("boxes");
  const Type x = op.type_of("x");
  const auto boxes = op.constant(newest ? "boxes" : "roi");
  if (!boxes) return op.refuse("boxes that are no constant");
  if (x.rank() != 4 || x.dims[2] == kUnknownDim || x.dims[3] == kUnknownDim)
    return op.refuse("open dims of the picture");
  const int64_t n = boxes->dims[0], length = newest ? boxes->dims[1] : boxes->dims[2];
  const int64_t height = op.size("target_height", 1);
  const int64_t width = op.size("target_width", 1);
  const std::string mode = op.word("sampling_mode", "DEFAULT");
  const std::string corners = op.word("box_coordinate_mode", "CORNERS_HEIGHT_FIRST");
  const double scale = op.number("spatial_scale", 1);
  const bool normalised = op.flag("normalized_coordinates", false);
  const auto indices = newest && op.has("box_indices") ? op.constant("box_indices") : std::nullopt;
  const auto h = static_cast<double>(x.dims[2]), w = static_cast<double>(x.dims[3]);
  const uint32_t whole = op.cast(op.x("x"), HY_DTYPE_F32);
  std::vector<uint32_t> parts;
  for (int64_t i = 0; i < n && op.ok(); ++i) {
    Box b = box_of(*boxes, i * length, length, corners);
    if (indices) b.batch = indices->integer(i);
    const double sy = normalised ? h - 1 : scale, sx = normalised ? w - 1 : scale;
    const bool all = !newest && length == 4;
    uint32_t v =
        all ? whole
            : op.emit("Gather",
                      {whole, op.floats(HY_DTYPE_I64, {static_cast<double>(b.batch)}, {1})},
                      {{"axis", int64_t{0}}});
    const auto rows = along(mode, b.top * sy, b.bottom * sy, height);
    const auto columns = along(mode, b.left * sx, b.right * sx, width);
    v = sample(op, v, 2, 4, x.dims[2], rows);
    v = sample(op, v, 3, 4, x.dims[3], columns);
    if (op.has("pad_value")) v = padded_outside(op, v, rows, columns, h, w);
    parts.push_back(newest ? v : op.unsqueeze(v, {0}));
  }
  const uint32_t y = op.emit("Concat", std::move(parts), {{"axis", int64_t{0}}});
  op.give(0, op.cast(y, x.dtype));
}

/// Pixels beyond the picture turned back into it: at its last pixels, or (repeated) half a pixel beyond them.
uint32_t mirrored(Op& op, uint32_t pixels, const Type& x, bool repeated) {
  const double low = repeated ? -0.5 : 0;
  std::vector<double> periods;
  for (const int64_t d : {x.dims[3], x.dims[2]})
    periods.push_back(std::max(2 * (static_cast<double>(d) - (repeated ? 0 : 1)), 1.0));
  const uint32_t period = op.floats(HY_DTYPE_F32, periods, {2});
  const uint32_t edge = op.scalar(HY_DTYPE_F32, low);
  const uint32_t way = op.emit("Mod", {op.emit("Abs", {op.emit("Sub", {pixels, edge})}), period},
                               {{"fmod", int64_t{1}}});
  return op.emit("Add", {op.emit("Min", {way, op.emit("Sub", {period, way})}), edge});
}

/// GridSample over a grid [N, h, w, 2] of pixels, x before y.
void sample_grid(Op& op, uint32_t pixels) {
  const Type x = op.type_of("x");
  std::string padding = op.word("padding_mode", "constant");
  const double value = op.number("padding_value", 0);
  if (x.dims[2] == kUnknownDim || x.dims[3] == kUnknownDim)
    return op.refuse("open dims of the picture");
  // GridSample finds the nearest pixel before it turns back; here it is the other way round.
  const bool turns = padding == "symmetric" || padding == "reflection";
  if (turns && op.word("sampling_mode", "bilinear") == "nearest") {
    pixels = mirrored(op, pixels, x, padding == "symmetric");
    padding = "border";
  }
  // Where it turns back: at the last pixels, or beyond them.
  const bool align = padding != "symmetric";
  std::vector<double> factor, offset;
  for (const double d : {static_cast<double>(x.dims[3]), static_cast<double>(x.dims[2])}) {
    factor.push_back(align ? 2 / std::max(d - 1, 1.0) : 2 / d);
    offset.push_back(align ? -1 : 1 / d - 1);
  }
  const uint32_t grid =
      op.emit("Add", {op.emit("Mul", {pixels, op.floats(HY_DTYPE_F32, factor, {2})}),
                      op.floats(HY_DTYPE_F32, offset, {2})});
  uint32_t v = op.cast(op.x("x"), HY_DTYPE_F32);
  const bool shifted = padding == "constant" && value != 0;
  if (shifted) v = op.emit("Sub", {v, op.scalar(HY_DTYPE_F32, value)});
  v = op.emit("GridSample", {v, grid},
              {{"align_corners", int64_t{align ? 1 : 0}},
               {"mode", std::string(op.word("sampling_mode", "bilinear") == "nearest" ? "nearest"
                                                                                      : "linear")},
               {"padding_mode", std::string(padding == "constant" ? "zeros"
                                            : padding == "border" ? "border"
                                                                  : "reflection")}});
  if (shifted) v = op.emit("Add", {v, op.scalar(HY_DTYPE_F32, value)});
  op.give(0, op.cast(v, x.dtype));
}

/// Coordinates as pixels, from whatever range they have.
uint32_t to_pixels(Op& op, uint32_t coordinates, const std::string& mode, bool align) {
  if (mode == "unnormalized") return coordinates;
  const Type x = op.type_of("x");
  if (x.rank() != 4 || x.dims[2] == kUnknownDim || x.dims[3] == kUnknownDim) {
    op.refuse("open dims of the picture");
    return HY_NONE;
  }
  const bool from_zero = mode == "normalized_zero_to_one";
  std::vector<double> factor, offset;
  for (const double d : {static_cast<double>(x.dims[3]), static_cast<double>(x.dims[2])}) {
    const double span = align ? d - 1 : d, shift = align ? 0 : -0.5;
    factor.push_back(from_zero ? span : span / 2);
    offset.push_back((from_zero ? 0 : span / 2) + shift);
  }
  return op.emit("Add", {op.emit("Mul", {coordinates, op.floats(HY_DTYPE_F32, factor, {2})}),
                         op.floats(HY_DTYPE_F32, offset, {2})});
}

void resample(Op& op) {
  const uint32_t c = op.cast(op.x("coordinates"), HY_DTYPE_F32);
  sample_grid(op, to_pixels(op, c, op.word("coordinates_mode", "unnormalized"),
                            op.flag("align_corners", true)));
}

/// The grid of the output, sent through a matrix of 2 x 3 for each picture.
void affine(Op& op) {
  const int64_t h = op.size("output_height", 1), w = op.size("output_width", 1);
  constexpr int64_t kMostPlaces = int64_t{1} << 24;
  if (h > kMostPlaces / w)
    return op.refuse(std::to_string(h) + " x " + std::to_string(w) + " places; at most " +
                     std::to_string(kMostPlaces) + " are taken");
  const bool align = op.flag("align_corners", true);
  const std::string mode = op.word("coordinates_mode", "normalized_minus_one_to_one");
  const bool from_zero = mode == "normalized_zero_to_one";
  if (mode == "unnormalized") return op.refuse("coordinates_mode \"unnormalized\"");
  std::vector<double> grid;
  const auto at = [&](int64_t i, int64_t n) {
    const auto k = static_cast<double>(i), d = static_cast<double>(n);
    const double zero = align ? (n == 1 ? 0.5 : k / (d - 1)) : (k + 0.5) / d;
    return from_zero ? zero : 2 * zero - 1;
  };
  for (int64_t y = 0; y < h; ++y)
    for (int64_t x = 0; x < w; ++x) {
      grid.push_back(at(x, w));
      grid.push_back(at(y, h));
      grid.push_back(1);
    }
  const uint32_t matrix = op.transpose(
      op.reshape(op.cast(op.x("transform_matrix"), HY_DTYPE_F32), {-1, 2, 3}), {0, 2, 1});
  const uint32_t moved = op.emit("MatMul", {op.floats(HY_DTYPE_F32, grid, {1, h * w, 3}), matrix});
  sample_grid(op, to_pixels(op, op.reshape(moved, {-1, h, w, 2}), mode, align));
}

constexpr Rule kRules[] = {
    {"upsample_nearest_neighbor", upsample_nearest_neighbor},
    {"resize_nearest_neighbor", resize_nearest_neighbor},
    {"upsample_bilinear", upsample_bilinear},
    {"resize_bilinear", resize_bilinear, "the dims of the picture must be known"},
    {"resize", resize, "the dims of the picture must be known"},
    {"crop_resize", crop_resize, "boxes must be constant, the dims of the picture known"},
    {"resample", resample, "the dims of the picture must be known"},
    {"affine", affine, "the dims of the picture must be known"},
};

}  // namespace

std::span<const Rule> image_rules() { return kRules; }

}  // namespace halyard::coreml
