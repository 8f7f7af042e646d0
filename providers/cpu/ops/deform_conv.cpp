// DeformConv: a convolution whose taps are moved by offsets, and weighed by a mask. The taps of every
// position as a column, then a product.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/matrix_product.hpp"
#include "providers/cpu/ops/conv_operands.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/window.hpp"

namespace halyard::cpu {

namespace {

constexpr size_t kMostAxes = 6;

Status multiply(int threads, const ProductShape& shape, const Dims& a_at, const float* a,
                const Dims& b_at, const float* b, float* c) {
  return multiply_f32(threads, shape, a_at, a, b_at, b, c);
}
Status multiply(int threads, const ProductShape& shape, const Dims& a_at, const double* a,
                const Dims& b_at, const double* b, double* c) {
  return multiply_reference(threads, HY_DTYPE_F64, shape, a_at, a, b_at, b, c);
}

/// The plane at a place between its elements; zero outside.
template <class T>
double interpolated(const T* plane, const Dims& dims, const double* at) {
  const size_t axes = dims.size();
  int64_t first[kMostAxes];
  double part[kMostAxes];
  for (size_t i = 0; i < axes; ++i) {
    if (!(at[i] > -1 && at[i] < static_cast<double>(dims[i]))) return 0;
    const double whole = std::floor(at[i]);
    first[i] = static_cast<int64_t>(whole);
    part[i] = at[i] - whole;
  }
  double sum = 0;
  for (size_t corner = 0; corner < size_t{1} << axes; ++corner) {
    double weight = 1;
    int64_t offset = 0;
    for (size_t i = 0; i < axes; ++i) {
      const bool upper = (corner >> i & 1) != 0;
      const int64_t p = first[i] + (upper ? 1 : 0);
      weight *= p < 0 || p >= dims[i] ? 0 : upper ? part[i] : 1 - part[i];
      offset = offset * dims[i] + std::clamp<int64_t>(p, 0, dims[i] - 1);
    }
    if (weight != 0) sum += weight * static_cast<double>(plane[offset]);
  }
  return sum;
}

class DeformConv final : public Kernel {
 public:
  explicit DeformConv(const Node& node)
      : window_(node),
        groups_(node.attr_int("group", 1)),
        offset_groups_(node.attr_int("offset_group", 1)) {}

  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &w = *context.input(1);
    if (x.rank() < 3 || x.rank() > static_cast<int64_t>(kMostAxes) + 2 || w.rank() != x.rank())
      return mismatch("X has rank " + std::to_string(x.rank()) + ", W " + std::to_string(w.rank()) +
                      "; both must have the same, 3 to " + std::to_string(kMostAxes + 2));
    const int64_t in = x.dim(1), out = w.dim(0);
    if (groups_ < 1 || offset_groups_ < 1 || w.dim(1) * groups_ != in || out % groups_ != 0 ||
        in % offset_groups_ != 0)
      return mismatch("X " + dims_text(x.dims) + " and W " + dims_text(w.dims) + " do not fit " +
                      std::to_string(groups_) + " groups and " + std::to_string(offset_groups_) +
                      " groups of offsets");
    HY_ASSIGN_OR_RETURN(const Window window,
                        window_.resolve(x.shape().subspan(2), w.shape().subspan(2)));
    const int64_t area = count_of(window.kernel);
    HY_RETURN_IF_ERROR(check_field(context, 2, "offset", x.dim(0),
                                   offset_groups_ * area * std::ssize(window.kernel), window));
    HY_RETURN_IF_ERROR(check_field(context, 4, "mask", x.dim(0), offset_groups_ * area, window));
    const Tensor* bias = context.input_count() > 3 ? context.input(3) : nullptr;
    HY_RETURN_IF_ERROR(check_bias(bias, out));
    return visit_form(x.dtype, [&](auto tag) { return convolve<decltype(tag)>(context, window); });
  }

 private:
  static Status check_field(Context& context, uint32_t i, const char* name, int64_t batch,
                            int64_t channels, const Window& window) {
    const Tensor* field = i < context.input_count() ? context.input(i) : nullptr;
    if (field == nullptr) return {};
    Dims wanted{batch, channels};
    wanted.insert(wanted.end(), window.output.begin(), window.output.end());
    if (field->dims == wanted) return {};
    return mismatch(std::string("operand \"") + name + "\" has the dims " + dims_text(field->dims) +
                    "; " + dims_text(wanted) + " are wanted");
  }

  template <class T>
  Status convolve(Context& context, const Window& w) const {
    const Tensor &x = *context.input(0), &weights = *context.input(1);
    const int64_t batch = x.dim(0), in = x.dim(1), out = weights.dim(0);
    Dims dims{batch, out};
    dims.insert(dims.end(), w.output.begin(), w.output.end());
    HY_ASSIGN_OR_RETURN(const T* image, read_floats<T>(context, x));
    HY_ASSIGN_OR_RETURN(const T* filter, read_floats<T>(context, weights));
    HY_ASSIGN_OR_RETURN(const T* offsets, read_floats<T>(context, 2));
    const T *bias = nullptr, *mask = nullptr;
    if (context.input_count() > 3) {
      HY_ASSIGN_OR_RETURN(bias, read_floats<T>(context, 3));
    }
    if (context.input_count() > 4) {
      HY_ASSIGN_OR_RETURN(mask, read_floats<T>(context, 4));
    }
    HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, x.dtype, dims)));
    const int64_t area = count_of(w.kernel), positions = count_of(w.output);
    const int64_t in_group = in / groups_, out_group = out / groups_, k = in_group * area;
    HY_ASSIGN_OR_RETURN(T * columns, scratch_of<T>(context, in * area * positions));
    for (int64_t n = 0; n < batch; ++n) {
      gather(context, w, image, offsets, mask, n, in, columns);
      for (int64_t g = 0; g < groups_; ++g) {
        T* to = y.data() + (n * out + g * out_group) * positions;
        HY_RETURN_IF_ERROR(multiply(context.threads(), {out_group, positions, k, false, false}, {0},
                                    filter + g * out_group * k, {0}, columns + g * k * positions,
                                    to));
      }
      for (int64_t c = 0; bias != nullptr && c < out; ++c) {
        T* plane = y.data() + (n * out + c) * positions;
        for (int64_t p = 0; p < positions; ++p) plane[p] += bias[c];
      }
    }
    y.finish(context);
    return {};
  }

  /// columns[channel, tap, position] of one image.
  template <class T>
  void gather(Context& context, const Window& w, const T* image, const T* offsets, const T* mask,
              int64_t n, int64_t channels, T* columns) const {
    const size_t axes = w.kernel.size();
    const int64_t area = count_of(w.kernel), positions = count_of(w.output),
                  plane = count_of(w.input), share = channels / offset_groups_;
    std::vector<Dims> taps;
    for_each_position(w.kernel, [&](const Dims& tap) { taps.push_back(tap); });
    parallel_for(context.threads(), channels * area, 1, [&](int64_t begin, int64_t end) {
      double at[kMostAxes];
      for (int64_t row = begin; row < end; ++row) {
        const int64_t c = row / area, tap = row % area;
        const int64_t field = (n * offset_groups_ + c / share) * area + tap;
        const T* moved = offsets + field * static_cast<int64_t>(axes) * positions;
        const T* weight = mask != nullptr ? mask + field * positions : nullptr;
        const T* from = image + (n * channels + c) * plane;
        T* to = columns + row * positions;
        int64_t p = 0;
        for_each_position(w.output, [&](const Dims& position) {
          for (size_t i = 0; i < axes; ++i)
            at[i] = static_cast<double>(position[i] * w.strides[i] - w.pads_begin[i] +
                                        taps[static_cast<size_t>(tap)][i] * w.dilations[i]) +
                    static_cast<double>(moved[static_cast<int64_t>(i) * positions + p]);
          const double v = interpolated(from, w.input, at);
          to[p] = static_cast<T>(weight != nullptr ? v * static_cast<double>(weight[p]) : v);
          ++p;
        });
      }
    });
  }

  const WindowAttributes window_;
  const int64_t groups_, offset_groups_;
};

double operations(const Node& node) {
  if (!node.output(0).is_static() || !node.input(1).is_static()) return -1;
  double n = 2;
  for (int64_t d : node.output(0).dims()) n *= static_cast<double>(d);
  const auto w = node.input(1).dims();
  for (size_t i = 1; i < w.size(); ++i) n *= static_cast<double>(w[i]);
  return n;
}

constexpr KernelEntry kRows[] = {
    {"DeformConv", create_kernel<DeformConv>, check_convolution, operations}};

}  // namespace

std::span<const KernelEntry> deform_conv_kernels() { return kRows; }

}  // namespace halyard::cpu
