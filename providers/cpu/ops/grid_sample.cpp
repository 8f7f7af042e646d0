// GridSample: an image read at places that a grid gives; AffineGrid: the grid of an affine map.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/window.hpp"

namespace halyard::cpu {

namespace {

constexpr size_t kMostAxes = 6;
constexpr double kSharpness = -0.75;  // cubic_coeff_a of ONNX's definition
constexpr double kFarthest = 1e9;     // beyond all images: what lies there is all padding

enum class Mode { kNearest, kLinear, kCubic };
enum class Padding { kZeros, kBorder, kReflection };

/// Mirrored at low and high until it lies between.
double reflected(double x, double low, double high) {
  const double range = high - low;
  if (range <= 0) return low;
  const double way = std::fmod(std::fabs(x - low), 2 * range);
  return low + (way > range ? 2 * range - way : way);
}

/// Where one axis is read for one place: elements (-1: a zero) and their weights.
struct Reads {
  int count = 0;
  std::array<int64_t, 4> at{};
  std::array<double, 4> weight{};
};

class Sampler {
 public:
  Sampler(Mode mode, Padding padding, bool align) : mode_(mode), padding_(padding), align_(align) {}

  /// x: -1 is the first element's (align) or edge, 1 the last one's.
  Reads reads(double x, int64_t length) const {
    const auto size = static_cast<double>(length);
    const double low = align_ ? 0 : -0.5, high = align_ ? size - 1 : size - 0.5;
    double at = align_ ? (x + 1) / 2 * (size - 1) : ((x + 1) * size - 1) / 2;
    if (!(std::fabs(at) < kFarthest)) at = at > 0 ? kFarthest : -kFarthest;  // also not a number
    if (mode_ == Mode::kNearest) at = std::nearbyint(at);
    if (at < low || at > high) {
      if (padding_ == Padding::kBorder) at = std::clamp(at, 0.0, size - 1);
      if (padding_ == Padding::kReflection) at = reflected(at, low, high);
    }
    Reads r;
    const double whole = mode_ == Mode::kNearest ? std::nearbyint(at) : std::floor(at);
    const auto first = static_cast<int64_t>(whole);
    const double part = at - whole;
    switch (mode_) {
      case Mode::kNearest:
        add(r, first, 1, length);
        break;
      case Mode::kLinear:
        add(r, first, 1 - part, length);
        add(r, first + 1, part, length);
        break;
      case Mode::kCubic:
        for (int64_t k = -1; k <= 2; ++k)
          add(r, first + k, cubic(std::fabs(part - static_cast<double>(k))), length);
    }
    return r;
  }

 private:
  static double cubic(double d) {
    constexpr double a = kSharpness;
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  }
  void add(Reads& r, int64_t at, double weight, int64_t length) const {
    if (at < 0 || at >= length) {
      const auto size = static_cast<double>(length);
      if (padding_ == Padding::kZeros) return;
      if (padding_ == Padding::kBorder)
        at = std::clamp<int64_t>(at, 0, length - 1);
      else
        at = std::clamp<int64_t>(
            static_cast<int64_t>(reflected(static_cast<double>(at), align_ ? 0 : -0.5,
                                           align_ ? size - 1 : size - 0.5)),
            0, length - 1);
    }
    r.at[static_cast<size_t>(r.count)] = at;
    r.weight[static_cast<size_t>(r.count++)] = weight;
  }

  const Mode mode_;
  const Padding padding_;
  const bool align_;
};

/// Every combination of the axes' reads of one place, as offsets into a plane.
struct Taps {
  std::vector<int64_t> offset;
  std::vector<double> weight;

  void combine(std::span<const Reads> axes, std::span<const int64_t> dims) {
    offset.assign(1, 0);
    weight.assign(1, 1);
    for (size_t i = 0; i < axes.size(); ++i) {
      const size_t before = offset.size();
      const auto count = static_cast<size_t>(axes[i].count);
      offset.resize(before * count);
      weight.resize(before * count);
      if (count == 0) return;
      for (size_t k = count; k-- > 0;)
        for (size_t b = before; b-- > 0;) {
          offset[k * before + b] = offset[b] * dims[i] + axes[i].at[k];
          weight[k * before + b] = weight[b] * axes[i].weight[k];
        }
    }
  }
};

class GridSample final : public Kernel {
 public:
  explicit GridSample(const Node& node)
      : sampler_(mode_of(node.attr_string("mode", "linear")),
                 padding_of(node.attr_string("padding_mode", "zeros")),
                 node.attr_int("align_corners") != 0) {}

  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &grid = *context.input(1);
    const int64_t axes = x.rank() - 2;
    if (axes < 1 || axes > static_cast<int64_t>(kMostAxes) || grid.rank() != x.rank() ||
        grid.dim(0) != x.dim(0) || grid.dims.back() != axes)
      return mismatch("X " + dims_text(x.dims) + " and grid " + dims_text(grid.dims) +
                      " are not [N, C, D1 ... Dr] and [N, O1 ... Or, r] with r of 1 to " +
                      std::to_string(kMostAxes));
    Dims dims{x.dim(0), x.dim(1)};
    dims.insert(dims.end(), grid.dims.begin() + 1, grid.dims.end() - 1);
    HY_RETURN_IF_ERROR(check_dims(dims));
    const Dims spatial(x.shape().subspan(2));
    if (count_of(spatial) == 0 && count_of(dims) != 0)
      return mismatch("X " + dims_text(x.dims) + " has no element to read");
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, dims));
    HY_ASSIGN_OR_RETURN(const double* places, read_floats<double>(context, grid));
    if (x.dtype == HY_DTYPE_BOOL) {
      sample<bool>(context, x, spatial, places, y);
      return {};
    }
    return visit_numeric(x.dtype, [&](auto tag) -> Status {
      sample<decltype(tag)>(context, x, spatial, places, y);
      return {};
    });
  }

 private:
  template <class T>
  void sample(Context& context, const Tensor& x, const Dims& dims, const double* grid,
              const Tensor& y) const {
    const size_t axes = dims.size();
    const int64_t channels = x.dim(1), in_area = count_of(dims),
                  out_area = count_of(y.shape().subspan(2)), places = x.dim(0) * out_area;
    parallel_for(context.threads(), places, 256, [&](int64_t begin, int64_t end) {
      std::array<Reads, kMostAxes> reads;
      Taps taps;
      for (int64_t p = begin; p < end; ++p) {
        const double* at = grid + p * static_cast<int64_t>(axes);
        // The grid's first number belongs to the last axis.
        for (size_t i = 0; i < axes; ++i) reads[i] = sampler_.reads(at[axes - 1 - i], dims[i]);
        taps.combine(std::span(reads).first(axes), dims);
        const int64_t n = p / out_area, where = p % out_area;
        for (int64_t c = 0; c < channels; ++c) {
          const T* plane = x.as<const T>() + (n * channels + c) * in_area;
          double sum = 0;
          for (size_t k = 0; k < taps.offset.size(); ++k)
            sum += taps.weight[k] * to_double(plane[taps.offset[k]]);
          y.as<T>()[(n * channels + c) * out_area + where] = from_double<T>(sum);
        }
      }
    });
  }

  template <class T>
  static double to_double(T v) {
    if constexpr (std::is_same_v<T, bool>)
      return v ? 1 : 0;
    else
      return static_cast<double>(static_cast<compute_t<T>>(v));
  }
  /// Integers are rounded toward zero, and held where the type ends.
  template <class T>
  static T from_double(double v) {
    if constexpr (std::is_same_v<T, bool>) {
      return v != 0;
    } else if constexpr (std::is_integral_v<T>) {
      const auto least = static_cast<double>(std::numeric_limits<T>::min()),
                 most = static_cast<double>(std::numeric_limits<T>::max());
      if (!(v > least)) return std::numeric_limits<T>::min();
      return v >= most ? std::numeric_limits<T>::max() : static_cast<T>(v);
    } else {
      return static_cast<T>(static_cast<compute_t<T>>(v));
    }
  }
  static Mode mode_of(std::string_view name) {
    return name == "nearest" ? Mode::kNearest : name == "cubic" ? Mode::kCubic : Mode::kLinear;
  }
  static Padding padding_of(std::string_view name) {
    return name == "border"       ? Padding::kBorder
           : name == "reflection" ? Padding::kReflection
                                  : Padding::kZeros;
  }

  const Sampler sampler_;
};

class AffineGrid final : public Kernel {
 public:
  explicit AffineGrid(const Node& node) : align_(node.attr_int("align_corners") != 0) {}

  Status run(Context& context) const override {
    const Tensor& theta = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Dims size, list_operand(*context.input(1), "size"));
    const int64_t axes = std::ssize(size) - 2;
    if ((axes != 2 && axes != 3) || theta.rank() != 3 || theta.dim(1) != axes ||
        theta.dim(2) != axes + 1 || theta.dim(0) != size[0])
      return mismatch("theta " + dims_text(theta.dims) + " and size " + dims_text(size) +
                      " are not [N, 2, 3] and [N, C, H, W], or [N, 3, 4] and [N, C, D, H, W]");
    Dims dims{size[0]};
    dims.insert(dims.end(), size.begin() + 2, size.end());
    dims.push_back(axes);
    HY_RETURN_IF_ERROR(check_dims(dims));
    return visit_form(theta.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      HY_ASSIGN_OR_RETURN(const T* maps, read_floats<T>(context, theta));
      HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, theta.dtype, dims)));
      T* to = y.data();
      const Dims spatial(std::span<const int64_t>(size).subspan(2));
      for (int64_t n = 0; n < size[0]; ++n) {
        const T* map = maps + n * axes * (axes + 1);
        for_each_position(spatial, [&](const Dims& at) {
          for (int64_t row = 0; row < axes; ++row) {
            const T* m = map + row * (axes + 1);
            double sum = static_cast<double>(m[axes]);
            // x belongs to the last axis.
            for (int64_t i = 0; i < axes; ++i) {
              const auto axis = static_cast<size_t>(axes - 1 - i);
              sum += static_cast<double>(m[i]) * place(at[axis], spatial[axis]);
            }
            *to++ = static_cast<T>(sum);
          }
        });
      }
      y.finish(context);
      return {};
    });
  }

 private:
  /// Of element i of n, in -1..1; the only one with align_corners lies in the middle.
  double place(int64_t i, int64_t n) const {
    if (!align_) return (2 * static_cast<double>(i) + 1) / static_cast<double>(n) - 1;
    return n == 1 ? 0 : 2 * static_cast<double>(i) / static_cast<double>(n - 1) - 1;
  }

  const bool align_;
};

Verdict supports_grid_sample(const Node& node) {
  const auto mode = node.attr_string("mode", "linear");
  if (mode != "linear" && mode != "nearest" && mode != "cubic")
    return reject(Reason::attribute)
        .got("mode=" + std::string(mode))
        .limit("linear, nearest and cubic");
  const auto padding = node.attr_string("padding_mode", "zeros");
  if (padding != "zeros" && padding != "border" && padding != "reflection")
    return reject(Reason::attribute)
        .got("padding_mode=" + std::string(padding))
        .limit("zeros, border and reflection");
  const Value x = node.input(0);
  if (x.has_rank() && (x.rank() < 3 || x.rank() > kMostAxes + 2))
    return reject(Reason::rank).operand(0).got(x.rank()).limit("3 to 8");
  return accept();
}

double operations(const Node& node) {
  if (!node.output(0).is_static()) return -1;
  double n = 8;
  for (int64_t d : node.output(0).dims()) n *= static_cast<double>(d);
  return n;
}

constexpr KernelEntry kRows[] = {
    {"GridSample", create_kernel<GridSample>, supports_grid_sample, operations},
    {"AffineGrid", create_kernel<AffineGrid>, nullptr, operations},
};

}  // namespace

std::span<const KernelEntry> grid_sample_kernels() { return kRows; }

}  // namespace halyard::cpu
