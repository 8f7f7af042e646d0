// Dims out of and into other forms: numbers, postfix, text, shapes.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/graph/dim_algebra.hpp"

namespace halyard::core {

std::optional<int64_t> Dim::Algebra::evaluate(const Atom& atom, std::span<const int64_t> symbols) {
  if (!atom.operation) {
    if (atom.symbol >= symbols.size() || symbols[atom.symbol] < 0) return std::nullopt;
    return symbols[atom.symbol];
  }
  const auto a = atom.operation->a.evaluate(symbols), b = atom.operation->b.evaluate(symbols);
  if (!a || !b) return std::nullopt;
  if (atom.operation->op == HY_EXPR_MIN) return std::min(*a, *b);
  if (atom.operation->op == HY_EXPR_MAX) return std::max(*a, *b);
  if (*b == 0 || (*a == INT64_MIN && *b == -1)) return std::nullopt;
  const int64_t floor = floor_quotient(*a, *b);
  return atom.operation->op == HY_EXPR_CEILDIV && *a % *b != 0 ? floor + 1 : floor;
}

std::optional<int64_t> Dim::evaluate(std::span<const int64_t> symbols) const {
  if (!known_) return std::nullopt;
  int64_t sum = 0;
  for (const Term& t : terms_) {
    int64_t product = t.coefficient;
    for (const Atom& a : t.atoms) {
      const auto n = Algebra::evaluate(a, symbols);
      if (!n || __builtin_mul_overflow(product, *n, &product)) return std::nullopt;
    }
    if (__builtin_add_overflow(sum, product, &sum)) return std::nullopt;
  }
  return sum;
}

Dim Dim::Algebra::substitute(const Atom& atom, std::span<const int64_t> symbols) {
  if (atom.operation)
    return combine(atom.operation->op, atom.operation->a.substitute(symbols),
                   atom.operation->b.substitute(symbols));
  const bool given = atom.symbol < symbols.size() && symbols[atom.symbol] >= 0;
  return given ? fixed(symbols[atom.symbol]) : symbol(atom.symbol);
}

Dim Dim::substitute(std::span<const int64_t> symbols) const {
  if (!known_ || is_fixed()) return *this;
  Dim sum = fixed(0);
  for (const Term& t : terms_) {
    Dim product = fixed(t.coefficient);
    for (const Atom& a : t.atoms) product = product * Algebra::substitute(a, symbols);
    sum = sum + product;
  }
  return sum;
}

Dim Dim::from_postfix(std::span<const hy_graph_expr> terms) {
  if (terms.size() > HY_EXPR_MAX_TERMS) return unknown();
  std::vector<Dim> stack;
  for (const hy_graph_expr& e : terms) {
    if (e.op == HY_EXPR_CONST) {
      stack.push_back(fixed(e.value));
    } else if (e.op == HY_EXPR_SYMBOL) {
      if (e.value < 0 || e.value > UINT32_MAX) return unknown();
      stack.push_back(symbol(static_cast<uint32_t>(e.value)));
    } else {
      if (stack.size() < 2) return unknown();
      const Dim b = std::move(stack.back());
      stack.pop_back();
      stack.back() = Algebra::combine(e.op, stack.back(), b);
    }
  }
  return stack.size() == 1 ? stack.back() : unknown();
}

std::vector<const Dim::Term*> Dim::Algebra::in_printing_order(const Dim& dim) {
  std::vector<const Term*> out;
  for (const Term& t : dim.terms_) out.push_back(&t);
  for (size_t i = 0; i < out.size(); ++i)
    if (out[i]->coefficient > 0) {
      std::rotate(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(i),
                  out.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      break;
    }
  return out;
}

void Dim::Algebra::postfix(const Term& term, int64_t coefficient, std::vector<hy_graph_expr>& out) {
  const bool number = coefficient != 1 || term.atoms.empty();
  if (number) out.push_back({HY_EXPR_CONST, 0, coefficient});
  for (size_t i = 0; i < term.atoms.size(); ++i) {
    const Atom& a = term.atoms[i];
    if (a.operation) {
      postfix(a.operation->a, out);
      postfix(a.operation->b, out);
      out.push_back({a.operation->op, 0, 0});
    } else {
      out.push_back({HY_EXPR_SYMBOL, 0, a.symbol});
    }
    if (number || i != 0) out.push_back({HY_EXPR_MUL, 0, 0});
  }
}

void Dim::Algebra::postfix(const Dim& dim, std::vector<hy_graph_expr>& out) {
  if (dim.terms_.empty()) out.push_back({HY_EXPR_CONST, 0, 0});
  bool first = true;
  for (const Term* t : in_printing_order(dim)) {
    const bool subtract = !first && t->coefficient < 0 && t->coefficient != INT64_MIN;
    postfix(*t, subtract ? -t->coefficient : t->coefficient, out);
    if (!first) out.push_back({subtract ? HY_EXPR_SUB : HY_EXPR_ADD, 0, 0});
    first = false;
  }
}

std::vector<hy_graph_expr> Dim::postfix() const {
  std::vector<hy_graph_expr> out;
  if (known_) Algebra::postfix(*this, out);
  if (out.size() > HY_EXPR_MAX_TERMS) out.clear();
  return out;
}

std::string Dim::Algebra::text(const Atom& atom, std::span<const std::string> names) {
  if (!atom.operation)
    return atom.symbol < names.size() && !names[atom.symbol].empty()
               ? names[atom.symbol]
               : fmt::format("s{}", atom.symbol);
  const Operation& o = *atom.operation;
  const std::string a = o.a.text(names), b = o.b.text(names);
  if (o.op == HY_EXPR_MIN) return fmt::format("min({},{})", a, b);
  if (o.op == HY_EXPR_MAX) return fmt::format("max({},{})", a, b);
  const auto side = [](const Dim& d, const std::string& t, bool divisor) {
    const bool plain =
        d.terms_.size() == 1 && (!divisor || d.is_fixed() ||
                                 (d.terms_[0].coefficient == 1 && d.terms_[0].atoms.size() == 1));
    return plain ? t : "(" + t + ")";
  };
  return fmt::format("{}({}/{})", o.op == HY_EXPR_FLOORDIV ? "floor" : "ceil", side(o.a, a, false),
                     side(o.b, b, true));
}

std::string Dim::Algebra::text(const Term& term, std::span<const std::string> names) {
  if (term.atoms.empty()) return fmt::format("{}", term.coefficient);
  std::string out = term.coefficient == 1    ? ""
                    : term.coefficient == -1 ? "-"
                                             : fmt::format("{}*", term.coefficient);
  for (size_t i = 0; i < term.atoms.size(); ++i)
    out += (i == 0 ? "" : "*") + text(term.atoms[i], names);
  return out;
}

std::string Dim::text(std::span<const std::string> names) const {
  if (!known_) return "?";
  if (terms_.empty()) return "0";
  std::string out;
  for (const Term* t : Algebra::in_printing_order(*this)) {
    if (!out.empty() && t->coefficient > 0) out += "+";
    out += Algebra::text(*t, names);
  }
  return out;
}

Dim element_count(const Shape& shape) {
  if (!shape) return Dim::unknown();
  Dim product = Dim::fixed(1);
  for (const Dim& d : *shape) product = product * d;
  return product;
}

std::string shape_text(const Shape& shape, std::span<const std::string> names) {
  if (!shape) return "unknown rank";
  std::vector<std::string> dims;
  for (const Dim& d : *shape) dims.push_back(d.text(names));
  return fmt::format("[{}]", fmt::join(dims, ","));
}

std::optional<std::vector<int64_t>> fixed_dims(const Shape& shape) {
  if (!shape) return std::nullopt;
  std::vector<int64_t> out;
  for (const Dim& d : *shape) {
    if (!d.is_fixed()) return std::nullopt;
    out.push_back(d.value());
  }
  return out;
}

}  // namespace halyard::core
