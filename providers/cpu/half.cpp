#include "providers/cpu/half.hpp"

namespace halyard::cpu {

void widen(const F16* from, float* to, int64_t n) {
  vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { to[i] = F16::decode(from[i].bits); });
}
void widen(const BF16* from, float* to, int64_t n) {
  vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { to[i] = from[i]; });
}
void narrow(const float* from, F16* to, int64_t n) {
  vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { to[i].bits = F16::encode(from[i]); });
}
void narrow(const float* from, BF16* to, int64_t n) {
  vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { to[i].bits = BF16::encode(from[i]); });
}

}  // namespace halyard::cpu
