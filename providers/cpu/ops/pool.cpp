// MaxPool and AveragePool: oneDNN for f32 in one to three dimensions, else the definition.
#include <algorithm>
#include <cmath>
#include <limits>

#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/dnnl/pooling.hpp"
#include "providers/cpu/float_io.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/window.hpp"

namespace halyard::cpu {

namespace {

Dims pooled_dims(const Tensor& x, const Window& w) {
  Dims dims{x.dim(0), x.dim(1)};
  dims.insert(dims.end(), w.output.begin(), w.output.end());
  return dims;
}

/// Row-major offsets as ONNX's storage_order 1 counts them: the first spatial axis fastest.
int64_t column_major(const Window& w, int64_t offset) {
  int64_t out = 0;
  Dims at(w.input.size());
  for (size_t i = w.input.size(); i-- > 0; offset /= w.input[i]) at[i] = offset % w.input[i];
  for (size_t i = w.input.size(); i-- > 0;) out = out * w.input[i] + at[i];
  return out;
}

template <class T>
Result<const T*> in_c_order(Context& context, const Tensor& x) {
  if constexpr (std::is_same_v<T, float>)
    return read_f32(context, x);
  else
    return x.as<const T>();
}

class MaxPool final : public Kernel {
 public:
  explicit MaxPool(const Node& node)
      : window_(node),
        column_major_(node.attr_int("storage_order") == 1),
        pooling_(dnn::Pooling::kMax) {}

  Layouts layouts() const override { return Layouts::kBlocked; }
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.rank() < 2) return mismatch("X has rank " + std::to_string(x.rank()));
    HY_ASSIGN_OR_RETURN(const Window w, window_.resolve(x.shape().subspan(2), {}));
    if (x.dtype == HY_DTYPE_F32 && !context.wants_output(1)) {
      Status status = pooling_.run(context, w);
      if (status.code() != HY_ERROR_UNSUPPORTED) return status;
    }
    if (x.dtype == HY_DTYPE_I8) return pool<int8_t>(context, w);
    if (x.dtype == HY_DTYPE_U8) return pool<uint8_t>(context, w);
    return visit_float(x.dtype, [&](auto tag) { return pool<decltype(tag)>(context, w); });
  }

 private:
  template <class T>
  Status pool(Context& context, const Window& w) const {
    using C = compute_t<T>;
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const T* elements, in_c_order<T>(context, x));
    const Dims dims = pooled_dims(x, w);
    const bool with_y = context.wants_output(0), with_indices = context.wants_output(1);
    Tensor y, indices;
    if (with_y) {
      HY_ASSIGN_OR_RETURN(y, context.output(0, x.dtype, dims));
    }
    if (with_indices) {
      HY_ASSIGN_OR_RETURN(indices, context.output(1, HY_DTYPE_I64, dims));
    }
    const int64_t in_area = count_of(w.input), out_area = count_of(w.output);
    parallel_for(context.threads(), dims[0] * dims[1], 1, [&](int64_t begin, int64_t end) {
      for (int64_t plane = begin; plane < end; ++plane) {
        const T* from = elements + plane * in_area;
        int64_t to = plane * out_area;
        for_each_position(w.output, [&](const Dims& at) {
          C best = lowest<C>();
          int64_t where = -1;
          for_each_tap(w, at, 0, 0, [&](int64_t offset) {
            const C v = static_cast<C>(from[offset]);
            // A NaN wins and stays.
            const bool stays = where >= 0 && !(v > best) && (v == v || best != best);
            if (stays) return;
            best = v;
            where = offset;
          });
          if (with_y) y.as<T>()[to] = static_cast<T>(best);
          const int64_t index = where >= 0 && column_major_ ? column_major(w, where) : where;
          if (with_indices) indices.as<int64_t>()[to] = index < 0 ? -1 : plane * in_area + index;
          ++to;
        });
      }
    });
    return {};
  }
  template <class C>
  static C lowest() {
    if constexpr (std::is_floating_point_v<C>)
      return -std::numeric_limits<C>::infinity();
    else
      return std::numeric_limits<C>::lowest();
  }

  const WindowAttributes window_;
  const bool column_major_;
  const dnn::Pooling pooling_;
};

class AveragePool final : public Kernel {
 public:
  explicit AveragePool(const Node& node)
      : window_(node),
        include_pad_(node.attr_int("count_include_pad") != 0),
        pooling_(include_pad_ ? dnn::Pooling::kAverageWithPadding : dnn::Pooling::kAverage) {}

  Layouts layouts() const override { return Layouts::kBlocked; }
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.rank() < 2) return mismatch("X has rank " + std::to_string(x.rank()));
    HY_ASSIGN_OR_RETURN(const Window w, window_.resolve(x.shape().subspan(2), {}));
    if (x.dtype == HY_DTYPE_F32 && !window_.ceil_mode) {
      Status status = pooling_.run(context, w);
      if (status.code() != HY_ERROR_UNSUPPORTED) return status;
    }
    return visit_float(x.dtype, [&](auto tag) { return pool<decltype(tag)>(context, w); });
  }

 private:
  template <class T>
  Status pool(Context& context, const Window& w) const {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const T* elements, in_c_order<T>(context, x));
    const Dims dims = pooled_dims(x, w);
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, dims));
    const int64_t in_area = count_of(w.input), out_area = count_of(w.output);
    parallel_for(context.threads(), dims[0] * dims[1], 1, [&](int64_t begin, int64_t end) {
      for (int64_t plane = begin; plane < end; ++plane) {
        const T* from = elements + plane * in_area;
        T* to = y.as<T>() + plane * out_area;
        for_each_position(w.output, [&](const Dims& at) {
          double sum = 0;
          int64_t taps = 0;
          for_each_tap(w, at, 0, 0, [&](int64_t offset) {
            sum += static_cast<double>(from[offset]);
            ++taps;
          });
          const int64_t divisor = include_pad_ ? padded_taps(w, at) : taps;
          *to++ = static_cast<T>(static_cast<compute_t<T>>(sum / static_cast<double>(divisor)));
        });
      }
    });
    return {};
  }
  /// Taps in the input or its padding, but none beyond it, where ceil_mode lets a window hang over.
  static int64_t padded_taps(const Window& w, const Dims& at) {
    int64_t n = 1;
    for (size_t i = 0; i < at.size(); ++i) {
      const int64_t first = at[i] * w.strides[i] - w.pads_begin[i],
                    room = w.input[i] + w.pads_end[i] - first;
      n *= std::min(w.kernel[i], (room + w.dilations[i] - 1) / w.dilations[i]);
    }
    return n;
  }

  const WindowAttributes window_;
  const bool include_pad_;
  const dnn::Pooling pooling_;
};

double operations(const Node& node) {
  if (!node.output(0).is_static()) return -1;
  double n = 1;
  for (int64_t d : node.output(0).dims()) n *= static_cast<double>(d);
  for (int64_t k : node.attr_ints("kernel_shape")) n *= static_cast<double>(k);
  return n;
}

constexpr KernelEntry kRows[] = {
    {"MaxPool", create_kernel<MaxPool>, check_window, operations},
    {"AveragePool", create_kernel<AveragePool>, check_window, operations},
};

}  // namespace

std::span<const KernelEntry> pool_kernels() { return kRows; }

}  // namespace halyard::cpu
