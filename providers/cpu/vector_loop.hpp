// Loops that the compiler turns into vector code, for the processor at hand.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#define HALYARD_CPU_AVX2 __attribute__((target("avx2,fma")))
#endif
/// Of a loop's body, so that it is compiled for the vectors of the loop around it:
/// vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { y[i] = f(x[i]); }).
#define HALYARD_CPU_INLINE __attribute__((always_inline))

namespace halyard::cpu {

#if defined(HALYARD_CPU_AVX2)
inline bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return has;
}
template <class F>
HALYARD_CPU_AVX2 auto vector_code_avx2(F f) {
  return f();
}
template <class F>
HALYARD_CPU_AVX2 void vector_loop_avx2(int64_t n, F f) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) f(i);
}
#endif

/// Calls f(i) for i in [0, n), in no order. f reads element i of arrays before it writes it, and copies
/// what it captures.
template <class F>
void vector_loop(int64_t n, F f) {
#if defined(HALYARD_CPU_AVX2)
  if (has_avx2()) return vector_loop_avx2(n, f);
#endif
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) f(i);
}

/// Calls f(), whose loops are compiled as those of vector_loop: for loops that reduce. f is marked as
/// there, and so are all that it calls.
template <class F>
auto vector_code(F f) {
#if defined(HALYARD_CPU_AVX2)
  if (has_avx2()) return vector_code_avx2(f);
#endif
  return f();
}

}  // namespace halyard::cpu
