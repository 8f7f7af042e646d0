// RandomNormal, RandomUniform and their Like forms, Bernoulli, Multinomial. A number depends on its
// position alone: not on the threads, nor on how the run is cut.
#include "providers/cpu/random.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/float_math.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kChunk = 1024;  // words that a thread makes at once

/// Calls f(first element, words) for chunks of the stream that cover n elements of so many words each.
template <class F>
void each_chunk(int threads, const RandomStream& stream, int64_t n, int64_t words, const F& f) {
  const int64_t step = kChunk / words;
  parallel_for(threads, (n + step - 1) / step, 8, [&](int64_t begin, int64_t end) {
    alignas(64) uint32_t buffer[kChunk];
    for (int64_t c = begin; c < end; ++c) {
      stream.fill(c * (kChunk / 4), buffer);
      f(c * step, std::min(step, n - c * step), buffer);
    }
  });
}

/// The greatest number below x that the type has.
template <class T>
double below(double x) {
  if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>) {
    const T rounded = static_cast<T>(x);
    return static_cast<double>(static_cast<double>(rounded) < x
                                   ? rounded
                                   : std::nextafter(rounded, -std::numeric_limits<T>::infinity()));
  } else {
    T t(static_cast<float>(x));
    if (static_cast<double>(static_cast<float>(t)) < x) return static_cast<double>(t);
    const bool negative = (t.bits & 0x8000) != 0, zero = (t.bits & 0x7fff) == 0;
    t.bits = zero ? uint16_t{0x8001} : static_cast<uint16_t>(t.bits + (negative ? 1 : -1));
    return static_cast<double>(static_cast<float>(t));
  }
}

/// In [low, high), in the type that it is stored in too.
struct Uniform {
  double low, range, last;

  void write(const uint32_t* words, float* y, int64_t n) const {
    const double from = low, size = range, most = last;
    vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE {
      const double v =
          from + size * (static_cast<double>(static_cast<int32_t>(words[i] >> 8)) * 0x1p-24);
      y[i] = static_cast<float>(v < most ? v : most);
    });
  }
  void write(const uint32_t* words, double* y, int64_t n) const {
    for (int64_t i = 0; i < n; ++i)
      y[i] = std::min(low + range * RandomStream::unit(words[2 * i], words[2 * i + 1]), last);
  }
};

/// sin and cos of 2 pi u for u in [0, 1): by the nearest quarter turn. S. Moshier, Cephes, sinf and cosf.
struct SinCos {
  float sin, cos;
};
HALYARD_CPU_INLINE inline SinCos turn(float u) {
  const float quarter = static_cast<float>(static_cast<int32_t>(u * 4.0f + 0.5f));
  const float x = (u - quarter * 0.25f) * 6.28318530717958648f;
  const float z = x * x;
  const float s = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * x + x;
  const float c =
      ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z -
      0.5f * z + 1.0f;
  const int32_t q = static_cast<int32_t>(quarter) & 3;
  const float sine = (q & 1) != 0 ? c : s, cosine = (q & 1) != 0 ? s : c;
  return {(q & 2) != 0 ? -sine : sine, q == 1 || q == 2 ? -cosine : cosine};
}

/// Pairs of independent ones. G. Box, M. Muller, A Note on the Generation of Random Normal Deviates (1958).
struct Normal {
  double mean, scale;

  void write(const uint32_t* words, float* y, int64_t n) const {
    const float centre = static_cast<float>(mean), size = static_cast<float>(scale);
    const auto pair = [=](int64_t i) HALYARD_CPU_INLINE {
      const float u =
          (static_cast<float>(static_cast<int32_t>(words[2 * i] >> 1)) + 0.5f) * 0x1p-31f;
      const float r = std::sqrt(-2.0f * cpu::log(u));
      const SinCos t =
          turn(static_cast<float>(static_cast<int32_t>(words[2 * i + 1] >> 8)) * 0x1p-24f);
      return SinCos{centre + size * (r * t.sin), centre + size * (r * t.cos)};
    };
    vector_loop(n / 2, [=](int64_t i) HALYARD_CPU_INLINE {
      const SinCos two = pair(i);
      y[2 * i] = two.cos;
      y[2 * i + 1] = two.sin;
    });
    if (n % 2 != 0) y[n - 1] = pair(n / 2).cos;
  }
  void write(const uint32_t* words, double* y, int64_t n) const {
    for (int64_t i = 0; i < n; i += 2) {
      const uint32_t* w = words + 2 * i;
      const double r = std::sqrt(-2 * std::log1p(-RandomStream::unit(w[0], w[1])));
      const double angle = 6.283185307179586477 * RandomStream::unit(w[2], w[3]);
      y[i] = mean + scale * (r * std::cos(angle));
      if (i + 1 < n) y[i + 1] = mean + scale * (r * std::sin(angle));
    }
  }
};

/// Numbers of a distribution that the attributes describe, with dims of an attribute or of an operand.
class Distribution final : public Kernel {
 public:
  explicit Distribution(const Node& node)
      : source_(node),
        normal_(node.op().starts_with("RandomNormal")),
        dtype_(static_cast<uint32_t>(node.attr_int(
            "dtype", node.op().ends_with("Like") ? HY_DTYPE_UNDEFINED : HY_DTYPE_F32))),
        shape_(node.attr_ints("shape")),
        mean_(node.attr_float("mean", 0)),
        scale_(node.attr_float("scale", 1)),
        low_(node.attr_float("low", 0)),
        high_(node.attr_float("high", 1)) {}

  Status run(Context& context) const override {
    const Tensor* like = context.input(0);
    const Dims dims = like != nullptr ? like->dims : Dims(shape_);
    const uint32_t dtype = dtype_ == HY_DTYPE_UNDEFINED && like != nullptr ? like->dtype : dtype_;
    HY_RETURN_IF_ERROR(check_dims(dims));
    HY_RETURN_IF_ERROR(check_range());
    if (normal_) return write(context, dtype, dims, Normal{mean_, scale_});
    Uniform uniform{low_, high_ - low_, low_};
    if (high_ > low_)
      HY_RETURN_IF_ERROR(visit_float(dtype, [&](auto tag) -> Status {
        uniform.last = below<decltype(tag)>(high_);
        return {};
      }));
    return write(context, dtype, dims, uniform);
  }

 private:
  Status check_range() const {
    const auto out_of_range = [](const char* name, double value, const std::string& limit) {
      return invalid_argument("attribute " + std::string(name) + " is " + std::to_string(value) +
                              "; " + limit);
    };
    if (normal_ && !std::isfinite(mean_)) return out_of_range("mean", mean_, "it must be finite");
    if (normal_ && !(scale_ >= 0 && std::isfinite(scale_)))
      return out_of_range("scale", scale_, "it must be finite and not negative");
    if (!normal_ && !std::isfinite(low_)) return out_of_range("low", low_, "it must be finite");
    if (!normal_ && !(high_ >= low_ && std::isfinite(high_ - low_)))
      return out_of_range("high", high_,
                          "it must be finite and at least low, which is " + std::to_string(low_));
    return {};
  }

  template <class D>
  Status write(Context& context, uint32_t dtype, const Dims& dims, const D& distribution) const {
    if (!contains(halyard::detail::type_class("float"), dtype)) return no_kernel_for(dtype);
    return visit_form(dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      HY_ASSIGN_OR_RETURN(const auto y, FloatOutput<T>::make(context, 0, dtype, dims));
      T* const out = y.data();
      each_chunk(context.threads(), source_.next(), count_of(dims), sizeof(T) / 4,
                 [&](int64_t first, int64_t n, const uint32_t* words) {
                   distribution.write(words, out + first, n);
                 });
      y.finish(context);
      return {};
    });
  }

  const RandomSource source_;
  const bool normal_;
  const uint32_t dtype_;  // UNDEFINED: the operand's
  const std::vector<int64_t> shape_;
  const double mean_, scale_, low_, high_;
};

/// 1 with the probability that the operand holds.
class Bernoulli final : public Kernel {
 public:
  explicit Bernoulli(const Node& node)
      : source_(node), dtype_(static_cast<uint32_t>(node.attr_int("dtype"))) {}

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    const uint32_t dtype = dtype_ == HY_DTYPE_UNDEFINED ? x.dtype : dtype_;
    HY_ASSIGN_OR_RETURN(const double* p, read_floats<double>(context, x));
    for (int64_t i = 0; i < x.count(); ++i)
      if (!(p[i] >= 0 && p[i] <= 1))
        return invalid_argument("element " + std::to_string(i) + " of the operand is " +
                                std::to_string(p[i]) + "; a probability lies in 0..1");
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, dtype, x.dims));
    const RandomStream stream = source_.next();
    const auto draw = [&](auto tag) -> Status {
      using T = decltype(tag);
      const T yes(static_cast<compute_t<T>>(1)), no(static_cast<compute_t<T>>(0));
      each_chunk(context.threads(), stream, x.count(), 2,
                 [&](int64_t first, int64_t n, const uint32_t* w) {
                   for (int64_t i = 0; i < n; ++i)
                     y.as<T>()[first + i] =
                         RandomStream::unit(w[2 * i], w[2 * i + 1]) < p[first + i] ? yes : no;
                 });
      return {};
    };
    return dtype == HY_DTYPE_BOOL ? draw(uint8_t{}) : visit_numeric(dtype, draw);
  }

 private:
  const RandomSource source_;
  const uint32_t dtype_;
};

/// Classes drawn by the logarithms of their weights: the first whose sum of weights passes the number.
class Multinomial final : public Kernel {
 public:
  explicit Multinomial(const Node& node)
      : source_(node),
        dtype_(static_cast<uint32_t>(node.attr_int("dtype", HY_DTYPE_I32))),
        samples_(node.attr_int("sample_size", 1)) {}

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.rank() != 2)
      return mismatch("the operand has the dims " + dims_text(x.dims) + "; its rank is 2");
    const int64_t rows = x.dim(0), classes = x.dim(1);
    const int64_t out_dims[] = {rows, samples_};
    HY_RETURN_IF_ERROR(check_dims(out_dims));
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, dtype_, out_dims));
    if (y.count() == 0) return {};
    HY_ASSIGN_OR_RETURN(const double* logits, read_floats<double>(context, x));
    HY_ASSIGN_OR_RETURN(double* sums, scratch_of<double>(context, classes));
    const RandomStream stream = source_.next();
    for (int64_t r = 0; r < rows; ++r) {
      HY_RETURN_IF_ERROR(sum_weights(logits + r * classes, r, classes, sums));
      const auto draw = [&](auto tag) -> Status {
        using T = decltype(tag);
        parallel_for(context.threads(), samples_, 1 << 10, [&](int64_t begin, int64_t end) {
          for (int64_t s = begin; s < end; ++s) {
            const double at = stream.unit(r * samples_ + s) * sums[classes - 1];
            y.as<T>()[r * samples_ + s] = static_cast<T>(class_at(at, sums, classes));
          }
        });
        return {};
      };
      HY_RETURN_IF_ERROR(dtype_ == HY_DTYPE_I64   ? draw(int64_t{})
                         : dtype_ == HY_DTYPE_I32 ? draw(int32_t{})
                                                  : no_kernel_for(dtype_));
    }
    return {};
  }

 private:
  static Status sum_weights(const double* logits, int64_t row, int64_t classes, double* sums) {
    double top = -INFINITY;
    for (int64_t c = 0; c < classes; ++c) {
      if (std::isnan(logits[c]) || logits[c] == INFINITY)
        return invalid_argument("class " + std::to_string(c) + " of row " + std::to_string(row) +
                                " has the logarithm " + std::to_string(logits[c]) +
                                "; it must be a number or -inf");
      top = std::max(top, logits[c]);
    }
    if (top == -INFINITY)
      return invalid_argument("row " + std::to_string(row) + " has " + std::to_string(classes) +
                              " classes, none of a positive weight");
    double sum = 0;
    for (int64_t c = 0; c < classes; ++c) sums[c] = sum += std::exp(logits[c] - top);
    return {};
  }
  /// at is less than the last sum, or by rounding equal to it.
  static int64_t class_at(double at, const double* sums, int64_t classes) {
    const double* found = std::upper_bound(sums, sums + classes, at);
    if (found == sums + classes) found = std::lower_bound(sums, sums + classes, sums[classes - 1]);
    return found - sums;
  }

  const RandomSource source_;
  const uint32_t dtype_;
  const int64_t samples_;
};

constexpr KernelEntry kRows[] = {{"RandomNormal", create_kernel<Distribution>},
                                 {"RandomUniform", create_kernel<Distribution>},
                                 {"RandomNormalLike", create_kernel<Distribution>},
                                 {"RandomUniformLike", create_kernel<Distribution>},
                                 {"Bernoulli", create_kernel<Bernoulli>},
                                 {"Multinomial", create_kernel<Multinomial>}};

}  // namespace

std::span<const KernelEntry> random_kernels() { return kRows; }

}  // namespace halyard::cpu
