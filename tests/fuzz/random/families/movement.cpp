// Operators that carry elements to other places.
#include <algorithm>
#include <numeric>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

Result moved(Builder& b, int x, Array y) {
  Result out{b.type(x), std::move(y)};
  out.rounds = false;
  return out;
}

int64_t dim(Builder& b, int x, int64_t axis) { return b.dims_of(x)[static_cast<size_t>(axis)]; }

void add_transpose(Builder& b) {
  const int x = b.operand(kAll);
  std::vector<int64_t> perm(static_cast<size_t>(b.rank(x)));
  std::iota(perm.begin(), perm.end(), 0);
  const bool plain = b.chance(10);  // without the attribute: reversed
  if (plain) std::reverse(perm.begin(), perm.end());
  for (size_t i = perm.size(); !plain && i > 1; --i)
    std::swap(perm[i - 1], perm[static_cast<size_t>(b.pick(0, static_cast<int64_t>(i) - 1))]);
  std::vector<Attribute> attributes;
  if (!plain) attributes.push_back({"perm", perm});
  if (perm.empty()) attributes.clear();
  b.finish("Transpose", {x}, attributes, {moved(b, x, reference::transpose(b.array(x), perm))});
}

void add_concat(Builder& b) {
  const int x = b.operand(kAll, 1);
  const int64_t axis = b.pick(0, b.rank(x) - 1);
  std::vector<int> inputs = {x};
  const int64_t more = b.pick(0, 3);
  for (int64_t i = 0; i < more; ++i) {
    Dims dims = b.dims_of(x);
    dims[static_cast<size_t>(axis)] = b.pick(1, 4);
    inputs.push_back(b.chance(30)   ? x
                     : b.chance(50) ? b.input(b.type(x), dims)
                                    : b.parameter(b.type(x), dims, -3, 3));
  }
  std::vector<const Array*> parts;
  for (const int i : inputs) parts.push_back(&b.array(i));
  b.finish("Concat", inputs, {{"axis", b.either_axis(axis, b.rank(x))}},
           {moved(b, x, reference::concat(parts, axis))});
}

void add_split(Builder& b) {
  const int x = b.operand(kAll, 1);
  const int64_t axis = b.pick(0, b.rank(x) - 1), d = dim(b, x, axis);
  const int64_t parts = b.pick(1, std::min<int64_t>(d, 4));
  std::vector<int64_t> sizes;
  const bool even = b.chance(50);
  if (even) {  // the last may be shorter
    const int64_t each = (d + parts - 1) / parts;
    if (each * (parts - 1) >= d) return;
    for (int64_t i = 0; i + 1 < parts; ++i) sizes.push_back(each);
    sizes.push_back(d - each * (parts - 1));
  } else {
    int64_t rest = d;
    for (int64_t i = parts; i > 1; --i) {
      sizes.push_back(b.pick(1, rest - i + 1));
      rest -= sizes.back();
    }
    sizes.push_back(rest);
  }
  std::vector<Result> results;
  int64_t from = 0;
  for (const int64_t s : sizes) {
    std::vector<int64_t> starts(b.dims_of(x).size(), 0), ends = b.dims_of(x);
    starts[static_cast<size_t>(axis)] = from;
    ends[static_cast<size_t>(axis)] = from += s;
    results.push_back(moved(
        b, x, reference::slice(b.array(x), starts, ends, std::vector<int64_t>(starts.size(), 1))));
  }
  std::vector<int> inputs = {x};
  std::vector<Attribute> attributes = {{"axis", b.either_axis(axis, b.rank(x))}};
  if (even)
    attributes.push_back({"num_outputs", parts});
  else
    inputs.push_back(b.index(sizes));
  b.finish("Split", inputs, attributes, std::move(results));
}

void add_slice(Builder& b) {
  const int x = b.operand(kAll, 1);
  std::vector<int64_t> from, to, by, starts, ends, steps, axes;
  for (int64_t a = 0; a < b.rank(x); ++a) {
    const int64_t d = dim(b, x, a);
    const bool back = b.chance(25);
    from.push_back(b.pick(0, d - 1));
    by.push_back(back ? -b.pick(1, 2) : b.pick(1, 2));
    to.push_back(back ? b.pick(-1, from.back() - 1) : b.pick(from.back() + 1, d));
    starts.push_back(b.chance(30) ? from.back() - d : from.back());
    // Before the first there is no number from the front: ends are clamped.
    ends.push_back(to.back() < 0                    ? -d - b.pick(1, 9)
                   : to.back() == d && b.chance(30) ? d + 100
                                                    : to.back());
    steps.push_back(by.back());
    axes.push_back(b.either_axis(a, b.rank(x)));
  }
  Array y = reference::slice(b.array(x), from, to, by);
  const int s = b.index(starts), e = b.index(ends), a = b.index(axes), t = b.index(steps);
  b.finish("Slice", {x, s, e, a, t}, {}, {moved(b, x, std::move(y))});
}

void add_expand(Builder& b) {
  const int x = b.operand(kAll);
  Dims dims = b.dims_of(x);
  for (int64_t& d : dims)
    if (d == 1) d = b.pick(1, 4);
  if (b.chance(30)) dims.insert(dims.begin(), b.pick(1, 3));
  if (dims.empty()) return;
  Array y = reference::expand(b.array(x), dims);
  // A 1 in the operand of dims leaves the data's.
  const size_t lead = dims.size() - b.dims_of(x).size();
  for (size_t i = lead; i < dims.size(); ++i)
    if (b.dims_of(x)[i - lead] == dims[i] && b.chance(20)) dims[i] = 1;
  b.finish("Expand", {x, b.index(dims)}, {}, {moved(b, x, std::move(y))});
}

void add_tile(Builder& b) {
  const int x = b.operand(kAll, 1);
  std::vector<int64_t> repeats;
  for (int64_t i = 0; i < b.rank(x); ++i) repeats.push_back(b.chance(50) ? 1 : b.pick(1, 3));
  b.finish("Tile", {x, b.index(repeats)}, {}, {moved(b, x, reference::tile(b.array(x), repeats))});
}

void add_pad(Builder& b) {
  const int x = b.operand(kAll, 1);
  const auto n = static_cast<size_t>(b.rank(x));
  const auto mode = static_cast<reference::PadMode>(b.pick(0, 3));
  std::vector<int64_t> begin(n, 0), end(n, 0), axes;
  for (size_t i = 0; i < n; ++i) {
    if (b.chance(40)) continue;
    const int64_t d = b.dims_of(x)[i];
    const int64_t most = mode == reference::PadMode::reflect ? d - 1
                         : mode == reference::PadMode::wrap  ? d
                                                             : 3;
    const int64_t least = mode == reference::PadMode::constant && b.chance(20) ? -(d / 3) : 0;
    begin[i] = b.pick(least, most);
    end[i] = b.pick(least, most);
  }
  const bool named = b.chance(40);
  std::vector<int64_t> pads;
  for (size_t i = 0; i < n; ++i)
    if (!named || begin[i] != 0 || end[i] != 0) axes.push_back(static_cast<int64_t>(i));
  for (const int64_t a : axes) pads.push_back(begin[static_cast<size_t>(a)]);
  for (const int64_t a : axes) pads.push_back(end[static_cast<size_t>(a)]);
  if (axes.empty()) return;
  double fill = 0;
  std::vector<int> inputs = {x, b.index(pads)};
  if (mode == reference::PadMode::constant && b.chance(60)) {
    fill = b.type(x) == Type::boolean ? 1 : static_cast<double>(b.pick(0, 3));
    inputs.push_back(b.scalar(b.type(x), fill));
  }
  if (named) {
    for (int64_t& a : axes) a = b.either_axis(a, b.rank(x));
    if (inputs.size() == 2) inputs.push_back(kAbsent);
    inputs.push_back(b.index(axes));
  }
  static const char* const kNames[] = {"constant", "edge", "reflect", "wrap"};
  b.finish("Pad", inputs, {{"mode", kNames[static_cast<size_t>(mode)]}},
           {moved(b, x, reference::pad(b.array(x), begin, end, mode, fill))});
}

void add_trilu(Builder& b) {
  const int x = b.operand(kAll, 2);
  const bool upper = b.chance(50);
  const int64_t k = b.pick(-3, 3);
  std::vector<int> inputs = {x};
  const bool given = b.chance(70);
  if (given) inputs.push_back(b.scalar(Type::i64, static_cast<double>(k)));
  b.finish("Trilu", inputs, {{"upper", upper}},
           {moved(b, x, reference::trilu(b.array(x), given ? k : 0, upper))});
}

void add_reverse_sequence(Builder& b) {
  const int x = b.operand(kAll, 2);
  const int64_t batch = b.pick(0, 1);
  Array lengths{{dim(b, x, batch)}, {}};
  for (int64_t i = 0; i < lengths.dims[0]; ++i)
    lengths.data.push_back(static_cast<double>(b.pick(1, dim(b, x, 1 - batch))));
  Array y = reference::reverse_sequence(b.array(x), lengths, batch);
  const int l = b.constant(Type::i64, std::move(lengths));
  b.finish("ReverseSequence", {x, l}, {{"batch_axis", batch}, {"time_axis", 1 - batch}},
           {moved(b, x, std::move(y))});
}

}  // namespace

std::vector<Operator> movement_operators() {
  return {{"Transpose", add_transpose},
          {"Concat", add_concat},
          {"Split", add_split},
          {"Slice", add_slice},
          {"Expand", add_expand},
          {"Tile", add_tile},
          {"Pad", add_pad},
          {"Trilu", add_trilu},
          {"ReverseSequence", add_reverse_sequence}};
}

}  // namespace halyard::fuzz
