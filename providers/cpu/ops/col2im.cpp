// Col2Im: blocks of columns, summed where they overlap, become an image.
#include <algorithm>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/window.hpp"

namespace halyard::cpu {

namespace {

/// One for each spatial axis, or `otherwise` where the attribute is absent.
Result<Dims> per_axis(const std::vector<int64_t>& given, size_t count, int64_t otherwise,
                      int64_t least, const char* name) {
  if (given.empty()) return Dims(count, otherwise);
  if (given.size() != count)
    return mismatch(std::string("attribute \"") + name + "\" has " + std::to_string(given.size()) +
                    " entries; " + std::to_string(count) + " are wanted");
  for (int64_t v : given)
    if (v < least)
      return invalid_argument(std::string("attribute \"") + name + "\" holds " + std::to_string(v) +
                              "; it must be " + std::to_string(least) + " or more");
  return Dims(given.begin(), given.end());
}

class Col2Im final : public Kernel {
 public:
  explicit Col2Im(const Node& node)
      : dilations_(node.attr_ints("dilations")),
        pads_(node.attr_ints("pads")),
        strides_(node.attr_ints("strides")) {}

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Window w, window(context));
    const int64_t taps = count_of(w.kernel), positions = count_of(w.output);
    if (x.rank() != 3 || taps < 1 || x.dim(1) % taps != 0 || x.dim(2) != positions)
      return mismatch("X has the dims " + dims_text(x.dims) + "; [N, C * " + std::to_string(taps) +
                      ", " + std::to_string(positions) + "] are wanted for these blocks and image");
    Dims dims{x.dim(0), x.dim(1) / taps};
    dims.insert(dims.end(), w.input.begin(), w.input.end());
    HY_RETURN_IF_ERROR(check_dims(dims));
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, dims));
    if (x.dtype == HY_DTYPE_BOOL) {
      sum(context, w, dims[0] * dims[1], x.as<const uint8_t>(), y.as<uint8_t>(),
          [](uint8_t a, uint8_t b) { return static_cast<uint8_t>(a | b); });
      return {};
    }
    return visit_numeric(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      sum(context, w, dims[0] * dims[1], x.as<const T>(), y.as<T>(), [](T a, T b) {
        return static_cast<T>(static_cast<compute_t<T>>(a) + static_cast<compute_t<T>>(b));
      });
      return {};
    });
  }

 private:
  /// The window that slides over the image: its positions are X's last axis.
  Result<Window> window(Context& context) const {
    Window w;
    HY_ASSIGN_OR_RETURN(w.input, list_operand(*context.input(1), "image_shape"));
    HY_ASSIGN_OR_RETURN(w.kernel, list_operand(*context.input(2), "block_shape"));
    const size_t axes = w.input.size();
    if (axes == 0 || w.kernel.size() != axes)
      return mismatch("image_shape has " + std::to_string(axes) + " entries, block_shape " +
                      std::to_string(w.kernel.size()));
    HY_RETURN_IF_ERROR(check_dims(w.input));
    HY_RETURN_IF_ERROR(check_dims(w.kernel));
    HY_ASSIGN_OR_RETURN(w.strides, per_axis(strides_, axes, 1, 1, "strides"));
    HY_ASSIGN_OR_RETURN(w.dilations, per_axis(dilations_, axes, 1, 1, "dilations"));
    HY_ASSIGN_OR_RETURN(const Dims pads, per_axis(pads_, 2 * axes, 0, 0, "pads"));
    w.pads_begin.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(axes));
    w.pads_end.assign(pads.begin() + static_cast<std::ptrdiff_t>(axes), pads.end());
    for (size_t i = 0; i < axes; ++i) {
      int64_t reach = 0, padded = 0;
      const bool over = __builtin_mul_overflow(w.dilations[i], w.kernel[i] - 1, &reach) ||
                        __builtin_add_overflow(w.pads_begin[i], w.pads_end[i], &padded) ||
                        __builtin_add_overflow(padded, w.input[i], &padded);
      const int64_t room = over ? -1 : padded - reach - 1;
      if (room < 0)
        return invalid_argument("a block of " + dims_text(w.kernel) +
                                " does not fit into the image " + dims_text(w.input));
      w.output.push_back(room / w.strides[i] + 1);
    }
    return w;
  }

  template <class T, class Add>
  static void sum(Context& context, const Window& w, int64_t planes, const T* x, T* y,
                  const Add& add) {
    const int64_t area = count_of(w.input), taps = count_of(w.kernel),
                  positions = count_of(w.output);
    parallel_for(context.threads(), planes, 1, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        T* image = y + p * area;
        std::fill_n(image, area, T{});
        const T* from = x + p * taps * positions;
        for_each_position(w.kernel, [&](const Dims& tap) {
          for_each_position(w.output, [&](const Dims& at) {
            int64_t offset = 0;
            bool inside = true;
            for (size_t i = 0; i < at.size(); ++i) {
              const int64_t v = at[i] * w.strides[i] + tap[i] * w.dilations[i] - w.pads_begin[i];
              inside = inside && v >= 0 && v < w.input[i];
              offset = offset * w.input[i] + v;
            }
            if (inside) image[offset] = add(image[offset], *from);
            ++from;
          });
        });
      }
    });
  }

  const std::vector<int64_t> dilations_, pads_, strides_;
};

constexpr KernelEntry kRows[] = {{"Col2Im", create_kernel<Col2Im>}};

}  // namespace

std::span<const KernelEntry> col2im_kernels() { return kRows; }

}  // namespace halyard::cpu
