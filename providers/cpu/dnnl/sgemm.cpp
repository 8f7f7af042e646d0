#include "providers/cpu/dnnl/sgemm.hpp"

#include <oneapi/dnnl/dnnl.h>

#include <algorithm>
#include <string>

namespace halyard::cpu::dnn {

Status sgemm(const Sgemm& s, const float* a, const float* b, float* c) {
  if (s.m == 0 || s.n == 0) return {};
  if (s.k == 0) {
    if (s.beta == 0) std::fill(c, c + s.m * s.n, 0.0f);
    if (s.beta != 0 && s.beta != 1)
      for (int64_t i = 0; i < s.m * s.n; ++i) c[i] *= s.beta;
    return {};
  }
  const dnnl_status_t status =
      dnnl_sgemm(s.transpose_a ? 'T' : 'N', s.transpose_b ? 'T' : 'N', s.m, s.n, s.k, s.alpha, a,
                 s.transpose_a ? s.m : s.k, b, s.transpose_b ? s.k : s.n, s.beta, c, s.n);
  if (status == dnnl_success) return {};
  const hy_status code = status == dnnl_out_of_memory ? HY_ERROR_OUT_OF_MEMORY : HY_ERROR_INTERNAL;
  return {code, "sgemm: oneDNN status " + std::to_string(status)};
}

}  // namespace halyard::cpu::dnn
