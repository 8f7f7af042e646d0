// Division of dims. All of it rests on floor((b*A + B) / b) == A + floor(B / b).
#include <algorithm>
#include <iterator>
#include <numeric>

#include "core/graph/dim_algebra.hpp"

namespace halyard::core {
namespace {

constexpr int kMaxDivisionSteps = 64;

}  // namespace

std::optional<std::vector<Dim::Atom>> Dim::Algebra::divide(const std::vector<Atom>& a,
                                                           const std::vector<Atom>& b) {
  const auto less = [](const Atom& x, const Atom& y) { return compare(x, y) < 0; };
  if (!std::includes(a.begin(), a.end(), b.begin(), b.end(), less)) return std::nullopt;
  std::vector<Atom> out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out), less);
  return out;
}

// Long division by the leading term; terms stand in an admissible order.
std::optional<Dim> Dim::Algebra::exact_quotient(const Dim& a, const Dim& b) {
  Dim quotient = fixed(0), rest = a;
  if (b.terms_.empty()) return std::nullopt;
  const Term& leading = b.terms_[0];
  for (int step = 0; step < kMaxDivisionSteps && rest.known_; ++step) {
    if (rest.terms_.empty()) return quotient;
    const Term& t = rest.terms_[0];
    auto atoms = divide(t.atoms, leading.atoms);
    if (!atoms || t.coefficient == INT64_MIN || t.coefficient % leading.coefficient != 0)
      return std::nullopt;
    Dim part = fixed(0);
    part.terms_.push_back({t.coefficient / leading.coefficient, std::move(*atoms)});
    quotient = quotient + part;
    rest = rest - part * b;
  }
  return std::nullopt;
}

Dim Dim::Algebra::divide_by_number(const Dim& a, int64_t divisor) {
  if (divisor == 1) return a;
  Dim whole = fixed(0), rest = fixed(0);
  for (const Term& t : a.terms_) {
    const int64_t q = floor_quotient(t.coefficient, divisor);
    if (q != 0) whole.terms_.push_back({q, t.atoms});
    const int64_t r = t.coefficient % divisor;
    if (r != 0) rest.terms_.push_back({r < 0 ? r + divisor : r, t.atoms});
  }
  if (rest.is_fixed()) return whole;  // 0 <= rest < divisor

  int64_t gcd = divisor;
  for (const Term& t : rest.terms_)
    if (!t.atoms.empty()) gcd = std::gcd(gcd, t.coefficient);
  for (Term& t : rest.terms_) t.coefficient /= gcd;  // the constant's remainder cannot matter
  std::erase_if(rest.terms_, [](const Term& t) { return t.coefficient == 0; });
  divisor /= gcd;

  // floor((floor(x/d) + y) / c) == floor((x + d*y) / (c*d))
  for (size_t i = 0; i < rest.terms_.size(); ++i) {
    const Term& t = rest.terms_[i];
    if (t.coefficient != 1 || t.atoms.size() != 1 || !t.atoms[0].operation) continue;
    const Operation& inner = *t.atoms[0].operation;
    int64_t product = 0;
    if (inner.op != HY_EXPR_FLOORDIV || !inner.b.is_fixed() ||
        __builtin_mul_overflow(inner.b.value(), divisor, &product))
      continue;
    Dim others = rest;
    others.terms_.erase(others.terms_.begin() + static_cast<std::ptrdiff_t>(i));
    const Dim numerator = inner.a + inner.b * others;
    if (numerator.known_) return whole + divide_by_number(numerator, product);
  }
  return whole + operation(HY_EXPR_FLOORDIV, rest, fixed(divisor));
}

Dim Dim::Algebra::divide_by_monomial(uint32_t op, const Dim& a, const Dim& b) {
  const Term& by = b.terms_[0];
  Dim whole = fixed(0), rest = fixed(0);
  for (const Term& t : a.terms_) {
    auto atoms = divide(t.atoms, by.atoms);
    if (atoms && by.coefficient > 0 && t.coefficient % by.coefficient == 0)
      whole.terms_.push_back({t.coefficient / by.coefficient, std::move(*atoms)});
    else
      rest.terms_.push_back(t);
  }
  if (rest.terms_.empty()) return canonical(std::move(whole.terms_));
  // What all terms and the divisor have in common cancels, atoms and factors alike.
  const auto less = [](const Atom& x, const Atom& y) { return compare(x, y) < 0; };
  std::vector<Atom> shared = by.atoms;
  int64_t gcd = by.coefficient;
  for (const Term& t : rest.terms_) {
    std::vector<Atom> both;
    std::set_intersection(shared.begin(), shared.end(), t.atoms.begin(), t.atoms.end(),
                          std::back_inserter(both), less);
    shared = std::move(both);
    gcd = t.coefficient == INT64_MIN || gcd < 0 ? 1 : std::gcd(gcd, t.coefficient);
  }
  Dim divisor = b;
  const auto cancel = [&](Term& t) { t = {t.coefficient / gcd, *divide(t.atoms, shared)}; };
  std::for_each(rest.terms_.begin(), rest.terms_.end(), cancel);
  cancel(divisor.terms_[0]);
  const Dim left = canonical(std::move(rest.terms_));
  const Dim quotient =
      divisor.is_fixed() ? combine(op, left, divisor) : operation(op, left, divisor);
  return canonical(std::move(whole.terms_)) + quotient;
}

Dim floor_div(const Dim& a, const Dim& b) {
  if (!a.known_ || !b.known_ || b.is_fixed(0)) return Dim::unknown();
  if (b.is_fixed())
    return b.value() > 0 ? Dim::Algebra::divide_by_number(a, b.value())
                         : floor_div(Dim::fixed(-1) * a, Dim::fixed(-1) * b);
  if (auto quotient = Dim::Algebra::exact_quotient(a, b)) return *quotient;
  if (b.terms_.size() == 1) return Dim::Algebra::divide_by_monomial(HY_EXPR_FLOORDIV, a, b);
  return Dim::operation(HY_EXPR_FLOORDIV, a, b);
}

Dim ceil_div(const Dim& a, const Dim& b) {
  if (!a.known_ || !b.known_ || b.is_fixed(0)) return Dim::unknown();
  if (b.is_fixed())  // in terms of floor, so that equal quotients look equal
    return b.value() > 0 ? floor_div(a + b - Dim::fixed(1), b)
                         : ceil_div(Dim::fixed(-1) * a, Dim::fixed(-1) * b);
  if (auto quotient = Dim::Algebra::exact_quotient(a, b)) return *quotient;
  if (b.terms_.size() == 1) return Dim::Algebra::divide_by_monomial(HY_EXPR_CEILDIV, a, b);
  return Dim::operation(HY_EXPR_CEILDIV, a, b);
}

}  // namespace halyard::core
