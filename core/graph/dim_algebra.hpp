// What the files that implement Dim share.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/graph/dim.hpp"

namespace halyard::core {

/// A division, minimum or maximum that does not simplify. Both operands are known.
struct Dim::Operation {
  uint32_t op = 0;
  Dim a, b;
  uint32_t records = 0;  // an upper bound of its postfix length
};

/// Helpers of Dim that see its terms. All results are canonical.
struct Dim::Algebra {
  using Terms = std::vector<Term>;

  static uint32_t records(const Atom& atom) { return atom.operation ? atom.operation->records : 1; }
  static uint32_t records(const Dim& dim);
  /// The product of two canonical lists of atoms.
  static std::vector<Atom> multiply(const std::vector<Atom>& a, const std::vector<Atom>& b);
  /// The atoms of a without those of b; nothing where b has one that a lacks.
  static std::optional<std::vector<Atom>> divide(const std::vector<Atom>& a,
                                                 const std::vector<Atom>& b);
  /// a / b where it is a polynomial.
  static std::optional<Dim> exact_quotient(const Dim& a, const Dim& b);
  static Dim divide_by_number(const Dim& a, int64_t divisor);
  /// The quotient by a product of atoms: what divides is taken out, the rest stays an operation.
  static Dim divide_by_monomial(uint32_t op, const Dim& a, const Dim& b);
  static Dim combine(uint32_t op, const Dim& a, const Dim& b);

  static std::optional<int64_t> evaluate(const Atom& atom, std::span<const int64_t> symbols);
  static Dim substitute(const Atom& atom, std::span<const int64_t> symbols);
  static void postfix(const Dim& dim, std::vector<hy_graph_expr>& out);
  static void postfix(const Term& term, int64_t coefficient, std::vector<hy_graph_expr>& out);
  static std::string text(const Atom& atom, std::span<const std::string> names);
  static std::string text(const Term& term, std::span<const std::string> names);
  /// The terms, beginning with a positive one where there is one.
  static std::vector<const Term*> in_printing_order(const Dim& dim);
};

/// The largest number that is not above a / b. b is not zero; INT64_MIN / -1 is the caller's to avoid.
inline int64_t floor_quotient(int64_t a, int64_t b) {
  const int64_t q = a / b;
  return q - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

}  // namespace halyard::core
