#include "core/graph/dim.hpp"

#include <algorithm>
#include <cassert>

#include "core/graph/dim_algebra.hpp"

namespace halyard::core {
namespace {

// Far above what the flat form takes, since what is long on the way often ends short.
constexpr uint32_t kMaxRecords = 4 * HY_EXPR_MAX_TERMS;

}  // namespace

int Dim::compare(const Atom& a, const Atom& b) {
  if (!a.operation && !b.operation) return a.symbol == b.symbol ? 0 : a.symbol < b.symbol ? -1 : 1;
  if (a.operation == b.operation) return 0;
  if (!a.operation || !b.operation) return a.operation ? 1 : -1;
  if (a.operation->op != b.operation->op) return a.operation->op < b.operation->op ? -1 : 1;
  if (const int c = compare(a.operation->a, b.operation->a); c != 0) return c;
  return compare(a.operation->b, b.operation->b);
}

// Higher degrees first, then by the first atom that differs: an order that multiplication keeps, which
// exact_quotient needs.
int Dim::compare(const std::vector<Atom>& a, const std::vector<Atom>& b) {
  if (a.size() != b.size()) return a.size() > b.size() ? -1 : 1;
  for (size_t i = 0; i < a.size(); ++i)
    if (const int c = compare(a[i], b[i]); c != 0) return c;
  return 0;
}

int Dim::compare(const Dim& a, const Dim& b) {
  if (a.known_ != b.known_) return a.known_ ? 1 : -1;
  if (a.terms_.size() != b.terms_.size()) return a.terms_.size() < b.terms_.size() ? -1 : 1;
  for (size_t i = 0; i < a.terms_.size(); ++i) {
    if (const int c = compare(a.terms_[i].atoms, b.terms_[i].atoms); c != 0) return c;
    const int64_t x = a.terms_[i].coefficient, y = b.terms_[i].coefficient;
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

Dim Dim::canonical(std::vector<Term> terms) {
  std::sort(terms.begin(), terms.end(),
            [](const Term& a, const Term& b) { return compare(a.atoms, b.atoms) < 0; });
  Dim out = fixed(0);
  for (Term& t : terms) {
    if (!out.terms_.empty() && compare(out.terms_.back().atoms, t.atoms) == 0) {
      int64_t& sum = out.terms_.back().coefficient;
      if (__builtin_add_overflow(sum, t.coefficient, &sum)) return unknown();
    } else {
      out.terms_.push_back(std::move(t));
    }
  }
  std::erase_if(out.terms_, [](const Term& t) { return t.coefficient == 0; });
  return Algebra::records(out) > kMaxRecords ? unknown() : out;
}

Dim Dim::operation(uint32_t op, const Dim& a, const Dim& b) {
  const uint32_t records = Algebra::records(a) + Algebra::records(b) + 1;
  if (records > kMaxRecords) return unknown();
  Dim out = fixed(0);
  out.terms_.push_back({1, {{0, std::make_shared<const Operation>(Operation{op, a, b, records})}}});
  return out;
}

uint32_t Dim::Algebra::records(const Dim& dim) {
  uint32_t sum = 1;
  for (const Term& t : dim.terms_) {
    sum += 3;
    for (const Atom& a : t.atoms) sum += records(a) + 1;
  }
  return sum;
}

std::vector<Dim::Atom> Dim::Algebra::multiply(const std::vector<Atom>& a,
                                              const std::vector<Atom>& b) {
  std::vector<Atom> out;
  out.reserve(a.size() + b.size());
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out),
             [](const Atom& x, const Atom& y) { return compare(x, y) < 0; });
  return out;
}

Dim Dim::fixed(int64_t value) {
  Dim out;
  out.known_ = true;
  if (value != 0) out.terms_.push_back({value, {}});
  return out;
}

Dim Dim::symbol(uint32_t index) {
  Dim out;
  out.known_ = true;
  out.terms_.push_back({1, {{index, nullptr}}});
  return out;
}

bool Dim::is_fixed() const {
  return known_ && (terms_.empty() || (terms_.size() == 1 && terms_[0].atoms.empty()));
}

int64_t Dim::value() const {
  assert(is_fixed());
  return terms_.empty() ? 0 : terms_[0].coefficient;
}

bool Dim::is_non_negative() const {
  const auto atom = [](const Atom& a) {
    if (!a.operation) return true;
    const bool first = a.operation->a.is_non_negative(), second = a.operation->b.is_non_negative();
    return a.operation->op == HY_EXPR_MAX ? first || second : first && second;
  };
  return known_ && std::all_of(terms_.begin(), terms_.end(), [&](const Term& t) {
           return t.coefficient >= 0 && std::all_of(t.atoms.begin(), t.atoms.end(), atom);
         });
}

std::optional<Dim> Dim::without_upper_limit() const {
  if (terms_.size() != 1 || terms_[0].coefficient != 1 || terms_[0].atoms.size() != 1)
    return std::nullopt;
  const auto& o = terms_[0].atoms[0].operation;
  if (o == nullptr || o->op != HY_EXPR_MIN) return std::nullopt;
  const auto limit = [](const Dim& d) { return d.is_fixed() && d.value() > 0; };
  if (limit(o->a)) return o->b;
  if (limit(o->b)) return o->a;
  return std::nullopt;
}

Dim operator+(const Dim& a, const Dim& b) {
  if (!a.known_ || !b.known_) return Dim::unknown();
  if (int64_t sum = 0; a.is_fixed() && b.is_fixed())
    return __builtin_add_overflow(a.value(), b.value(), &sum) ? Dim::unknown() : Dim::fixed(sum);
  std::vector<Dim::Term> terms = a.terms_;
  terms.insert(terms.end(), b.terms_.begin(), b.terms_.end());
  return Dim::canonical(std::move(terms));
}

Dim operator-(const Dim& a, const Dim& b) { return a + Dim::fixed(-1) * b; }

Dim operator*(const Dim& a, const Dim& b) {
  if (!a.known_ || !b.known_) return Dim::unknown();
  if (int64_t product = 0; a.is_fixed() && b.is_fixed())
    return __builtin_mul_overflow(a.value(), b.value(), &product) ? Dim::unknown()
                                                                  : Dim::fixed(product);
  if (a.terms_.size() * b.terms_.size() > kMaxRecords) return Dim::unknown();
  std::vector<Dim::Term> terms;
  for (const Dim::Term& x : a.terms_)
    for (const Dim::Term& y : b.terms_) {
      Dim::Term t;
      if (__builtin_mul_overflow(x.coefficient, y.coefficient, &t.coefficient))
        return Dim::unknown();
      t.atoms = Dim::Algebra::multiply(x.atoms, y.atoms);
      terms.push_back(std::move(t));
    }
  return Dim::canonical(std::move(terms));
}

Dim min(const Dim& a, const Dim& b) {
  if (!a.known_ || !b.known_) return Dim::unknown();
  if (const Dim d = a - b; d.is_non_negative()) return b;
  if (const Dim d = b - a; d.is_non_negative()) return a;
  return Dim::compare(a, b) < 0 ? Dim::operation(HY_EXPR_MIN, a, b)
                                : Dim::operation(HY_EXPR_MIN, b, a);
}

Dim max(const Dim& a, const Dim& b) {
  if (!a.known_ || !b.known_) return Dim::unknown();
  if (const Dim d = a - b; d.is_non_negative()) return a;
  if (const Dim d = b - a; d.is_non_negative()) return b;
  return Dim::compare(a, b) < 0 ? Dim::operation(HY_EXPR_MAX, a, b)
                                : Dim::operation(HY_EXPR_MAX, b, a);
}

bool same(const Dim& a, const Dim& b) { return a.known_ && b.known_ && Dim::compare(a, b) == 0; }

Dim Dim::Algebra::combine(uint32_t op, const Dim& a, const Dim& b) {
  switch (op) {
    case HY_EXPR_ADD:
      return a + b;
    case HY_EXPR_SUB:
      return a - b;
    case HY_EXPR_MUL:
      return a * b;
    case HY_EXPR_FLOORDIV:
      return floor_div(a, b);
    case HY_EXPR_CEILDIV:
      return ceil_div(a, b);
    case HY_EXPR_MIN:
      return min(a, b);
    case HY_EXPR_MAX:
      return max(a, b);
    default:
      return unknown();
  }
}

}  // namespace halyard::core
