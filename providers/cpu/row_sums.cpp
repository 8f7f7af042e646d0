#include "providers/cpu/row_sums.hpp"

#include <algorithm>
#include <limits>

#include "providers/cpu/float_math.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kBlock = 1024;

/// Adds up f(begin, end) over blocks.
template <class F>
HALYARD_CPU_INLINE inline double blocked(int64_t n, F f) {
  double sum = 0;
  for (int64_t i = 0; i < n; i += kBlock) sum += static_cast<double>(f(i, std::min(n, i + kBlock)));
  return sum;
}

template <class T>
double sum(const T* x, int64_t n) {
  return vector_code([=]() HALYARD_CPU_INLINE {
    return blocked(n, [=](int64_t begin, int64_t end) HALYARD_CPU_INLINE {
      T s = 0;
#pragma omp simd reduction(+ : s)
      for (int64_t i = begin; i < end; ++i) s += x[i];
      return s;
    });
  });
}

template <class T>
double squares(const T* x, int64_t n, T mean) {
  return vector_code([=]() HALYARD_CPU_INLINE {
    return blocked(n, [=](int64_t begin, int64_t end) HALYARD_CPU_INLINE {
      T s = 0;
#pragma omp simd reduction(+ : s)
      for (int64_t i = begin; i < end; ++i) s += (x[i] - mean) * (x[i] - mean);
      return s;
    });
  });
}

template <class T>
T largest(const T* x, int64_t n) {
  return vector_code([=]() HALYARD_CPU_INLINE {
    T best = -std::numeric_limits<T>::infinity();
    int32_t numbers = 1;
#pragma omp simd reduction(max : best) reduction(& : numbers)
    for (int64_t i = 0; i < n; ++i) {
      best = x[i] > best ? x[i] : best;
      numbers &= x[i] == x[i] ? 1 : 0;
    }
    return numbers != 0 ? best : std::numeric_limits<T>::quiet_NaN();
  });
}

template <class T>
double exps(const T* x, T* y, int64_t n, T max) {
  return vector_code([=]() HALYARD_CPU_INLINE {
    return blocked(n, [=](int64_t begin, int64_t end) HALYARD_CPU_INLINE {
      T s = 0;
#pragma omp simd reduction(+ : s)
      for (int64_t i = begin; i < end; ++i) {
        const T e = cpu::exp(x[i] - max);
        y[i] = e;
        s += e;
      }
      return s;
    });
  });
}

}  // namespace

double row_sum(const float* x, int64_t n) { return sum(x, n); }
double row_sum(const double* x, int64_t n) { return sum(x, n); }
double row_squares(const float* x, int64_t n, float mean) { return squares(x, n, mean); }
double row_squares(const double* x, int64_t n, double mean) { return squares(x, n, mean); }
float row_max(const float* x, int64_t n) { return largest(x, n); }
double row_max(const double* x, int64_t n) { return largest(x, n); }
double row_exp(const float* x, float* y, int64_t n, float max) { return exps(x, y, n, max); }
double row_exp(const double* x, double* y, int64_t n, double max) { return exps(x, y, n, max); }

}  // namespace halyard::cpu
