// Test data as bytes, and a seeded source of damage.
#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tools/halyard/host_tensor.hpp"

namespace halyard::cli::test {

template <class T>
HostTensor tensor(uint32_t dtype, std::vector<int64_t> dims, const std::vector<T>& values) {
  HostTensor t;
  t.dtype = dtype;
  t.dims = std::move(dims);
  t.bytes.resize(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(t.bytes.data(), values.data(), t.bytes.size());
  return t;
}

template <class T>
std::vector<T> values(const HostTensor& t) {
  std::vector<T> out(t.bytes.size() / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), t.bytes.data(), out.size() * sizeof(T));
  return out;
}

/// Copies with a few bytes changed, or cut short; the same seed gives the same copies.
inline std::string damaged(std::string bytes, std::mt19937& random) {
  for (unsigned i = random() % 4 + 1; i > 0 && !bytes.empty(); --i)
    bytes[random() % bytes.size()] = static_cast<char>(random());
  if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 1));
  return bytes;
}

}  // namespace halyard::cli::test
