// Gathers.
#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

Result moved(Builder& b, int x, Array y) {
  Result out{b.type(x), std::move(y)};
  out.rounds = false;
  return out;
}

/// Random positions, some counted from the end, all below the dim.
Array positions(Builder& b, const Dims& dims, int64_t dim) {
  Array out{dims, {}};
  for (int64_t i = 0; i < count_of(dims); ++i)
    out.data.push_back(static_cast<double>(b.pick(b.chance(50) ? -dim : 0, dim - 1)));
  return out;
}

Type index_type(Builder& b) { return b.chance(50) ? Type::i64 : Type::i32; }

void add_gather(Builder& b) {
  const int x = b.operand(kAll, 1);
  const int64_t axis = b.pick(0, b.rank(x) - 1);
  const int i = b.constant(index_type(b),
                           positions(b, b.dims(0, 2, 4), b.dims_of(x)[static_cast<size_t>(axis)]));
  b.finish("Gather", {x, i}, {{"axis", b.either_axis(axis, b.rank(x))}},
           {moved(b, x, reference::gather(b.array(x), b.array(i), axis))});
}

void add_gather_elements(Builder& b) {
  const int x = b.operand(kAll, 1);
  const int64_t axis = b.pick(0, b.rank(x) - 1);
  Dims dims = b.dims_of(x);
  for (int64_t& d : dims) d = b.pick(1, d);
  dims[static_cast<size_t>(axis)] = b.pick(1, 5);
  const int i =
      b.constant(index_type(b), positions(b, dims, b.dims_of(x)[static_cast<size_t>(axis)]));
  b.finish("GatherElements", {x, i}, {{"axis", b.either_axis(axis, b.rank(x))}},
           {moved(b, x, reference::gather_elements(b.array(x), b.array(i), axis))});
}

void add_gather_nd(Builder& b) {
  const int x = b.operand(kAll, 1);
  const int64_t batch = b.rank(x) > 1 ? b.pick(0, 1) : 0;
  const int64_t depth = b.pick(1, b.rank(x) - batch);
  Dims dims(b.dims_of(x).begin(), b.dims_of(x).begin() + batch);
  if (b.chance(60) || batch > 0) dims.push_back(b.pick(1, 4));
  dims.push_back(depth);
  Array at{dims, {}};
  for (int64_t i = 0; i < count_of(dims); ++i) {
    const int64_t d = b.dims_of(x)[static_cast<size_t>(batch + i % depth)];
    at.data.push_back(static_cast<double>(b.pick(b.chance(30) ? -d : 0, d - 1)));
  }
  Array y = reference::gather_nd(b.array(x), at, batch);
  const int i = b.constant(Type::i64, std::move(at));
  b.finish("GatherND", {x, i}, {{"batch_dims", batch}}, {moved(b, x, std::move(y))});
}

void add_compress(Builder& b) {
  const int x = b.operand(kAll, 1);
  const bool flat = b.chance(30);
  const int64_t axis = flat ? -1 : b.pick(0, b.rank(x) - 1);
  const int64_t n = flat ? count_of(b.dims_of(x)) : b.dims_of(x)[static_cast<size_t>(axis)];
  const int condition = b.boolean({b.pick(1, n)});  // what it does not reach is left out
  std::vector<Attribute> attributes;
  if (!flat) attributes.push_back({"axis", b.either_axis(axis, b.rank(x))});
  b.finish("Compress", {x, condition}, attributes,
           {moved(b, x, reference::compress(b.array(x), b.array(condition), axis))});
}

void add_non_zero(Builder& b) {
  const int x = b.operand(kAll, 1);
  if (!b.clear(x, [](double v) { return v < 0 ? -v : v; })) return;
  b.finish("NonZero", {x}, {}, {{Type::i64, reference::non_zero(b.array(x))}});
}

}  // namespace

std::vector<Operator> indexing_operators() {
  return {{"Gather", add_gather},
          {"GatherElements", add_gather_elements},
          {"GatherND", add_gather_nd},
          {"Compress", add_compress},
          {"NonZero", add_non_zero}};
}

}  // namespace halyard::fuzz
