#include "providers/cpu/fourier.hpp"

#include <algorithm>
#include <cmath>
#include <kissfft/kissfft.hh>
#include <numbers>
#include <vector>

namespace halyard::cpu {

namespace {

/// Only the primes 2, 3 and 5. kissfft's code for other ones is quadratic, and shares memory that it
/// writes to between threads.
bool is_smooth(int64_t n) {
  for (int64_t prime : {2, 3, 5})
    while (n % prime == 0) n /= prime;
  return n == 1;
}

int64_t smooth_from(int64_t n) {
  while (!is_smooth(n)) ++n;
  return n;
}

}  // namespace

struct Fourier::Smooth {
  Smooth(int64_t length, bool inverse) : fft(static_cast<size_t>(length), inverse) {}
  kissfft<double> fft;
};

/// With k n = (k^2 + n^2 - (k - n)^2) / 2 and w[n] = exp(-+ i pi n^2 / length), the transform is
/// w[k] times the convolution of in[n] w[n] with 1 / w[n].
struct Fourier::Chirp {
  Chirp(int64_t length, int64_t padded, bool inverse, const kissfft<double>& fft)
      : w(static_cast<size_t>(length)), spectrum(static_cast<size_t>(padded)) {
    std::vector<Complex> turned(static_cast<size_t>(padded));
    int64_t square = 0;  // n^2 modulo 2 length, so that the angle keeps its digits
    for (int64_t n = 0; n < length; square = (square + 2 * n + 1) % (2 * length), ++n) {
      const double angle =
          std::numbers::pi * static_cast<double>(square) / static_cast<double>(length);
      const Complex value = std::polar(1.0, inverse ? angle : -angle);
      w[static_cast<size_t>(n)] = value;
      turned[static_cast<size_t>(n)] = std::conj(value);
      if (n > 0) turned[static_cast<size_t>(padded - n)] = std::conj(value);
    }
    fft.transform(turned.data(), spectrum.data());
    for (Complex& s : spectrum) s /= static_cast<double>(padded);
  }
  std::vector<Complex> w, spectrum;
};

Fourier::Fourier(int64_t length, bool inverse) : length_(length) {
  if (is_smooth(length)) {
    smooth_ = std::make_unique<Smooth>(length, inverse);
    return;
  }
  const int64_t padded = smooth_from(2 * length - 1);
  auto smooth = std::make_unique<Smooth>(padded, false);
  chirp_ = std::make_unique<Chirp>(length, padded, inverse, smooth->fft);
  smooth_ = std::move(smooth);
}
Fourier::~Fourier() = default;
Fourier::Fourier(Fourier&&) noexcept = default;

int64_t Fourier::scratch() const {
  return chirp_ ? 2 * static_cast<int64_t>(chirp_->spectrum.size()) : 0;
}

void Fourier::run(const Complex* in, Complex* out, Complex* scratch) const {
  if (length_ == 1) {
    *out = *in;
    return;
  }
  if (!chirp_) {
    smooth_->fft.transform(in, out);
    return;
  }
  const size_t length = chirp_->w.size(), padded = chirp_->spectrum.size();
  Complex *a = scratch, *b = scratch + padded;
  for (size_t n = 0; n < length; ++n) a[n] = in[n] * chirp_->w[n];
  std::fill(a + length, a + padded, Complex());
  smooth_->fft.transform(a, b);
  // The way back is the conjugate of the way there of the conjugate.
  for (size_t k = 0; k < padded; ++k) b[k] = std::conj(b[k] * chirp_->spectrum[k]);
  smooth_->fft.transform(b, a);
  for (size_t k = 0; k < length; ++k) out[k] = std::conj(a[k]) * chirp_->w[k];
}

}  // namespace halyard::cpu
