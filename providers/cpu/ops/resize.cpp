// Resize: nearest elements are gathered; linear and cubic run axis by axis, which is the same as at once.
#include <algorithm>
#include <cmath>
#include <limits>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/float_io.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/resize_axis.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrainElements = 1 << 13;

enum class Policy { kStretch, kNotLarger, kNotSmaller };

bool is_given(const Tensor* t) { return t != nullptr && t->count() != 0; }

/// The last axis: rows of x [outer, in] to rows of y [outer, out].
template <class T>
void resize_rows(int threads, const T* x, T* y, int64_t outer, const ResizeAxis& axis,
                 const AxisTaps& t, T extrapolation) {
  const std::vector<T> weights(t.weights.begin(), t.weights.end());
  parallel_for(threads, outer, kGrainElements / (axis.output * t.taps) + 1,
               [&](int64_t begin, int64_t end) {
                 for (int64_t row = begin; row < end; ++row) {
                   const T* from = x + row * axis.input;
                   T* to = y + row * axis.output;
                   for (int64_t i = 0; i < axis.output; ++i) {
                     const int64_t* positions = t.positions.data() + i * t.taps;
                     const T* w = weights.data() + i * t.taps;
                     T sum = 0;
                     for (int64_t k = 0; k < t.taps; ++k) sum += w[k] * from[positions[k]];
                     to[i] = t.outside[static_cast<size_t>(i)] != 0 ? extrapolation : sum;
                   }
                 }
               });
}

/// One axis of x [outer, in, inner] to y [outer, out, inner].
template <class T>
void resize_axis(int threads, const T* x, T* y, int64_t outer, int64_t inner,
                 const ResizeAxis& axis, const AxisTaps& t, T extrapolation) {
  const int64_t grain = kGrainElements / std::max<int64_t>(inner * t.taps, 1) + 1;
  parallel_for(threads, outer * axis.output, grain, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      const int64_t position = line % axis.output;
      const T* from = x + line / axis.output * axis.input * inner;
      T* to = y + line * inner;
      if (t.outside[static_cast<size_t>(position)] != 0) {
        std::fill(to, to + inner, extrapolation);
        continue;
      }
      for (int64_t i = 0; i < t.taps; ++i) {
        const auto at = static_cast<size_t>(position * t.taps + i);
        const T weight = static_cast<T>(t.weights[at]);
        const T* tap = from + t.positions[at] * inner;
        if (i == 0)
          vector_loop(inner, [=](int64_t j) HALYARD_CPU_INLINE { to[j] = weight * tap[j]; });
        else if (weight != 0)
          vector_loop(inner, [=](int64_t j) HALYARD_CPU_INLINE { to[j] += weight * tap[j]; });
      }
    }
  });
}

/// Gathers elements of sizeof(T) bytes; every axis has one tap a position.
template <class T>
void gather(int threads, const T* x, T* y, std::span<const ResizeAxis> axes,
            std::span<const AxisTaps> taps, T extrapolation) {
  const auto rank = static_cast<int64_t>(axes.size());
  const ResizeAxis& last = axes.back();
  const AxisTaps& columns = taps.back();
  int64_t rows = 1;
  for (int64_t a = 0; a + 1 < rank; ++a) rows *= axes[static_cast<size_t>(a)].output;
  parallel_for(threads, rows, kGrainElements / last.output + 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      int64_t rest = row, offset = 0, stride = last.input;
      bool outside = false;
      for (size_t a = axes.size() - 1; a-- > 0;) {
        const auto position = static_cast<size_t>(rest % axes[a].output);
        rest /= axes[a].output;
        offset += taps[a].positions[position] * stride;
        outside = outside || taps[a].outside[position] != 0;
        stride *= axes[a].input;
      }
      for (int64_t i = 0; i < last.output; ++i) {
        const auto at = static_cast<size_t>(i);
        y[row * last.output + i] =
            outside || columns.outside[at] != 0 ? extrapolation : x[offset + columns.positions[at]];
      }
    }
  });
}

template <class T>
T from_number(double v) {
  if constexpr (std::is_same_v<T, bool>) {
    return v != 0;
  } else if constexpr (std::is_integral_v<T>) {
    constexpr double low = static_cast<double>(std::numeric_limits<T>::lowest());
    constexpr double high = static_cast<double>(std::numeric_limits<T>::max());
    if (!(v > low)) return std::numeric_limits<T>::lowest();
    return v >= high ? std::numeric_limits<T>::max() : static_cast<T>(v);
  } else {
    return static_cast<T>(static_cast<compute_t<T>>(v));
  }
}

template <class F>
Status visit(uint32_t dtype, F&& f) {
  return dtype == HY_DTYPE_BOOL ? f(bool{}) : visit_numeric(dtype, f);
}

class Resize final : public Kernel {
 public:
  explicit Resize(const Node& node)
      : rule_(node),
        axes_(node.attr_ints("axes")),
        all_axes_(!node.has_attribute("axes")),
        extrapolation_(node.attr_float("extrapolation_value")) {
    const std::string_view policy = node.attr_string("keep_aspect_ratio_policy");
    if (policy == "not_larger") policy_ = Policy::kNotLarger;
    if (policy == "not_smaller") policy_ = Policy::kNotSmaller;
  }

  Status run(Context& context) const override {
    const Tensor x = *context.input(0);
    std::vector<ResizeAxis> axes;
    HY_RETURN_IF_ERROR(find_axes(context, x, &axes));
    Dims dims;
    for (const ResizeAxis& a : axes) dims.push_back(a.output);
    HY_RETURN_IF_ERROR(check_dims(dims));
    if (count_of(dims) != 0 && x.count() == 0)
      return mismatch("X " + dims_text(x.dims) + " has no elements to make " + dims_text(dims) +
                      " of");
    if (count_of(dims) == 0 || dims.empty()) return trivial(context, x, dims);
    std::vector<AxisTaps> taps;
    for (const ResizeAxis& a : axes) taps.push_back(axis_taps(rule_, a));
    if (rule_.mode == ResizeMode::kNearest) return run_nearest(context, x, dims, axes, taps);
    return run_weighted(context, x, dims, axes, taps);
  }

 private:
  static Status trivial(Context& context, const Tensor& x, const Dims& dims) {
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, dims));
    if (y.bytes != 0) std::memcpy(y.data, x.data, y.bytes);
    return {};
  }

  /// Scales and dims of all axes, from the operands.
  Status find_axes(Context& context, const Tensor& x, std::vector<ResizeAxis>* out) const {
    for (int64_t d : x.dims) out->push_back({d, d, 1, 0, 1});
    Dims named(axes_.begin(), axes_.end());
    for (int64_t i = 0; all_axes_ && i < x.rank(); ++i) named.push_back(i);
    HY_ASSIGN_OR_RETURN(named, normal_axes(named, x.rank()));
    const Tensor *roi = context.input(1), *scales = context.input(2), *sizes = context.input(3);
    const auto n = std::ssize(named);
    if (is_given(scales) == is_given(sizes))
      return mismatch("exactly one of scales and sizes must be given");
    const Tensor& given = is_given(scales) ? *scales : *sizes;
    if (given.count() != n)
      return mismatch("scales or sizes has " + std::to_string(given.count()) + " entries for " +
                      std::to_string(n) + " axes");
    for (int64_t i = 0; i < n; ++i) {
      ResizeAxis& a = (*out)[static_cast<size_t>(named[static_cast<size_t>(i)])];
      if (is_given(sizes)) {
        a.output = sizes->index_at(i);
        a.scale = a.input != 0 ? static_cast<double>(a.output) / static_cast<double>(a.input) : 1;
        continue;
      }
      const float scale = scales->as<const float>()[i];
      if (!(scale > 0))
        return mismatch("a scale is " + std::to_string(scale) + " and must be above 0");
      a.scale = static_cast<double>(scale);
      a.output = static_cast<int64_t>(std::floor(static_cast<float>(a.input) * scale));
    }
    if (is_given(sizes)) keep_aspect_ratio(named, out);
    if (rule_.coordinates == CoordinateMode::kTfCropAndResize) return read_roi(roi, named, out);
    return {};
  }

  void keep_aspect_ratio(const Dims& named, std::vector<ResizeAxis>* axes) const {
    if (policy_ == Policy::kStretch || named.empty()) return;
    const auto axis = [&](int64_t i) -> ResizeAxis& { return (*axes)[static_cast<size_t>(i)]; };
    double scale = axis(named[0]).scale;
    for (int64_t i : named)
      scale = policy_ == Policy::kNotLarger ? std::min(scale, axis(i).scale)
                                            : std::max(scale, axis(i).scale);
    for (int64_t i : named) {
      axis(i).scale = scale;
      axis(i).output =
          static_cast<int64_t>(std::floor(scale * static_cast<double>(axis(i).input) + 0.5));
    }
  }

  static Status read_roi(const Tensor* roi, const Dims& named, std::vector<ResizeAxis>* axes) {
    const auto n = std::ssize(named);
    if (roi == nullptr || roi->count() != 2 * n)
      return mismatch("tf_crop_and_resize needs a roi of " + std::to_string(2 * n) + " entries");
    return visit_float(roi->dtype, [&](auto tag) -> Status {
      const auto* values = roi->as<const decltype(tag)>();
      for (int64_t i = 0; i < n; ++i) {
        ResizeAxis& a = (*axes)[static_cast<size_t>(named[static_cast<size_t>(i)])];
        a.roi_begin = static_cast<double>(values[i]);
        a.roi_end = static_cast<double>(values[i + n]);
      }
      return {};
    });
  }

  Status run_nearest(Context& context, const Tensor& x, const Dims& dims,
                     std::span<const ResizeAxis> axes, std::span<const AxisTaps> taps) const {
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, dims));
    return visit(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      gather(context.threads(), x.as<const T>(), y.as<T>(), axes, taps,
             from_number<T>(extrapolation_));
      return {};
    });
  }

  Status run_weighted(Context& context, const Tensor& x, const Dims& dims,
                      std::span<const ResizeAxis> axes, std::span<const AxisTaps> taps) const {
    if (x.dtype == HY_DTYPE_F64) {
      HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, dims));
      return passes(context, x.as<const double>(), y.as<double>(), axes, taps);
    }
    if (x.dtype == HY_DTYPE_F32 || x.dtype == HY_DTYPE_F16 || x.dtype == HY_DTYPE_BF16) {
      HY_ASSIGN_OR_RETURN(const float* from, read_f32(context, x));
      HY_ASSIGN_OR_RETURN(const F32Output y, F32Output::make(context, 0, x.dtype, dims));
      HY_RETURN_IF_ERROR(passes(context, from, y.data(), axes, taps));
      y.finish(context);
      return {};
    }
    return run_integers(context, x, dims, axes, taps);
  }

  /// Computed in f64; the fraction is cut off, as ONNX's reference does.
  Status run_integers(Context& context, const Tensor& x, const Dims& dims,
                      std::span<const ResizeAxis> axes, std::span<const AxisTaps> taps) const {
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, dims));
    HY_ASSIGN_OR_RETURN(void* in, context.scratch(static_cast<size_t>(x.count()) * sizeof(double)));
    HY_ASSIGN_OR_RETURN(void* out,
                        context.scratch(static_cast<size_t>(y.count()) * sizeof(double)));
    auto *from = static_cast<double*>(in), *to = static_cast<double*>(out);
    return visit(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      for (int64_t i = 0; i < x.count(); ++i) from[i] = static_cast<double>(x.as<const T>()[i]);
      HY_RETURN_IF_ERROR(passes(context, static_cast<const double*>(from), to, axes, taps));
      for (int64_t i = 0; i < y.count(); ++i) y.as<T>()[i] = from_number<T>(to[i]);
      return {};
    });
  }

  /// From the last axis to the first; the last of these passes writes to y.
  template <class T>
  Status passes(Context& context, const T* x, T* y, std::span<const ResizeAxis> axes,
                std::span<const AxisTaps> taps) const {
    size_t left = 0;
    for (const AxisTaps& t : taps) left += t.identity ? 0 : 1;
    int64_t inner = 1, outer = 1;
    for (const ResizeAxis& a : axes) outer *= a.input;
    if (left == 0) std::copy_n(x, outer, y);
    for (size_t a = axes.size(); a-- > 0;) {
      outer /= axes[a].input;
      if (!taps[a].identity) {
        T* to = y;
        if (--left != 0) {
          HY_ASSIGN_OR_RETURN(
              void* memory,
              context.scratch(static_cast<size_t>(outer * axes[a].output * inner) * sizeof(T)));
          to = static_cast<T*>(memory);
        }
        const T outside = static_cast<T>(extrapolation_);
        if (inner == 1)
          resize_rows(context.threads(), x, to, outer, axes[a], taps[a], outside);
        else
          resize_axis(context.threads(), x, to, outer, inner, axes[a], taps[a], outside);
        x = to;
      }
      inner *= axes[a].output;
    }
    return {};
  }

  const ResizeRule rule_;
  const std::vector<int64_t> axes_;
  const bool all_axes_;
  const double extrapolation_;
  Policy policy_ = Policy::kStretch;
};

/// Every attribute of text must have one of ONNX's values.
Verdict supports(const Node& node) {
  struct Choice {
    const char *attribute, *values;
  };
  constexpr Choice kChoices[] = {
      {"mode", "nearest, linear, cubic"},
      {"coordinate_transformation_mode",
       "half_pixel, half_pixel_symmetric, pytorch_half_pixel, align_corners, asymmetric, "
       "tf_crop_and_resize, tf_half_pixel_for_nn"},
      {"nearest_mode", "round_prefer_floor, round_prefer_ceil, floor, ceil"},
      {"keep_aspect_ratio_policy", "stretch, not_larger, not_smaller"},
  };
  for (const Choice& c : kChoices) {
    const std::string value(node.attr_string(c.attribute));
    const std::string list = std::string(", ") + c.values + ", ";
    if (node.has_attribute(c.attribute) && list.find(", " + value + ", ") == std::string::npos)
      return reject(Reason::attribute).got(std::string(c.attribute) + "=" + value).limit(c.values);
  }
  return accept();
}

double operations(const Node& node) {
  if (!node.output(0).is_static()) return -1;
  double n = node.attr_string("mode") == "cubic" ? 16 : 4;
  for (int64_t d : node.output(0).dims()) n *= static_cast<double>(d);
  return n;
}

constexpr KernelEntry kRows[] = {{"Resize", create_kernel<Resize>, supports, operations}};

}  // namespace

std::span<const KernelEntry> resize_kernels() { return kRows; }

}  // namespace halyard::cpu
