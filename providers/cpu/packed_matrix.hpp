// A constant matrix in panels, for products with few rows that come again and again.
#pragma once

#include <cstddef>
#include <cstdint>

namespace halyard::cpu {

/// The rows of a matrix [n, k] in groups of kPanel, whose elements lie side by side for each of the k
/// columns: a product reads them once, in order. T is float or double. A view: the memory that it was
/// packed into must outlive it. Any thread.
template <class T>
class PackedMatrix {
 public:
  static constexpr int64_t kPanel = 128 / static_cast<int64_t>(sizeof(T));

  static size_t bytes(int64_t n, int64_t k) {
    return static_cast<size_t>((n + kPanel - 1) / kPanel * kPanel * k) * sizeof(T);
  }
  PackedMatrix() = default;
  /// Packs rows [n, k], contiguous, into bytes(n, k) of memory aligned to 64.
  PackedMatrix(const T* rows, int64_t n, int64_t k, void* memory);

  int64_t rows() const { return n_; }
  /// y[i, j] += sum over k of x[i, k] row[j, k]. x is [m, k], contiguous; y's rows lie y_stride apart.
  void accumulate(int threads, const T* x, int64_t m, T* y, int64_t y_stride) const;

 private:
  const T* panels_ = nullptr;
  int64_t n_ = 0, k_ = 0;
};

extern template class PackedMatrix<float>;
extern template class PackedMatrix<double>;

}  // namespace halyard::cpu
