#include "providers/cpu/strided_copy.hpp"

#include <algorithm>
#include <cstring>

#include "halyard/status.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

struct Wide {
  uint64_t halves[2];
};

/// Dims of size 1 gone, neighbours that both sides walk as one merged; two dims at least, the outer
/// ones perhaps of size 1.
struct Walk {
  Dims dims, to, from;

  Walk(std::span<const int64_t> d, std::span<const int64_t> t, std::span<const int64_t> f) {
    for (size_t i = 0; i < d.size(); ++i) {
      if (d[i] == 1) continue;
      if (!dims.empty() && to.back() == t[i] * d[i] && from.back() == f[i] * d[i]) {
        dims.back() *= d[i];
        to.back() = t[i];
        from.back() = f[i];
      } else {
        add(dims.size(), d[i], t[i], f[i]);
      }
    }
    while (dims.size() < 2) add(0, 1, 0, 0);
  }
  void add(size_t at, int64_t d, int64_t t, int64_t f) {
    const auto offset = static_cast<std::ptrdiff_t>(at);
    dims.insert(dims.begin() + offset, d);
    to.insert(to.begin() + offset, t);
    from.insert(from.begin() + offset, f);
  }
};

template <class T>
void copy_row(T* to, int64_t to_stride, const T* from, int64_t from_stride, int64_t n) {
  if (to_stride == 1 && from_stride == 1) {
    std::memcpy(to, from, static_cast<size_t>(n) * sizeof(T));
  } else if (to_stride == 1 && from_stride == 0) {
    std::fill_n(to, n, *from);
  } else {
    for (int64_t i = 0; i < n; ++i) to[i * to_stride] = from[i * from_stride];
  }
}

/// to[i][j] = from[j][i] for a square of one cache line's length a side, through a buffer: every line of
/// either side is touched once, whatever the strides.
template <class T>
void copy_square(T* to, int64_t to_stride, const T* from, int64_t from_stride) {
  constexpr int64_t kSide = 64 / sizeof(T);
  T square[kSide][kSide];
  for (int64_t j = 0; j < kSide; ++j) std::memcpy(square[j], from + j * from_stride, 64);
  for (int64_t i = 0; i < kSide; ++i) {
    T row[kSide];
    for (int64_t j = 0; j < kSide; ++j) row[j] = square[j][i];
    std::memcpy(to + i * to_stride, row, 64);
  }
}

/// Rows [begin, end) of the last two dims.
template <class T>
void copy_plane(const Walk& w, T* to, const T* from, int64_t begin, int64_t end) {
  const size_t r = w.dims.size() - 2, c = r + 1;
  const int64_t columns = w.dims[c], to_row = w.to[r], from_column = w.from[c];
  const bool transposes = w.to[c] == 1 && w.from[r] == 1 && from_column != 1 && from_column != 0;
  constexpr int64_t kSide = 64 / sizeof(T);
  for (int64_t i = begin; i < end;) {
    int64_t j = 0, rows = 1;
    if (transposes && i + kSide <= end) {
      rows = kSide;
      for (; j + kSide <= columns; j += kSide)
        copy_square(to + i * to_row + j, to_row, from + i + j * from_column, from_column);
    }
    for (int64_t row = i; row < i + rows && j < columns; ++row)
      copy_row(to + row * to_row + j * w.to[c], w.to[c], from + row * w.from[r] + j * from_column,
               from_column, columns - j);
    i += rows;
  }
}

template <class T>
void copy_all(int threads, const Walk& w, T* to, const T* from) {
  const size_t outer = w.dims.size() - 2;
  const int64_t rows = w.dims[outer], columns = w.dims[outer + 1];
  const int64_t all_rows = count_of(w.dims) / columns;
  if (all_rows == 1) {
    const int64_t to_stride = w.to[outer + 1], from_stride = w.from[outer + 1];
    return parallel_for(threads, columns, 1 << 16, [&](int64_t begin, int64_t end) {
      copy_row(to + begin * to_stride, to_stride, from + begin * from_stride, from_stride,
               end - begin);
    });
  }
  const int64_t grain = std::max<int64_t>(1, (1 << 16) / columns);
  parallel_for(threads, all_rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end;) {
      int64_t plane = row / rows, to_at = 0, from_at = 0;
      for (size_t d = outer; d-- > 0; plane /= w.dims[d]) {
        to_at += plane % w.dims[d] * w.to[d];
        from_at += plane % w.dims[d] * w.from[d];
      }
      const int64_t first = row % rows, last = std::min(rows, first + end - row);
      copy_plane(w, to + to_at, from + from_at, first, last);
      row += last - first;
    }
  });
}

/// Where the row dim is not the one that `from` walks in steps of 1, makes it so: a transpose that
/// keeps its last dims apart has the squares there.
void put_fast_source_next_to_last(Walk& w) {
  const size_t last = w.dims.size() - 1;
  if (w.from[last] == 1 || w.from[last] == 0) return;
  for (size_t d = 0; d + 1 < last; ++d)
    if (w.from[d] == 1) {
      std::rotate(w.dims.begin() + static_cast<std::ptrdiff_t>(d),
                  w.dims.begin() + static_cast<std::ptrdiff_t>(d) + 1,
                  w.dims.begin() + static_cast<std::ptrdiff_t>(last));
      std::rotate(w.to.begin() + static_cast<std::ptrdiff_t>(d),
                  w.to.begin() + static_cast<std::ptrdiff_t>(d) + 1,
                  w.to.begin() + static_cast<std::ptrdiff_t>(last));
      std::rotate(w.from.begin() + static_cast<std::ptrdiff_t>(d),
                  w.from.begin() + static_cast<std::ptrdiff_t>(d) + 1,
                  w.from.begin() + static_cast<std::ptrdiff_t>(last));
      return;
    }
}

}  // namespace

void strided_copy(int threads, std::span<const int64_t> dims, size_t element_bytes, void* to,
                  std::span<const int64_t> to_strides, const void* from,
                  std::span<const int64_t> from_strides) {
  if (count_of(dims) == 0) return;
  Walk w(dims, to_strides, from_strides);
  put_fast_source_next_to_last(w);
  const auto copy = [&](auto tag) {
    using T = decltype(tag);
    copy_all(threads, w, static_cast<T*>(to), static_cast<const T*>(from));
  };
  switch (element_bytes) {
    case 1:
      return copy(uint8_t{});
    case 2:
      return copy(uint16_t{});
    case 4:
      return copy(uint32_t{});
    case 8:
      return copy(uint64_t{});
    default:
      return copy(Wide{});
  }
}

Dims strides_of(std::span<const int64_t> dims) {
  Dims out(dims.size());
  int64_t stride = 1;
  for (size_t i = dims.size(); i-- > 0; stride *= dims[i]) out[i] = stride;
  return out;
}

void fill(int threads, void* to, const void* element, size_t element_bytes, int64_t n) {
  const int64_t dims[] = {n}, one[] = {1}, zero[] = {0};
  strided_copy(threads, dims, element_bytes, to, one, element, zero);
}

}  // namespace halyard::cpu
