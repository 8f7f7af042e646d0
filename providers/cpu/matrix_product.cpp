#include "providers/cpu/matrix_product.hpp"

#include <algorithm>
#include <atomic>
#include <type_traits>

#include "providers/cpu/dnnl/sgemm.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

/// Below this many operations a product is not worth a team of threads.
constexpr int64_t kGrainOperations = 1 << 17;

/// Small unsigned integers would be promoted to int, whose products overflow.
template <class T>
using Wide = std::conditional_t<sizeof(T) < 4, uint32_t, T>;

/// Rows [begin, end) of one product. T is double or unsigned: signed products are the same bits.
template <class T>
void product_rows(const ProductShape& s, const T* a, const T* b, T* c, int64_t begin, int64_t end) {
  const int64_t b_row = s.transpose_b ? 1 : s.n, b_column = s.transpose_b ? s.k : 1;
  for (int64_t i = begin; i < end; ++i) {
    T* row = c + i * s.n;
    for (int64_t j = 0; j < s.n; ++j) row[j] = 0;
    for (int64_t p = 0; p < s.k; ++p) {
      const Wide<T> factor = s.transpose_a ? a[p * s.m + i] : a[i * s.k + p];
      const T* from = b + p * b_row;
      if (b_column == 1)
        vector_loop(s.n, [=](int64_t j) HALYARD_CPU_INLINE {
          row[j] = static_cast<T>(row[j] + factor * from[j]);
        });
      else
        for (int64_t j = 0; j < s.n; ++j)
          row[j] = static_cast<T>(row[j] + factor * from[j * b_column]);
    }
  }
}

template <class T>
Status multiply(int threads, const ProductShape& s, const Dims& a_offsets, const void* a,
                const Dims& b_offsets, const void* b, void* c) {
  const int64_t rows = std::ssize(a_offsets) * s.m;
  const int64_t grain = kGrainOperations / std::max<int64_t>(s.n * s.k, 1) + 1;
  parallel_for(threads, rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end;) {
      const int64_t batch = r / s.m, first = r % s.m, last = std::min(s.m, first + end - r);
      product_rows(s, static_cast<const T*>(a) + a_offsets[static_cast<size_t>(batch)],
                   static_cast<const T*>(b) + b_offsets[static_cast<size_t>(batch)],
                   static_cast<T*>(c) + batch * s.m * s.n, first, last);
      r += last - first;
    }
  });
  return {};
}

}  // namespace

Status multiply_f32(int threads, const ProductShape& s, const Dims& a_offsets, const float* a,
                    const Dims& b_offsets, const float* b, float* c) {
  const dnn::Sgemm call{s.transpose_a, s.transpose_b, s.m, s.n, s.k};
  const int64_t batches = std::ssize(a_offsets), operations = s.m * s.n * s.k;
  const auto one = [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    return dnn::sgemm(call, a + a_offsets[at], b + b_offsets[at], c + i * s.m * s.n);
  };
  // Many products: one thread each. Few: all threads on one after the other.
  if (batches >= 2 * threads) {
    std::atomic<hy_status> failure = HY_OK;
    parallel_for(threads, batches, kGrainOperations / std::max<int64_t>(operations, 1) + 1,
                 [&](int64_t begin, int64_t end) {
                   for (int64_t i = begin; i < end; ++i)
                     if (Status status = one(i); !status.ok()) failure = status.code();
                 });
    return failure == HY_OK ? Status() : Status(failure, "a product of a batch failed");
  }
  for (int64_t i = 0; i < batches; ++i) HY_RETURN_IF_ERROR(one(i));
  return {};
}

Status multiply_reference(int threads, uint32_t dtype, const ProductShape& shape,
                          const Dims& a_offsets, const void* a, const Dims& b_offsets,
                          const void* b, void* c) {
  switch (dtype_bits(dtype)) {
    case 8:
      return multiply<uint8_t>(threads, shape, a_offsets, a, b_offsets, b, c);
    case 16:
      return multiply<uint16_t>(threads, shape, a_offsets, a, b_offsets, b, c);
    case 32:
      return multiply<uint32_t>(threads, shape, a_offsets, a, b_offsets, b, c);
    default:
      break;
  }
  if (dtype == HY_DTYPE_F64) return multiply<double>(threads, shape, a_offsets, a, b_offsets, b, c);
  return multiply<uint64_t>(threads, shape, a_offsets, a, b_offsets, b, c);
}

}  // namespace halyard::cpu
