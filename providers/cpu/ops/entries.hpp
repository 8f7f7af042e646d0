// For files with a family of operators: a table of what differs, and the entries made from it.
#pragma once

#include <array>
#include <string_view>

#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

/// An entry for each row of a table whose rows have a `name`.
template <class Row, size_t N>
constexpr std::array<KernelEntry, N> entries_of(
    const Row (&table)[N], decltype(KernelEntry::create) create,
    decltype(KernelEntry::supports) supports = nullptr) {
  std::array<KernelEntry, N> out{};
  for (size_t i = 0; i < N; ++i) out[i] = {table[i].name, create, supports, nullptr};
  return out;
}

/// The row of that name; the table has it.
template <class Row, size_t N>
const Row& row_of(const Row (&table)[N], std::string_view name) {
  size_t i = 0;
  while (i + 1 < N && name != table[i].name) ++i;
  return table[i];
}

}  // namespace halyard::cpu
