// STFT: the transform of each frame of a signal, weighted by a window. Frames of a real signal go through
// the complex transform in pairs, one as real and one as imaginary part.
#include <optional>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/fourier.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

/// The signal is [batch, samples, parts] and the output [batch, frames, bins, 2].
struct Extent {
  int64_t batch = 0, samples = 0, parts = 1;
  int64_t frames = 0, step = 0, length = 0, bins = 0;
};

Result<Extent> extent_of(const Tensor& x, int64_t step, int64_t length, bool onesided) {
  Extent e;
  e.parts = x.rank() == 3 ? x.dim(2) : 1;
  if ((x.rank() != 2 && x.rank() != 3) || (e.parts != 1 && e.parts != 2))
    return mismatch("the signal has the dims " + dims_text(x.dims) +
                    "; it must be [batch,samples,1] or [batch,samples,2]");
  if (onesided && e.parts == 2)
    return mismatch("the signal has the dims " + dims_text(x.dims) +
                    ": it is complex, and onesided is set; only a real one has half a spectrum");
  e.batch = x.dim(0);
  e.samples = x.dim(1);
  if (step < 1)
    return invalid_argument("frame_step is " + std::to_string(step) + "; it must be 1 or more");
  if (length < 1 || length > e.samples)
    return invalid_argument("a frame has " + std::to_string(length) +
                            " samples; it must have 1 or more, and the signal has " +
                            std::to_string(e.samples));
  e.step = step;
  e.length = length;
  e.frames = (e.samples - length) / step + 1;
  e.bins = onesided ? length / 2 + 1 : length;
  return e;
}

class Stft final : public Kernel {
 public:
  static Result<std::unique_ptr<Kernel>> create(const Node& node, CompileContext& context) {
    auto kernel = std::make_unique<Stft>(node);
    HY_ASSIGN_OR_RETURN(const auto length, context.known(node, 3));
    int64_t known = 0;
    if (length && length->count() == 1) known = length->index_at(0);
    if (node.has_input(2) && node.input(2).is_static() && node.input(2).rank() == 1)
      known = node.input(2).dims()[0];
    if (known > 0 && known <= kMostPrepared) kernel->prepared_.emplace(known, false);
    return std::unique_ptr<Kernel>(std::move(kernel));
  }
  explicit Stft(const Node& node) : onesided_(node.attr_int("onesided", 1) != 0) {}

  Status run(Context& context) const override {
    return visit_form(context.input(0)->dtype,
                      [&](auto tag) { return run_as<decltype(tag)>(context); });
  }

 private:
  // A length that no signal has is no reason to take its memory.
  static constexpr int64_t kMostPrepared = 1 << 20;

  template <class T>
  Status run_as(Context& context) const {
    const Tensor& x = *context.input(0);
    const auto operand = [&](uint32_t i) {
      return i < context.input_count() ? context.input(i) : nullptr;
    };
    const Tensor *window = operand(2), *given = operand(3);
    HY_ASSIGN_OR_RETURN(const int64_t step, number_operand(*context.input(1), "frame_step"));
    if (window == nullptr && given == nullptr)
      return invalid_argument("neither window nor frame_length is given; one must be");
    if (window != nullptr && window->rank() != 1)
      return mismatch("the window has the dims " + dims_text(window->dims) +
                      "; it must have rank 1");
    int64_t length = window != nullptr ? window->dim(0) : 0;
    if (given != nullptr) {
      HY_ASSIGN_OR_RETURN(length, number_operand(*given, "frame_length"));
      if (window != nullptr && window->dim(0) != length)
        return mismatch("the window has the dims " + dims_text(window->dims) +
                        " and frame_length is " + std::to_string(length));
    }
    HY_ASSIGN_OR_RETURN(const Extent e, extent_of(x, step, length, onesided_));
    const Dims dims{e.batch, e.frames, e.bins, 2};
    HY_RETURN_IF_ERROR(check_dims(dims));
    HY_ASSIGN_OR_RETURN(const T* signal, read_floats<T>(context, x));
    const T* weights = nullptr;
    if (window != nullptr) {
      HY_ASSIGN_OR_RETURN(weights, read_floats<T>(context, *window));
    }
    HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, x.dtype, dims)));
    if (e.batch > 0) {
      std::optional<Fourier> made;
      if (!prepared_ || prepared_->length() != length) made.emplace(length, false);
      HY_RETURN_IF_ERROR(
          transform(context, made ? *made : *prepared_, e, signal, weights, y.data()));
    }
    y.finish(context);
    return {};
  }

  template <class T>
  static Status transform(Context& context, const Fourier& fourier, const Extent& e,
                          const T* signal, const T* weights, T* y) {
    const int64_t frames = e.batch * e.frames, row = 2 * e.bins;
    const auto frame_at = [&](int64_t f) {
      return signal + (f / e.frames * e.samples + f % e.frames * e.step) * e.parts;
    };
    const auto weight = [weights](int64_t n) -> double {
      return weights != nullptr ? static_cast<double>(weights[n]) : 1.0;
    };
    if (e.parts == 2)
      return transform_lines(
          context, fourier, frames,
          [&](int64_t f, Complex* in) {
            const T* from = frame_at(f);
            for (int64_t n = 0; n < e.length; ++n)
              in[n] = Complex(from[2 * n], from[2 * n + 1]) * weight(n);
          },
          [&](int64_t f, const Complex* out) {
            for (int64_t k = 0; k < e.bins; ++k) put(out[k], y + f * row + 2 * k);
          });
    return transform_lines(
        context, fourier, (frames + 1) / 2,
        [&](int64_t i, Complex* in) {
          const T* a = frame_at(2 * i);
          const T* b = 2 * i + 1 < frames ? frame_at(2 * i + 1) : nullptr;
          for (int64_t n = 0; n < e.length; ++n)
            in[n] = Complex(a[n], b != nullptr ? b[n] : T(0)) * weight(n);
        },
        [&](int64_t i, const Complex* out) {
          T* a = y + 2 * i * row;
          for (int64_t k = 0; k < e.bins; ++k) {
            const auto [first, second] = spectra_of_pair(out, e.length, k);
            put(first, a + 2 * k);
            if (2 * i + 1 < frames) put(second, a + row + 2 * k);
          }
        });
  }
  template <class T>
  static void put(Complex value, T* to) {
    to[0] = static_cast<T>(value.real());
    to[1] = static_cast<T>(value.imag());
  }

  const bool onesided_;
  std::optional<Fourier> prepared_;
};

double operations(const Node& node) {
  if (!node.output(0).is_static()) return -1;
  double n = 1;
  for (int64_t d : node.output(0).dims()) n *= static_cast<double>(d);
  return 40 * n;  // 4 operations an element and level, of some ten levels
}

constexpr KernelEntry kRows[] = {{"STFT", Stft::create, nullptr, operations}};

}  // namespace

std::span<const KernelEntry> stft_kernels() { return kRows; }

}  // namespace halyard::cpu
