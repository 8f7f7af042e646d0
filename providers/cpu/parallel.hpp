// Loops over the run's threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace halyard::cpu {

/// Calls f(begin, end) for ranges that cover [0, n), none smaller than grain but the last, on at most
/// `threads` threads. f must not throw. Small n run on the caller.
template <class F>
void parallel_for(int threads, int64_t n, int64_t grain, const F& f) {
  const int64_t parts = std::min<int64_t>(threads, n / std::max<int64_t>(grain, 1));
  if (parts <= 1) {
    if (n > 0) f(int64_t{0}, n);
    return;
  }
  const int64_t step = (n + parts - 1) / parts;
#pragma omp parallel for num_threads(static_cast <int>(parts)) schedule(static, 1)
  for (int64_t p = 0; p < parts; ++p) {
    const int64_t begin = p * step, end = std::min(n, begin + step);
    if (begin < end) f(begin, end);
  }
}

/// memcpy, of large blocks by all threads.
inline void copy_bytes(int threads, void* to, const void* from, size_t bytes) {
  parallel_for(threads, static_cast<int64_t>(bytes), 1 << 20, [&](int64_t begin, int64_t end) {
    std::memcpy(static_cast<char*>(to) + begin, static_cast<const char*>(from) + begin,
                static_cast<size_t>(end - begin));
  });
}

}  // namespace halyard::cpu
