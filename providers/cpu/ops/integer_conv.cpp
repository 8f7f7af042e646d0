// ConvInteger and QLinearConv, for any number of spatial axes: the taps of each position as a row, then a
// product of integers.
#include <algorithm>
#include <string>

#include "providers/cpu/integer_product.hpp"
#include "providers/cpu/ops/conv_operands.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/quantized.hpp"
#include "providers/cpu/requantize.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kChunkElements = 1 << 18;  // of rows of taps

struct Operands {
  const Tensor *x, *x_zero, *w, *w_zero;
};

class IntegerConvolution {
 public:
  IntegerConvolution(const Node& node) : window_(node), groups_(node.attr_int("group", 1)) {}

  /// finish(channel, sums, n, at): n sums of a channel, for elements from `at` on.
  template <class Output, class Finish>
  Status run(Context& context, const Operands& o, const Output& output,
             const Finish& finish) const {
    const Tensor &x = *o.x, &w = *o.w;
    if (x.rank() < 2 || w.rank() != x.rank())
      return mismatch("X has rank " + std::to_string(x.rank()) + ", W " + std::to_string(w.rank()));
    const int64_t in = x.dim(1), out = w.dim(0), in_group = w.dim(1);
    if (groups_ < 1 || in_group * groups_ != in || out % groups_ != 0)
      return mismatch("X " + dims_text(x.dims) + " and W " + dims_text(w.dims) + " do not fit " +
                      std::to_string(groups_) + " groups");
    if (o.x_zero != nullptr && o.x_zero->count() != 1)
      return mismatch("the zero point of X has the dims " + dims_text(o.x_zero->dims) +
                      "; it has one element");
    if (o.w_zero != nullptr && o.w_zero->count() != 1 && o.w_zero->count() != out)
      return mismatch("the zero point of W has the dims " + dims_text(o.w_zero->dims) +
                      "; it has one element, or " + std::to_string(out));
    HY_ASSIGN_OR_RETURN(const Window window,
                        window_.resolve(x.shape().subspan(2), w.shape().subspan(2)));
    Dims dims{x.dim(0), out};
    dims.insert(dims.end(), window.output.begin(), window.output.end());
    HY_RETURN_IF_ERROR(output(dims));
    const int64_t area = count_of(window.kernel), k = in_group * area;
    const int64_t positions = count_of(window.output), out_group = out / groups_;
    if (count_of(dims) == 0) return {};

    HY_ASSIGN_OR_RETURN(void* w_memory, context.scratch(static_cast<size_t>(out * k) * 2));
    auto* weights = static_cast<int16_t*>(w_memory);
    for (int64_t c = 0; c < out; ++c)
      shift_to_i16(w, c * k, 1, byte_at(o.w_zero, c), k, weights + c * k);
    HY_ASSIGN_OR_RETURN(const std::vector<int64_t> taps, tap_offsets(window, area));
    const int64_t chunk = std::min(positions, kChunkElements / std::max<int64_t>(k, 1) + 1);
    HY_ASSIGN_OR_RETURN(void* r_memory, context.scratch(static_cast<size_t>(chunk * k) * 2));
    HY_ASSIGN_OR_RETURN(void* s_memory,
                        context.scratch(static_cast<size_t>(chunk * out_group) * 4));
    auto* rows = static_cast<int16_t*>(r_memory);
    auto* sums = static_cast<int32_t*>(s_memory);
    const int64_t in_area = count_of(window.input);
    const int32_t x_zero = byte_at(o.x_zero, 0);
    for (int64_t n = 0; n < x.dim(0); ++n)
      for (int64_t g = 0; g < groups_; ++g)
        for (int64_t first = 0; first < positions; first += chunk) {
          const int64_t count = std::min(chunk, positions - first);
          const int64_t plane = (n * in + g * in_group) * in_area;
          parallel_for(context.threads(), count, 64, [&](int64_t begin, int64_t end) {
            for (int64_t p = begin; p < end; ++p)
              gather(x, plane, in_area, in_group, x_zero, taps.data() + (first + p) * area, area,
                     rows + p * k);
          });
          multiply_i16(context.threads(), out_group, count, k, weights + g * out_group * k, rows,
                       sums, count);
          for (int64_t c = 0; c < out_group; ++c) {
            const int64_t channel = g * out_group + c;
            finish(channel, sums + c * count, count, (n * out + channel) * positions + first);
          }
        }
    return {};
  }

 private:
  /// For each position and tap the element of a plane, or -1 in the padding.
  static Result<std::vector<int64_t>> tap_offsets(const Window& window, int64_t area) {
    std::vector<int64_t> out;
    out.reserve(static_cast<size_t>(count_of(window.output) * area));
    for_each_position(window.output, [&](const Dims& at) {
      for_each_position(window.kernel,
                        [&](const Dims& tap) { out.push_back(input_offset(window, at, tap)); });
    });
    return out;
  }

  static void gather(const Tensor& x, int64_t plane, int64_t in_area, int64_t channels,
                     int32_t zero, const int64_t* taps, int64_t area, int16_t* to) {
    const bool negative = x.dtype == HY_DTYPE_I8;
    const auto* bytes = x.as<const uint8_t>() + plane;
    for (int64_t c = 0; c < channels; ++c, bytes += in_area)
      for (int64_t t = 0; t < area; ++t) {
        const int64_t at = taps[t];
        const int32_t v = at < 0     ? zero
                          : negative ? static_cast<int8_t>(bytes[at])
                                     : static_cast<int32_t>(bytes[at]);
        *to++ = static_cast<int16_t>(v - zero);
      }
  }

  const WindowAttributes window_;
  const int64_t groups_;
};

const Tensor* optional_input(Context& context, uint32_t i) {
  return i < context.input_count() ? context.input(i) : nullptr;
}

class ConvInteger final : public Kernel {
 public:
  explicit ConvInteger(const Node& node) : convolution_(node) {}
  Status run(Context& context) const override {
    Tensor y;
    return convolution_.run(
        context,
        {context.input(0), optional_input(context, 2), context.input(1),
         optional_input(context, 3)},
        [&](const Dims& dims) -> Status {
          HY_ASSIGN_OR_RETURN(y, context.output(0, HY_DTYPE_I32, dims));
          return {};
        },
        [&](int64_t, const int32_t* sums, int64_t n, int64_t at) {
          std::copy_n(sums, n, y.as<int32_t>() + at);
        });
  }

 private:
  const IntegerConvolution convolution_;
};

class QLinearConv final : public Kernel {
 public:
  explicit QLinearConv(const Node& node) : convolution_(node) {}
  Status run(Context& context) const override {
    const Tensor &x_scale = *context.input(1), &w_scale = *context.input(4),
                 &y_scale = *context.input(6), &y_zero = *context.input(7);
    const Tensor* bias = optional_input(context, 8);
    const int64_t out = context.input(3)->dims.empty() ? 0 : context.input(3)->dim(0);
    if (x_scale.count() != 1 || y_scale.count() != 1 || y_zero.count() != 1 ||
        (w_scale.count() != 1 && w_scale.count() != out))
      return mismatch("the scales have the dims " + dims_text(x_scale.dims) + ", " +
                      dims_text(w_scale.dims) + " and " + dims_text(y_scale.dims) +
                      "; each has one element, that of W may have " + std::to_string(out));
    HY_RETURN_IF_ERROR(check_bias(bias, out));
    const float both = *x_scale.as<const float>() / *y_scale.as<const float>();
    const int32_t zero = byte_at(&y_zero, 0);
    Tensor y;
    std::vector<int32_t> biased;
    return convolution_.run(
        context, {context.input(0), context.input(2), context.input(3), context.input(5)},
        [&](const Dims& dims) -> Status {
          HY_ASSIGN_OR_RETURN(y, context.output(0, y_zero.dtype, dims));
          return {};
        },
        [&](int64_t channel, const int32_t* sums, int64_t n, int64_t at) {
          const float scale = both * w_scale.as<const float>()[w_scale.count() == 1 ? 0 : channel];
          if (bias != nullptr) {
            biased.assign(sums, sums + n);
            const auto add = static_cast<uint32_t>(bias->as<const int32_t>()[channel]);
            for (int32_t& s : biased) s = static_cast<int32_t>(static_cast<uint32_t>(s) + add);
            sums = biased.data();
          }
          requantize(sums, n, scale, zero, y, at);
        });
  }

 private:
  const IntegerConvolution convolution_;
};

double operations(const Node& node) {
  const uint32_t weights = node.op() == "QLinearConv" ? 3 : 1;
  if (!node.input(weights).is_static() || !node.output(0).is_static()) return -1;
  double n = 2;
  for (int64_t d : node.output(0).dims()) n *= static_cast<double>(d);
  const auto dims = node.input(weights).dims();
  for (size_t i = 1; i < dims.size(); ++i) n *= static_cast<double>(dims[i]);
  return n;
}

constexpr KernelEntry kRows[] = {
    {"ConvInteger", create_kernel<ConvInteger>, check_window, operations},
    {"QLinearConv", create_kernel<QLinearConv>, check_window, operations},
};

}  // namespace

std::span<const KernelEntry> integer_conv_kernels() { return kRows; }

}  // namespace halyard::cpu
