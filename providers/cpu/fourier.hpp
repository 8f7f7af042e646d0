// The discrete Fourier transform of lines of any length.
#pragma once

#include <algorithm>
#include <complex>
#include <cstdint>
#include <memory>
#include <utility>

#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

using Complex = std::complex<double>;

/// out[k] = sum over n of in[n] exp(-+ 2 pi i k n / length), the sign + where it is the inverse; no
/// scale. Lengths of the primes 2, 3 and 5 are kissfft's; others are a convolution of such a length
/// (Bluestein 1970), so that no length takes more than n log n. Constant after construction; any thread.
class Fourier {
 public:
  /// length: at least 1.
  Fourier(int64_t length, bool inverse);
  ~Fourier();
  Fourier(Fourier&&) noexcept;
  int64_t length() const { return length_; }
  /// Elements of memory that run() needs besides in and out.
  int64_t scratch() const;
  /// No two of the three overlap.
  void run(const Complex* in, Complex* out, Complex* scratch) const;

 private:
  struct Smooth;
  struct Chirp;
  int64_t length_;
  std::unique_ptr<const Smooth> smooth_;
  std::unique_ptr<const Chirp> chirp_;  // of a length with other primes
};

/// Bin k of the transforms of a and b, both real, out of the transform of a + i b.
inline std::pair<Complex, Complex> spectra_of_pair(const Complex* both, int64_t length, int64_t k) {
  const Complex z = both[k], mirror = std::conj(both[k == 0 ? 0 : length - k]);
  const Complex sum = z + mirror, difference = z - mirror;
  return {0.5 * sum, 0.5 * Complex(difference.imag(), -difference.real())};
}

/// load(i, in), the transform, store(i, out) for every i of [0, n), on the run's threads. in and out are
/// lines of the transform's length; load writes all of its line.
template <class Load, class Store>
Status transform_lines(Context& context, const Fourier& fourier, int64_t n, const Load& load,
                       const Store& store) {
  // Some thousand elements are worth a thread.
  const int64_t length = fourier.length(), least = (1 << 12) / length + 1;
  const int64_t workers = std::clamp<int64_t>(n / least, 1, context.threads());
  const int64_t share = (n + workers - 1) / workers, room = 2 * length + fourier.scratch();
  HY_ASSIGN_OR_RETURN(Complex * memory, scratch_of<Complex>(context, workers * room));
  parallel_for(context.threads(), workers, 1, [&](int64_t begin, int64_t end) {
    for (int64_t w = begin; w < end; ++w) {
      Complex *in = memory + w * room, *out = in + length, *more = out + length;
      for (int64_t i = w * share; i < std::min(n, (w + 1) * share); ++i) {
        load(i, in);
        fourier.run(in, out, more);
        store(i, static_cast<const Complex*>(out));
      }
    }
  });
  return {};
}

}  // namespace halyard::cpu
