// The f32 matrix product of oneDNN.
#pragma once

#include <cstdint>

#include "halyard/status.hpp"

namespace halyard::cpu::dnn {

/// c[m, n] = alpha op(a) op(b) + beta c, in C order, contiguous; op transposes where said. k, m or n may
/// be 0. Uses the calling thread's OpenMP threads; within a parallel region one.
struct Sgemm {
  bool transpose_a = false, transpose_b = false;
  int64_t m = 0, n = 0, k = 0;
  float alpha = 1, beta = 0;
};
Status sgemm(const Sgemm& shape, const float* a, const float* b, float* c);

}  // namespace halyard::cpu::dnn
