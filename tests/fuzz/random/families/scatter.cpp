// Scatters, with and without a reduction.
#include <algorithm>
#include <cmath>
#include <set>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

using reference::Fold;

constexpr const char* kFolds[] = {"none", "add", "mul", "max", "min"};

Result folded(Builder& b, int x, int updates, Fold fold, Array y) {
  Result out{b.type(x), std::move(y)};
  const double n = static_cast<double>(count_of(b.dims_of(updates))) + 1;
  const double top = std::max({1.0, b.top(x), b.top(updates)});
  out.rounds = fold == Fold::add || fold == Fold::mul;
  if (fold == Fold::add) out.gain = n;
  if (fold == Fold::mul) out.gain = n * std::pow(top, std::min(n, 20.0));
  return out;
}

Fold fold_for(Builder& b, int x) {
  return b.type(x) == Type::boolean ? Fold::none : static_cast<Fold>(b.pick(0, 4));
}

void add_scatter_elements(Builder& b) {
  const int x = b.operand(kAll, 1);
  const int64_t axis = b.pick(0, b.rank(x) - 1);
  const int64_t d = b.dims_of(x)[static_cast<size_t>(axis)];
  const Fold fold = fold_for(b, x);
  Dims dims = b.dims_of(x);
  for (int64_t& e : dims) e = b.pick(1, e);
  if (fold != Fold::none) dims[static_cast<size_t>(axis)] = b.pick(1, 4);
  // Without a reduction no place is written twice: a rotation along the axis.
  const int64_t turn = b.pick(0, d - 1);
  int64_t inner = 1;
  for (size_t i = static_cast<size_t>(axis) + 1; i < dims.size(); ++i) inner *= dims[i];
  Array at{dims, {}};
  for (int64_t i = 0; i < count_of(dims); ++i) {
    const int64_t along = i / inner % dims[static_cast<size_t>(axis)];
    const int64_t place = fold == Fold::none ? (along + turn) % d : b.pick(0, d - 1);
    at.data.push_back(static_cast<double>(b.chance(30) ? place - d : place));
  }
  const int u = b.parameter(b.type(x), dims, -3, 3);
  Array y = reference::scatter_elements(b.array(x), at, b.array(u), axis, fold);
  const int i = b.constant(b.chance(50) ? Type::i64 : Type::i32, std::move(at));
  b.finish(
      "ScatterElements", {x, i, u},
      {{"axis", b.either_axis(axis, b.rank(x))}, {"reduction", kFolds[static_cast<size_t>(fold)]}},
      {folded(b, x, u, fold, std::move(y))});
}

void add_scatter_nd(Builder& b) {
  const int x = b.operand(kAll, 1);
  const int64_t depth = b.pick(1, b.rank(x));
  const Fold fold = fold_for(b, x);
  const Dims lead(b.dims_of(x).begin(), b.dims_of(x).begin() + depth);
  const int64_t n = std::min<int64_t>(b.pick(1, 4), count_of(lead));
  Array at{{n, depth}, {}};
  std::set<int64_t> taken;
  for (int64_t i = 0; i < n; ++i) {
    int64_t place = b.pick(0, count_of(lead) - 1);
    while (fold == Fold::none && !taken.insert(place).second) place = (place + 1) % count_of(lead);
    Dims where(lead.size());
    for (size_t k = lead.size(); k-- > 0; place /= lead[k]) where[k] = place % lead[k];
    for (size_t k = 0; k < lead.size(); ++k)
      at.data.push_back(static_cast<double>(b.chance(20) ? where[k] - lead[k] : where[k]));
  }
  Dims dims = {n};
  dims.insert(dims.end(), b.dims_of(x).begin() + depth, b.dims_of(x).end());
  const int u = b.parameter(b.type(x), dims, -3, 3);
  Array y = reference::scatter_nd(b.array(x), at, b.array(u), fold);
  const int i = b.constant(Type::i64, std::move(at));
  b.finish("ScatterND", {x, i, u}, {{"reduction", kFolds[static_cast<size_t>(fold)]}},
           {folded(b, x, u, fold, std::move(y))});
}

}  // namespace

std::vector<Operator> scatter_operators() {
  return {{"ScatterElements", add_scatter_elements}, {"ScatterND", add_scatter_nd}};
}

}  // namespace halyard::fuzz
