// DFT. Real lines go through the complex transform in pairs, one as real and one as imaginary part.
#include <optional>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/fourier.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

enum class Form { kComplex, kReal, kRealFromHalf };

/// The input is [outer, count, inner, parts] and the output [outer, bins, inner, output parts].
struct Extent {
  size_t axis = 0;
  int64_t outer = 0, count = 0, inner = 0;
  int64_t length = 0, bins = 0;  // of the transform, and of what is given of it
  Form form = Form::kComplex;
  int64_t lines() const { return outer * inner; }
};

class Dft final : public Kernel {
 public:
  static Result<std::unique_ptr<Kernel>> create(const Node& node, CompileContext& context) {
    auto kernel = std::make_unique<Dft>(node);
    HY_RETURN_IF_ERROR(kernel->prepare(node, context));
    return std::unique_ptr<Kernel>(std::move(kernel));
  }
  explicit Dft(const Node& node)
      : inverse_(node.attr_int("inverse") != 0), onesided_(node.attr_int("onesided") != 0) {}

  Status run(Context& context) const override {
    return visit_form(context.input(0)->dtype,
                      [&](auto tag) { return run_as<decltype(tag)>(context); });
  }

 private:
  /// Makes the transform where its length is known already.
  Status prepare(const Node& node, CompileContext& context) {
    HY_ASSIGN_OR_RETURN(const auto length, context.known(node, 1));
    HY_ASSIGN_OR_RETURN(const auto axis, context.known(node, 2));
    const bool open = (node.has_input(1) && !length) || (node.has_input(2) && !axis);
    if (open || !node.input(0).is_static()) return {};
    const auto extent =
        extent_of(node.input(0).dims(), length ? &*length : nullptr, axis ? &*axis : nullptr);
    // What is wrong is said by run().
    if (extent.ok() && extent->lines() > 0) prepared_.emplace(extent->length, inverse_);
    return {};
  }

  Result<Extent> extent_of(std::span<const int64_t> dims, const Tensor* length,
                           const Tensor* axis_operand) const {
    const auto rank = static_cast<int64_t>(dims.size());
    if (rank < 2 || (dims.back() != 1 && dims.back() != 2))
      return mismatch("the input has the dims " + dims_text(dims) +
                      "; it must have an axis to transform, and a last one of 1 (real) or 2 "
                      "(complex)");
    int64_t axis = -2;
    if (axis_operand != nullptr) {
      HY_ASSIGN_OR_RETURN(axis, number_operand(*axis_operand, "axis"));
    }
    HY_ASSIGN_OR_RETURN(axis, normal_axis(axis, rank));
    if (axis == rank - 1)
      return invalid_argument("axis " + std::to_string(axis) +
                              " is the last one, which holds the parts of numbers");
    Extent e;
    e.axis = static_cast<size_t>(axis);
    e.outer = product(dims, 0, axis);
    e.count = dims[e.axis];
    e.inner = product(dims, axis + 1, rank - 1);
    const bool real = dims.back() == 1;
    if (onesided_ && real == inverse_)
      return mismatch("the input has the dims " + dims_text(dims) + ", whose last must be " +
                      (inverse_ ? "2 where inverse and onesided are set"
                                : "1 where onesided is set: only real input has half a spectrum"));
    e.form = real ? Form::kReal : onesided_ ? Form::kRealFromHalf : Form::kComplex;
    e.length = e.form == Form::kRealFromHalf ? 2 * (e.count - 1) : e.count;
    if (length != nullptr) {
      HY_ASSIGN_OR_RETURN(e.length, number_operand(*length, "dft_length"));
    }
    if (e.length < 1)
      return invalid_argument("the transform's length is " + std::to_string(e.length) +
                              "; it must be 1 or more");
    e.bins = onesided_ && !inverse_ ? e.length / 2 + 1 : e.length;
    return e;
  }

  template <class T>
  Status run_as(Context& context) const {
    const Tensor& x = *context.input(0);
    const auto operand = [&](uint32_t i) {
      return i < context.input_count() ? context.input(i) : nullptr;
    };
    HY_ASSIGN_OR_RETURN(const Extent e, extent_of(x.shape(), operand(1), operand(2)));
    Dims dims = x.dims;
    dims.back() = e.form == Form::kRealFromHalf ? 1 : 2;
    dims[e.axis] = e.bins;
    HY_RETURN_IF_ERROR(check_dims(dims));
    HY_ASSIGN_OR_RETURN(const T* from, read_floats<T>(context, x));
    HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, x.dtype, dims)));
    if (e.lines() > 0) {
      std::optional<Fourier> made;
      if (!prepared_ || prepared_->length() != e.length) made.emplace(e.length, inverse_);
      HY_RETURN_IF_ERROR(transform(context, made ? *made : *prepared_, e, from, y.data()));
    }
    y.finish(context);
    return {};
  }

  template <class T>
  Status transform(Context& context, const Fourier& fourier, const Extent& e, const T* x,
                   T* y) const {
    const double scale = inverse_ ? 1 / static_cast<double>(e.length) : 1;
    switch (e.form) {
      case Form::kComplex:
        return transform_lines(
            context, fourier, e.lines(), [&](int64_t i, Complex* in) { load_complex(e, x, i, in); },
            [&](int64_t i, const Complex* out) {
              T* to = y + line_at(e, i, e.bins, 2);
              for (int64_t k = 0; k < e.bins; ++k, to += 2 * e.inner) put(out[k] * scale, to);
            });
      case Form::kReal:
        return transform_lines(
            context, fourier, (e.lines() + 1) / 2,
            [&](int64_t i, Complex* in) { load_pair(e, x, i, in); },
            [&](int64_t i, const Complex* out) { store_pair(e, out, scale, i, y); });
      case Form::kRealFromHalf:
        return transform_lines(
            context, fourier, (e.lines() + 1) / 2,
            [&](int64_t i, Complex* in) { load_halves(e, x, i, in); },
            [&](int64_t i, const Complex* out) {
              T* a = y + line_at(e, 2 * i, e.bins, 1);
              for (int64_t n = 0; n < e.length; ++n)
                a[n * e.inner] = static_cast<T>(out[n].real() * scale);
              if (2 * i + 1 == e.lines()) return;
              T* b = y + line_at(e, 2 * i + 1, e.bins, 1);
              for (int64_t n = 0; n < e.length; ++n)
                b[n * e.inner] = static_cast<T>(out[n].imag() * scale);
            });
    }
    return {};
  }

  /// Where line i begins in a tensor of [outer, count, inner, parts].
  static int64_t line_at(const Extent& e, int64_t i, int64_t count, int64_t parts) {
    return (i / e.inner * count * e.inner + i % e.inner) * parts;
  }
  template <class T>
  static void put(Complex value, T* to) {
    to[0] = static_cast<T>(value.real());
    to[1] = static_cast<T>(value.imag());
  }

  template <class T>
  static void load_complex(const Extent& e, const T* x, int64_t i, Complex* in) {
    const T* from = x + line_at(e, i, e.count, 2);
    const int64_t given = std::min(e.count, e.length);
    for (int64_t n = 0; n < given; ++n, from += 2 * e.inner) in[n] = Complex(from[0], from[1]);
    std::fill(in + given, in + e.length, Complex());
  }

  /// Lines 2i and 2i + 1; zeros for one that is not there.
  template <class T>
  static void load_pair(const Extent& e, const T* x, int64_t i, Complex* in) {
    const int64_t given = std::min(e.count, e.length);
    const T* a = x + line_at(e, 2 * i, e.count, 1);
    for (int64_t n = 0; n < given; ++n) in[n] = Complex(a[n * e.inner], 0);
    if (2 * i + 1 < e.lines()) {
      const T* b = x + line_at(e, 2 * i + 1, e.count, 1);
      for (int64_t n = 0; n < given; ++n) in[n].imag(b[n * e.inner]);
    }
    std::fill(in + given, in + e.length, Complex());
  }
  template <class T>
  static void store_pair(const Extent& e, const Complex* out, double scale, int64_t i, T* y) {
    T* a = y + line_at(e, 2 * i, e.bins, 2);
    T* b = 2 * i + 1 < e.lines() ? y + line_at(e, 2 * i + 1, e.bins, 2) : nullptr;
    for (int64_t k = 0; k < e.bins; ++k) {
      const auto [first, second] = spectra_of_pair(out, e.length, k);
      put(first * scale, a + k * 2 * e.inner);
      if (b != nullptr) put(second * scale, b + k * 2 * e.inner);
    }
  }

  /// Lines 2i and 2i + 1 of half spectra: the whole ones, the second times the imaginary unit.
  template <class T>
  static void load_halves(const Extent& e, const T* x, int64_t i, Complex* in) {
    std::fill(in, in + e.length, Complex());
    for (int64_t line : {2 * i, 2 * i + 1}) {
      if (line == e.lines()) return;
      const bool second = line % 2 != 0;
      const auto turned = [second](Complex v) { return second ? Complex(-v.imag(), v.real()) : v; };
      const T* from = x + line_at(e, line, e.count, 2);
      const int64_t given = std::min(e.count, e.length / 2 + 1);
      for (int64_t k = 0; k < given; ++k, from += 2 * e.inner) {
        const bool own_mirror =
            k == 0 || 2 * k == e.length;  // real in the spectrum of real numbers
        const Complex value(from[0], own_mirror ? 0 : from[1]);
        in[k] += turned(value);
        if (!own_mirror) in[e.length - k] += turned(std::conj(value));
      }
    }
  }

  const bool inverse_, onesided_;
  std::optional<Fourier> prepared_;
};

double operations(const Node& node) {
  if (!node.output(0).is_static()) return -1;
  double n = 1;
  for (int64_t d : node.output(0).dims()) n *= static_cast<double>(d);
  return 40 * n;  // 4 operations an element and level, of some ten levels
}

constexpr KernelEntry kRows[] = {{"DFT", Dft::create, nullptr, operations}};

}  // namespace

std::span<const KernelEntry> dft_kernels() { return kRows; }

}  // namespace halyard::cpu
