#include "providers/cpu/integer_product.hpp"

#include <algorithm>

#include "providers/cpu/parallel.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kColumns = 64, kGrainOperations = 1 << 16;

/// Four sums at once: a row of a with four of b. The compiler makes them the instructions that multiply
/// pairs of i16 and add.
void dot_4(const int16_t* a, const int16_t* b, int64_t k, int32_t* c) {
  const int16_t *b0 = b, *b1 = b + k, *b2 = b + 2 * k, *b3 = b + 3 * k;
  vector_code([=]() HALYARD_CPU_INLINE {
    uint32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (int64_t i = 0; i < k; ++i) {
      s0 += static_cast<uint32_t>(a[i] * b0[i]);
      s1 += static_cast<uint32_t>(a[i] * b1[i]);
      s2 += static_cast<uint32_t>(a[i] * b2[i]);
      s3 += static_cast<uint32_t>(a[i] * b3[i]);
    }
    c[0] = static_cast<int32_t>(s0);
    c[1] = static_cast<int32_t>(s1);
    c[2] = static_cast<int32_t>(s2);
    c[3] = static_cast<int32_t>(s3);
  });
}

int32_t dot(const int16_t* a, const int16_t* b, int64_t k) {
  return vector_code([=]() HALYARD_CPU_INLINE {
    uint32_t sum = 0;
    for (int64_t i = 0; i < k; ++i) sum += static_cast<uint32_t>(a[i] * b[i]);
    return static_cast<int32_t>(sum);
  });
}

template <class T>
void shift(const T* from, int64_t stride, int32_t zero, int64_t n, int16_t* to) {
  for (int64_t i = 0; i < n; ++i) to[i] = static_cast<int16_t>(from[i * stride] - zero);
}

}  // namespace

void multiply_i16(int threads, int64_t m, int64_t n, int64_t k, const int16_t* a, const int16_t* b,
                  int32_t* c, int64_t step) {
  const int64_t blocks = (n + kColumns - 1) / kColumns;
  // Rows within a block of columns, so that these stay in the cache.
  parallel_for(threads, blocks * m, kGrainOperations / std::max<int64_t>(kColumns * k, 1) + 1,
               [&](int64_t begin, int64_t end) {
                 for (int64_t job = begin; job < end; ++job) {
                   const int64_t i = job % m, first = job / m * kColumns;
                   const int64_t last = std::min(n, first + kColumns);
                   const int16_t* row = a + i * k;
                   int32_t* to = c + i * step;
                   int64_t j = first;
                   for (; j + 4 <= last; j += 4) dot_4(row, b + j * k, k, to + j);
                   for (; j < last; ++j) to[j] = dot(row, b + j * k, k);
                 }
               });
}

void shift_to_i16(const Tensor& t, int64_t first, int64_t stride, int32_t zero, int64_t n,
                  int16_t* to) {
  if (t.dtype == HY_DTYPE_I8)
    shift(t.as<const int8_t>() + first, stride, zero, n, to);
  else
    shift(t.as<const uint8_t>() + first, stride, zero, n, to);
}

}  // namespace halyard::cpu
