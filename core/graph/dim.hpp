// The size of one axis: a number, unknown, or an integer expression over the graph's symbols.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "halyard/abi/graph.h"

namespace halyard::core {

/// Kept as a polynomial over atoms, with integer coefficients and in canonical order, so that equal
/// polynomials compare equal: (n + 2) * 4 == 4 * n + 8. An atom is a symbol, or a division, minimum or
/// maximum that does not simplify. Arithmetic that overflows 64 bits, or touches unknown, is unknown.
/// Immutable value type; any thread.
class Dim {
 public:
  Dim() = default;  // unknown
  static Dim unknown() { return Dim(); }
  static Dim fixed(int64_t value);
  static Dim symbol(uint32_t index);
  /// From postfix form; unknown where that is malformed.
  static Dim from_postfix(std::span<const hy_graph_expr> terms);

  bool is_unknown() const { return !known_; }
  bool is_fixed() const;
  bool is_fixed(int64_t value) const { return is_fixed() && this->value() == value; }
  /// The number. Only where is_fixed().
  int64_t value() const;
  /// Whether it is known to be at least zero, whatever non-negative sizes the symbols have.
  bool is_non_negative() const;
  /// x, where this is min(x, c) with a number c above zero: zero exactly where x is zero.
  std::optional<Dim> without_upper_limit() const;

  /// The value for these sizes of the symbols, by index; nothing where it is unknown, overflows, divides
  /// by zero or uses a symbol whose size is negative.
  std::optional<int64_t> evaluate(std::span<const int64_t> symbols) const;
  /// The same expression with the symbols whose size is not negative replaced.
  Dim substitute(std::span<const int64_t> symbols) const;
  /// Postfix form; empty where it is unknown or longer than HY_EXPR_MAX_TERMS.
  std::vector<hy_graph_expr> postfix() const;
  /// "batch", "2*n+1", "floor(n/2)", "?" ; names by symbol index.
  std::string text(std::span<const std::string> names) const;

  friend Dim operator+(const Dim& a, const Dim& b);
  friend Dim operator-(const Dim& a, const Dim& b);
  friend Dim operator*(const Dim& a, const Dim& b);
  /// Quotients of non-negative numbers by positive ones; exact where every term divides.
  friend Dim floor_div(const Dim& a, const Dim& b);
  friend Dim ceil_div(const Dim& a, const Dim& b);
  friend Dim min(const Dim& a, const Dim& b);
  friend Dim max(const Dim& a, const Dim& b);
  /// The same expression; unknown equals nothing, itself included.
  friend bool same(const Dim& a, const Dim& b);

 private:
  struct Operation;
  struct Algebra;  // what only the implementation needs
  struct Atom {
    uint32_t symbol = 0;                         // where operation is null
    std::shared_ptr<const Operation> operation;  // FLOORDIV, CEILDIV, MIN or MAX
  };
  struct Term {
    int64_t coefficient = 0;
    std::vector<Atom> atoms;  // in canonical order; empty: the constant term
  };
  static int compare(const Atom& a, const Atom& b);
  static int compare(const std::vector<Atom>& a, const std::vector<Atom>& b);
  static int compare(const Dim& a, const Dim& b);
  static Dim operation(uint32_t op, const Dim& a, const Dim& b);
  static Dim canonical(std::vector<Term> terms);

  bool known_ = false;
  std::vector<Term> terms_;  // empty and known: zero
};

/// Dims of a shape in order; nothing: not even the rank is known.
using Shape = std::optional<std::vector<Dim>>;

/// The number of elements; unknown if the rank or a dim is.
Dim element_count(const Shape& shape);
/// "[batch,3,224,224]", "[?]"; "unknown rank".
std::string shape_text(const Shape& shape, std::span<const std::string> names);
/// Fixed dims as numbers; nothing where one is not fixed.
std::optional<std::vector<int64_t>> fixed_dims(const Shape& shape);

}  // namespace halyard::core
