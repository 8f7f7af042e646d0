// Elements of every type as bytes, little-endian.
#pragma once

#include <string>
#include <vector>

#include "tests/fuzz/random/value.hpp"

namespace halyard::fuzz {

size_t size_of(Type type);
std::string bytes_of(Type type, const std::vector<double>& elements);
double element(Type type, const void* data, size_t index);

}  // namespace halyard::fuzz
