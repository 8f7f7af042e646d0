// Positions in a dense array.
#pragma once

#include "tests/fuzz/random/value.hpp"

namespace halyard::fuzz::reference {

/// The coordinates of the element of that number, in C order.
inline Dims position(int64_t number, const Dims& dims) {
  Dims out(dims.size());
  for (size_t i = dims.size(); i-- > 0;) {
    out[i] = number % dims[i];
    number /= dims[i];
  }
  return out;
}

inline int64_t number(const Dims& position, const Dims& dims) {
  int64_t out = 0;
  for (size_t i = 0; i < dims.size(); ++i) out = out * dims[i] + position[i];
  return out;
}

inline double at(const Array& x, const Dims& where) {
  return x.data[static_cast<size_t>(number(where, x.dims))];
}

/// Where a position of the broadcast dims reads from; leading dims that `dims` lacks are left out.
inline int64_t broadcast_number(const Dims& at, const Dims& dims) {
  const size_t lead = at.size() - dims.size();
  int64_t out = 0;
  for (size_t i = 0; i < dims.size(); ++i) out = out * dims[i] + (dims[i] == 1 ? 0 : at[lead + i]);
  return out;
}

/// A number counted from the end, from the front.
inline int64_t from_front(double place, int64_t dim) {
  const auto p = static_cast<int64_t>(place);
  return p < 0 ? p + dim : p;
}

inline Dims joined(std::initializer_list<Dims> parts) {
  Dims out;
  for (const Dims& p : parts) out.insert(out.end(), p.begin(), p.end());
  return out;
}
inline Dims part(const Dims& dims, size_t from, size_t to) {
  return {dims.begin() + static_cast<int64_t>(from), dims.begin() + static_cast<int64_t>(to)};
}

}  // namespace halyard::fuzz::reference
