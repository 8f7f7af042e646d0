// RoiAlign and MaxRoiPool: regions of an image, each to a fixed number of bins.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

constexpr double kFarthest = 1e6;          // elements from the image's corner
constexpr int64_t kMostSamples = 1 << 20;  // of one bin

/// A place between four elements; all weights 0 where it lies outside.
struct Corners {
  int64_t at[4];
  double weight[4];
};

Corners corners(double y, double x, int64_t height, int64_t width) {
  Corners c{};
  if (!(y >= -1 && y <= static_cast<double>(height) && x >= -1 && x <= static_cast<double>(width)))
    return c;
  const auto along = [](double v, int64_t length, int64_t* low, int64_t* high) {
    v = std::max(v, 0.0);
    *low = static_cast<int64_t>(v);
    *high = *low + 1;
    if (*low < length - 1) return v - static_cast<double>(*low);
    *low = *high = length - 1;
    return 0.0;
  };
  int64_t top = 0, bottom = 0, left = 0, right = 0;
  const double down = along(y, height, &top, &bottom), across = along(x, width, &left, &right);
  return {{top * width + left, top * width + right, bottom * width + left, bottom * width + right},
          {(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across}};
}

class RoiAlign final : public Kernel {
 public:
  explicit RoiAlign(const Node& node)
      : half_pixel_(node.attr_string("coordinate_transformation_mode", "half_pixel") ==
                    "half_pixel"),
        max_(node.attr_string("mode", "avg") == "max"),
        height_(node.attr_int("output_height", 1)),
        width_(node.attr_int("output_width", 1)),
        sampling_(node.attr_int("sampling_ratio", 0)),
        scale_(node.attr_float("spatial_scale", 1)) {}

  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &rois = *context.input(1), &batch = *context.input(2);
    if (x.rank() != 4 || rois.rank() != 2 || rois.dim(1) != 4)
      return mismatch("X " + dims_text(x.dims) + " and rois " + dims_text(rois.dims) +
                      " are not [N, C, H, W] and [R, 4]");
    HY_ASSIGN_OR_RETURN(const Dims images, list_operand(batch, "batch_indices"));
    if (std::ssize(images) != rois.dim(0))
      return mismatch("batch_indices has " + std::to_string(images.size()) + " entries for " +
                      std::to_string(rois.dim(0)) + " regions");
    for (int64_t i : images)
      if (i < 0 || i >= x.dim(0))
        return invalid_argument("batch_indices holds " + std::to_string(i) + "; the batch has " +
                                std::to_string(x.dim(0)) + " images");
    const Dims dims{rois.dim(0), x.dim(1), height_, width_};
    HY_RETURN_IF_ERROR(check_dims(dims));
    if (count_of(x.shape().subspan(2)) == 0 && count_of(dims) != 0)
      return mismatch("X " + dims_text(x.dims) + " has no element to read");
    return visit_form(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      HY_ASSIGN_OR_RETURN(const T* image, read_floats<T>(context, x));
      HY_ASSIGN_OR_RETURN(const T* regions, read_floats<T>(context, rois));
      HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, x.dtype, dims)));
      for (int64_t r = 0; r < dims[0]; ++r) HY_RETURN_IF_ERROR(check(regions + 4 * r, r));
      parallel_for(context.threads(), dims[0] * height_ * width_, 4,
                   [&](int64_t begin, int64_t end) {
                     std::vector<Corners> samples;
                     for (int64_t bin = begin; bin < end; ++bin) {
                       const int64_t r = bin / (height_ * width_), cell = bin % (height_ * width_);
                       sample(regions + 4 * r, cell / width_, cell % width_, x, &samples);
                       pool(image, x, images[static_cast<size_t>(r)], samples,
                            y.data() + r * dims[1] * height_ * width_ + cell);
                     }
                   });
      y.finish(context);
      return {};
    });
  }

 private:
  /// A region in elements of the image: where it begins, how large a bin is, how many samples it has.
  struct Bins {
    double left, top, high, wide;
    int64_t rows, columns;
  };

  template <class T>
  Bins bins_of(const T* region) const {
    const double offset = half_pixel_ ? 0.5 : 0;
    const double left = static_cast<double>(region[0]) * scale_ - offset,
                 top = static_cast<double>(region[1]) * scale_ - offset;
    double across = static_cast<double>(region[2]) * scale_ - offset - left,
           down = static_cast<double>(region[3]) * scale_ - offset - top;
    if (!half_pixel_) across = std::max(across, 1.0), down = std::max(down, 1.0);
    const double high = down / static_cast<double>(height_),
                 wide = across / static_cast<double>(width_);
    const auto count = [&](double bin) {
      return sampling_ > 0 ? sampling_ : std::max<int64_t>(0, static_cast<int64_t>(std::ceil(bin)));
    };
    return {left, top, high, wide, count(high), count(wide)};
  }

  template <class T>
  Status check(const T* region, int64_t r) const {
    for (int i = 0; i < 4; ++i)
      if (!(std::fabs(static_cast<double>(region[i]) * scale_) < kFarthest))
        return invalid_argument("region " + std::to_string(r) + " has the corner " +
                                std::to_string(static_cast<double>(region[i])) +
                                ", which lies beyond any image");
    const Bins b = bins_of(region);
    if (b.rows * b.columns <= kMostSamples) return {};
    return invalid_argument("region " + std::to_string(r) + " has " + std::to_string(b.rows) +
                            " x " + std::to_string(b.columns) + " samples a bin; at most " +
                            std::to_string(kMostSamples) +
                            " are taken: set sampling_ratio, or output more bins");
  }

  /// The places of one bin: a grid within it.
  template <class T>
  void sample(const T* region, int64_t row, int64_t column, const Tensor& x,
              std::vector<Corners>* out) const {
    const Bins b = bins_of(region);
    // Element i of n in the bin `bin`.
    const auto place = [](double start, double size, int64_t bin, int64_t i, int64_t n) {
      return start +
             (static_cast<double>(bin) + (static_cast<double>(i) + 0.5) / static_cast<double>(n)) *
                 size;
    };
    out->clear();
    for (int64_t i = 0; i < b.rows; ++i)
      for (int64_t k = 0; k < b.columns; ++k)
        out->push_back(corners(place(b.top, b.high, row, i, b.rows),
                               place(b.left, b.wide, column, k, b.columns), x.dim(2), x.dim(3)));
  }

  /// All channels of one bin; to: the bin of the first channel.
  template <class T>
  void pool(const T* images, const Tensor& x, int64_t image, const std::vector<Corners>& samples,
            T* to) const {
    const int64_t area = x.dim(2) * x.dim(3);
    for (int64_t c = 0; c < x.dim(1); ++c) {
      const T* plane = images + (image * x.dim(1) + c) * area;
      double sum = 0, best = -std::numeric_limits<double>::infinity();
      for (const Corners& s : samples)
        for (int i = 0; i < 4; ++i) {
          const double part = s.weight[i] * static_cast<double>(plane[s.at[i]]);
          sum += part;
          // ONNX takes the largest of the weighted corners, not of the interpolated samples.
          best = std::max(best, part);
        }
      const double count = std::max<double>(1, static_cast<double>(samples.size()));
      to[c * height_ * width_] = static_cast<T>(max_ ? (samples.empty() ? 0 : best) : sum / count);
    }
  }

  const bool half_pixel_, max_;
  const int64_t height_, width_, sampling_;
  const double scale_;
};

class MaxRoiPool final : public Kernel {
 public:
  explicit MaxRoiPool(const Node& node)
      : shape_(node.attr_ints("pooled_shape")), scale_(node.attr_float("spatial_scale", 1)) {}

  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &rois = *context.input(1);
    if (x.rank() != 4 || rois.rank() != 2 || rois.dim(1) != 5)
      return mismatch("X " + dims_text(x.dims) + " and rois " + dims_text(rois.dims) +
                      " are not [N, C, H, W] and [R, 5]");
    const Dims dims{rois.dim(0), x.dim(1), shape_[0], shape_[1]};
    HY_RETURN_IF_ERROR(check_dims(dims));
    return visit_form(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      HY_ASSIGN_OR_RETURN(const T* image, read_floats<T>(context, x));
      HY_ASSIGN_OR_RETURN(const T* regions, read_floats<T>(context, rois));
      HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, x.dtype, dims)));
      for (int64_t r = 0; r < dims[0]; ++r) HY_RETURN_IF_ERROR(check(regions + 5 * r, r, x.dim(0)));
      parallel_for(context.threads(), dims[0] * dims[1], 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const T* region = regions + i / dims[1] * 5;
          const int64_t plane = static_cast<int64_t>(region[0]) * x.dim(1) + i % dims[1];
          pool(image + plane * x.dim(2) * x.dim(3), x.dim(2), x.dim(3), region,
               y.data() + i * shape_[0] * shape_[1]);
        }
      });
      y.finish(context);
      return {};
    });
  }

 private:
  template <class T>
  Status check(const T* region, int64_t r, int64_t batch) const {
    const double image = static_cast<double>(region[0]);
    if (!(image >= 0 && image < static_cast<double>(batch)))
      return invalid_argument("region " + std::to_string(r) + " is of image " +
                              std::to_string(image) + "; the batch has " + std::to_string(batch));
    for (int i = 1; i < 5; ++i)
      if (!(std::fabs(static_cast<double>(region[i]) * scale_) < kFarthest))
        return invalid_argument("region " + std::to_string(r) + " has the corner " +
                                std::to_string(static_cast<double>(region[i])) +
                                ", which lies beyond any image");
    return {};
  }

  template <class T>
  void pool(const T* plane, int64_t height, int64_t width, const T* region, T* to) const {
    const auto scaled = [&](int i) {
      return static_cast<int64_t>(std::round(static_cast<double>(region[i]) * scale_));
    };
    const int64_t left = scaled(1), top = scaled(2);
    const auto wide = static_cast<double>(std::max<int64_t>(scaled(3) - left + 1, 1)) /
                      static_cast<double>(shape_[1]);
    const auto high = static_cast<double>(std::max<int64_t>(scaled(4) - top + 1, 1)) /
                      static_cast<double>(shape_[0]);
    for (int64_t row = 0; row < shape_[0]; ++row)
      for (int64_t column = 0; column < shape_[1]; ++column) {
        const auto edge = [](int64_t start, double bin, int64_t i, int64_t length) {
          return std::clamp<int64_t>(
              start + static_cast<int64_t>(std::floor(static_cast<double>(i) * bin)), 0, length);
        };
        const auto far = [](int64_t start, double bin, int64_t i, int64_t length) {
          return std::clamp<int64_t>(
              start + static_cast<int64_t>(std::ceil(static_cast<double>(i + 1) * bin)), 0, length);
        };
        const int64_t y0 = edge(top, high, row, height), y1 = far(top, high, row, height),
                      x0 = edge(left, wide, column, width), x1 = far(left, wide, column, width);
        // A bin without an element is 0.
        T best = y0 < y1 && x0 < x1 ? plane[y0 * width + x0] : T{};
        for (int64_t y = y0; y < y1; ++y)
          for (int64_t x = x0; x < x1; ++x) best = std::max(best, plane[y * width + x]);
        *to++ = best;
      }
  }

  const std::vector<int64_t> shape_;
  const double scale_;
};

Verdict supports_roi_align(const Node& node) {
  const auto mode = node.attr_string("mode", "avg");
  if (mode != "avg" && mode != "max")
    return reject(Reason::attribute).got("mode=" + std::string(mode)).limit("avg and max");
  const auto place = node.attr_string("coordinate_transformation_mode", "half_pixel");
  if (place != "half_pixel" && place != "output_half_pixel")
    return reject(Reason::attribute)
        .got("coordinate_transformation_mode=" + std::string(place))
        .limit("half_pixel and output_half_pixel");
  for (const char* name : {"output_height", "output_width"})
    if (const int64_t v = node.attr_int(name, 1); v < 1)
      return reject(Reason::attribute).got(name + ("=" + std::to_string(v))).limit("at least 1");
  if (const int64_t v = node.attr_int("sampling_ratio"); v < 0 || v > 1024)
    return reject(Reason::attribute).got("sampling_ratio=" + std::to_string(v)).limit("0 to 1024");
  return accept();
}

Verdict supports_max_roi_pool(const Node& node) {
  const auto shape = node.attr_ints("pooled_shape");
  if (shape.size() != 2 || shape[0] < 1 || shape[1] < 1)
    return reject(Reason::attribute).got("pooled_shape").limit("two numbers of at least 1");
  return accept();
}

constexpr KernelEntry kRows[] = {
    {"RoiAlign", create_kernel<RoiAlign>, supports_roi_align},
    {"MaxRoiPool", create_kernel<MaxRoiPool>, supports_max_roi_pool},
};

}  // namespace

std::span<const KernelEntry> roi_pool_kernels() { return kRows; }

}  // namespace halyard::cpu
