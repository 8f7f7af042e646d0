// QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/float_io.hpp"
#include "providers/cpu/low_bits.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/quantized.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

/// The range of an integer type of at most 16 bits.
struct Range {
  float low = 0, high = 0;
};
Range range_of(uint32_t dtype) {
  const bool negative =
      dtype == HY_DTYPE_I8 || dtype == HY_DTYPE_I16 || dtype == HY_DTYPE_I4 || dtype == HY_DTYPE_I2;
  const float span = static_cast<float>(1 << dtype_bits(dtype));
  return negative ? Range{-span / 2, span / 2 - 1} : Range{0, span - 1};
}

template <class T>
void quantize_run(const float* x, float scale, float zero, Range range, T* y, int64_t n) {
  vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE {
    const float v = __builtin_nearbyintf(x[i] / scale) + zero;
    const float held = v >= range.low ? v : range.low;  // NaN: the lowest
    y[i] = static_cast<T>(static_cast<int32_t>(held <= range.high ? held : range.high));
  });
}

const Tensor* optional_input(Context& context, uint32_t i) {
  return i < context.input_count() ? context.input(i) : nullptr;
}

class QuantizeLinear final : public Kernel {
 public:
  explicit QuantizeLinear(const Node& node)
      : axis_(node.attr_int("axis", 1)),
        block_(node.attr_int("block_size")),
        to_(static_cast<uint32_t>(node.attr_int("output_dtype"))),
        saturate_(node.attr_int("saturate", 1) != 0) {}

  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &scale = *context.input(1);
    const Tensor* zero_point = optional_input(context, 2);
    const uint32_t to = zero_point != nullptr       ? zero_point->dtype
                        : to_ != HY_DTYPE_UNDEFINED ? to_
                                                    : uint32_t{HY_DTYPE_U8};
    HY_ASSIGN_OR_RETURN(const ScaleMap map, ScaleMap::make(x, scale, zero_point, axis_, block_));
    HY_ASSIGN_OR_RETURN(const float* from, read_as_f32(context, x));
    HY_ASSIGN_OR_RETURN(const float* scales, read_as_f32(context, scale));
    const float* zeros = nullptr;
    if (zero_point != nullptr) {
      HY_ASSIGN_OR_RETURN(zeros, read_as_f32(context, *zero_point));
    }
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, to, x.dims));
    if (is_small_float(to) || is_packed(to)) return run_low(context, map, from, scales, zeros, y);
    switch (to) {
      case HY_DTYPE_I8:
        return run_as<int8_t>(map, from, scales, zeros, y);
      case HY_DTYPE_U8:
        return run_as<uint8_t>(map, from, scales, zeros, y);
      case HY_DTYPE_I16:
        return run_as<int16_t>(map, from, scales, zeros, y);
      case HY_DTYPE_U16:
        return run_as<uint16_t>(map, from, scales, zeros, y);
      default:
        return no_kernel_for(to);
    }
  }

 private:
  template <class T>
  static Status run_as(const ScaleMap& map, const float* x, const float* scales, const float* zeros,
                       const Tensor& y) {
    write(map, x, scales, zeros, range_of(y.dtype), y.as<T>());
    return {};
  }

  template <class T>
  static void write(const ScaleMap& map, const float* x, const float* scales, const float* zeros,
                    Range range, T* y) {
    map.for_each_run([&](int64_t at, int64_t n, int64_t p, int64_t step) {
      const auto zero = [&](int64_t i) { return zeros != nullptr ? zeros[i] : 0.0f; };
      if (step == 0) return quantize_run(x + at, scales[p], zero(p), range, y + at, n);
      for (int64_t i = 0; i < n; ++i)
        quantize_run(x + at + i, scales[p + i], zero(p + i), range, y + at + i, 1);
    });
  }

  /// Codes of a byte each, then packed.
  Status run_low(Context& context, const ScaleMap& map, const float* x, const float* scales,
                 const float* zeros, const Tensor& y) const {
    HY_ASSIGN_OR_RETURN(void* memory, context.scratch(static_cast<size_t>(y.count())));
    auto* codes = is_packed(y.dtype) ? static_cast<uint8_t*>(memory) : y.as<uint8_t>();
    if (is_small_float(y.dtype)) {
      map.for_each_run([&](int64_t at, int64_t n, int64_t p, int64_t step) {
        for (int64_t i = 0; i < n; ++i) {
          const int64_t k = p + i * step;
          const double v = static_cast<double>(x[at + i] / scales[k]) +
                           static_cast<double>(zeros != nullptr ? zeros[k] : 0.0f);
          encode_small_float(y.dtype, saturate_, &v, 1, codes + at + i);
        }
      });
    } else {
      const Range range = range_of(y.dtype);
      write(map, x, scales, zeros, range, reinterpret_cast<int8_t*>(codes));
    }
    if (is_packed(y.dtype)) pack(context.threads(), y.dtype, codes, y.count(), y.data);
    return {};
  }

  const int64_t axis_, block_;
  const uint32_t to_;
  const bool saturate_;
};

class DequantizeLinear final : public Kernel {
 public:
  explicit DequantizeLinear(const Node& node)
      : axis_(node.attr_int("axis", 1)),
        block_(node.attr_int("block_size")),
        to_(static_cast<uint32_t>(node.attr_int("output_dtype"))) {}

  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &scale = *context.input(1);
    const Tensor* zero_point = optional_input(context, 2);
    const bool has_own = scale.dtype == HY_DTYPE_F8E8M0;
    const uint32_t to = to_ != HY_DTYPE_UNDEFINED ? to_
                        : has_own                 ? uint32_t{HY_DTYPE_F32}
                                                  : scale.dtype;
    HY_ASSIGN_OR_RETURN(const ScaleMap map, ScaleMap::make(x, scale, zero_point, axis_, block_));
    HY_ASSIGN_OR_RETURN(const float* scales, read_as_f32(context, scale));
    HY_ASSIGN_OR_RETURN(const F32Output y, F32Output::make(context, 0, to, x.dims));
    Status status;
    switch (x.dtype) {
      case HY_DTYPE_I8:
        status = run_as<int8_t>(map, x, scales, zero_point, y.data());
        break;
      case HY_DTYPE_U8:
        status = run_as<uint8_t>(map, x, scales, zero_point, y.data());
        break;
      case HY_DTYPE_I16:
        status = run_as<int16_t>(map, x, scales, zero_point, y.data());
        break;
      case HY_DTYPE_U16:
        status = run_as<uint16_t>(map, x, scales, zero_point, y.data());
        break;
      case HY_DTYPE_I32:
        status = run_as<int32_t>(map, x, scales, zero_point, y.data());
        break;
      default:
        status = run_low(context, map, x, scales, zero_point, y.data());
    }
    if (status.ok()) y.finish(context);
    return status;
  }

 private:
  template <class T>
  static Status run_as(const ScaleMap& map, const Tensor& x, const float* scales,
                       const Tensor* zero_point, float* y) {
    using Wide = std::conditional_t<sizeof(T) == 4, int64_t, int32_t>;
    const T* from = x.as<const T>();
    const T* zeros = zero_point != nullptr ? zero_point->as<const T>() : nullptr;
    map.for_each_run([&](int64_t at, int64_t n, int64_t p, int64_t step) {
      const T* in = from + at;
      float* out = y + at;
      if (step == 0) {
        const float scale = scales[p];
        const Wide zero = zeros != nullptr ? zeros[p] : 0;
        vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE {
          out[i] = static_cast<float>(static_cast<Wide>(in[i]) - zero) * scale;
        });
        return;
      }
      for (int64_t i = 0; i < n; ++i) {
        const Wide zero = zeros != nullptr ? zeros[p + i] : 0;
        out[i] = static_cast<float>(static_cast<Wide>(in[i]) - zero) * scales[p + i];
      }
    });
    return {};
  }

  static Status run_low(Context& context, const ScaleMap& map, const Tensor& x, const float* scales,
                        const Tensor* zero_point, float* y) {
    HY_ASSIGN_OR_RETURN(const float* from, read_as_f32(context, x));
    const float* zeros = nullptr;
    if (zero_point != nullptr) {
      HY_ASSIGN_OR_RETURN(zeros, read_as_f32(context, *zero_point));
    }
    map.for_each_run([&](int64_t at, int64_t n, int64_t p, int64_t step) {
      for (int64_t i = 0; i < n; ++i) {
        const int64_t k = p + i * step;
        y[at + i] = (from[at + i] - (zeros != nullptr ? zeros[k] : 0.0f)) * scales[k];
      }
    });
    return {};
  }

  const int64_t axis_, block_;
  const uint32_t to_;
};

/// To u8 with a range that holds the elements and 0.
class DynamicQuantizeLinear final : public Kernel {
 public:
  explicit DynamicQuantizeLinear(const Node&) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    const auto* from = x.as<const float>();
    float low = 0, high = 0;
    for (int64_t i = 0; i < x.count(); ++i) {
      low = std::min(low, from[i]);
      high = std::max(high, from[i]);
    }
    const float scale = high > low ? (high - low) / 255.0f : 1.0f;
    const float zero = std::clamp(std::nearbyint(-low / scale), 0.0f, 255.0f);
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_U8, x.dims));
    HY_ASSIGN_OR_RETURN(const Tensor y_scale, context.output(1, HY_DTYPE_F32, Dims{}));
    HY_ASSIGN_OR_RETURN(const Tensor y_zero, context.output(2, HY_DTYPE_U8, Dims{}));
    *y_scale.as<float>() = scale;
    *y_zero.as<uint8_t>() = static_cast<uint8_t>(zero);
    parallel_for(context.threads(), x.count(), 1 << 15, [&](int64_t begin, int64_t end) {
      quantize_run(from + begin, scale, zero, Range{0, 255}, y.as<uint8_t>() + begin, end - begin);
    });
    return {};
  }
};

Verdict supports_dequantize(const Node& node) {
  const int64_t to = node.attr_int("output_dtype");
  if (to == HY_DTYPE_F64 || node.input(1).dtype() == HY_DTYPE_F64)
    return reject(Reason::dtype).operand(1).got("f64").limit("f32, f16 or bf16");
  return accept();
}

constexpr KernelEntry kRows[] = {
    {"QuantizeLinear", create_kernel<QuantizeLinear>},
    {"DequantizeLinear", create_kernel<DequantizeLinear>, supports_dequantize},
    {"DynamicQuantizeLinear", create_kernel<DynamicQuantizeLinear>},
};

}  // namespace

std::span<const KernelEntry> quantize_linear_kernels() { return kRows; }

}  // namespace halyard::cpu
