#include "providers/cpu/packed_matrix.hpp"

#include <algorithm>

#include "providers/cpu/parallel.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

/// Below this many operations a product is not worth a team of threads.
constexpr int64_t kGrainOperations = 1 << 16;
constexpr int kVectors = 4;  // of 32 bytes, a panel's row
constexpr int kRows = 3;     // at once: their sums and a row of a panel fill the registers

template <class T>
struct VectorOf;
template <>
struct VectorOf<float> {
  typedef float type __attribute__((vector_size(32), aligned(4), may_alias));
};
template <>
struct VectorOf<double> {
  typedef double type __attribute__((vector_size(32), aligned(8), may_alias));
};

/// R rows of x with one panel, of whose rows `columns` are real.
template <int R, class T>
HALYARD_CPU_INLINE inline void multiply_panel(const T* panel, int64_t k, const T* x, T* y,
                                              int64_t y_stride, int64_t columns) {
  using V = typename VectorOf<T>::type;
  constexpr int64_t kPanel = PackedMatrix<T>::kPanel, kLanes = kPanel / kVectors;
  V sums[R][kVectors] = {};
  for (int64_t p = 0; p < k; ++p) {
    const V* row = reinterpret_cast<const V*>(panel + p * kPanel);
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sums[r][v] += x[r * k + p] * row[v];
  }
  for (int r = 0; r < R; ++r) {
    T* to = y + r * y_stride;
    if (columns == kPanel) {
      for (int v = 0; v < kVectors; ++v) *reinterpret_cast<V*>(to + v * kLanes) += sums[r][v];
    } else {
      const T* from = reinterpret_cast<const T*>(&sums[r][0]);
      for (int64_t j = 0; j < columns; ++j) to[j] += from[j];
    }
  }
}

template <class T>
void multiply_panels(const T* panels, int64_t n, int64_t k, const T* x, int64_t m, T* y,
                     int64_t y_stride, int64_t begin, int64_t end) {
  constexpr int64_t kPanel = PackedMatrix<T>::kPanel;
  vector_code([=]() HALYARD_CPU_INLINE {
    for (int64_t p = begin; p < end; ++p) {
      const T* panel = panels + p * kPanel * k;
      const int64_t columns = std::min(kPanel, n - p * kPanel);
      T* to = y + p * kPanel;
      int64_t i = 0;
      for (; i + kRows <= m; i += kRows)
        multiply_panel<kRows>(panel, k, x + i * k, to + i * y_stride, y_stride, columns);
      if (m - i == 2) multiply_panel<2>(panel, k, x + i * k, to + i * y_stride, y_stride, columns);
      if (m - i == 1) multiply_panel<1>(panel, k, x + i * k, to + i * y_stride, y_stride, columns);
    }
  });
}

}  // namespace

template <class T>
PackedMatrix<T>::PackedMatrix(const T* rows, int64_t n, int64_t k, void* memory)
    : panels_(static_cast<const T*>(memory)), n_(n), k_(k) {
  T* to = static_cast<T*>(memory);
  for (int64_t first = 0; first < n; first += kPanel)
    for (int64_t p = 0; p < k; ++p)
      for (int64_t j = first; j < first + kPanel; ++j) *to++ = j < n ? rows[j * k + p] : T{0};
}

template <class T>
void PackedMatrix<T>::accumulate(int threads, const T* x, int64_t m, T* y, int64_t y_stride) const {
  const int64_t panels = (n_ + kPanel - 1) / kPanel;
  const int64_t grain = kGrainOperations / std::max<int64_t>(m * k_ * kPanel, 1) + 1;
  parallel_for(threads, panels, grain, [&](int64_t begin, int64_t end) {
    multiply_panels(panels_, n_, k_, x, m, y, y_stride, begin, end);
  });
}

template class PackedMatrix<float>;
template class PackedMatrix<double>;

}  // namespace halyard::cpu
