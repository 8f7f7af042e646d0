// Attention, and the rotation of positions.
#pragma once

#include "tests/fuzz/random/value.hpp"

namespace halyard::fuzz::reference {

struct AttentionCall {
  double scale = 1;
  bool causal = false;          // a row sees columns up to its own number
  const Array* mask = nullptr;  // [rows, columns], added to the scores
};

/// q [N, heads, rows, width], k [N, groups, columns, width], v [N, groups, columns, out]; a group serves
/// heads / groups heads that follow each other.
Array attention(const Array& q, const Array& k, const Array& v, const AttentionCall& call);

/// x [N, heads, rows, 2 * half], cos and sin [N, rows, half]. interleaved: pairs are neighbours.
Array rotary(const Array& x, const Array& cos, const Array& sin, bool interleaved);

}  // namespace halyard::fuzz::reference
