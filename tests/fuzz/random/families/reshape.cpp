// Operators that give the same elements other dims.
#include <algorithm>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

void finish(Builder& b, const char* op, std::vector<int> inputs, std::vector<Attribute> attributes,
            Array y) {
  Result out{b.type(inputs[0]), std::move(y)};
  out.rounds = false;
  b.finish(op, std::move(inputs), std::move(attributes), {std::move(out)});
}

/// Dims of as many elements.
Dims other_dims(Builder& b, int64_t count) {
  Dims out;
  for (int64_t rest = count, f = 2; rest > 1; ++f)
    for (; rest % f == 0 && rest > 1; rest /= f) {
      if (!out.empty() && b.chance(50))
        out.back() *= f;
      else
        out.push_back(f);
    }
  if (out.empty() || b.chance(20))
    out.insert(out.begin() + b.pick(0, static_cast<int64_t>(out.size())), 1);
  return out;
}

void add_reshape(Builder& b) {
  const int x = b.operand(kAll);
  Array y = b.array(x);
  y.dims = other_dims(b, count_of(y.dims));
  std::vector<int64_t> given = y.dims;
  if (b.chance(30))
    given[static_cast<size_t>(b.pick(0, static_cast<int64_t>(given.size()) - 1))] = -1;
  for (size_t i = 0; i < given.size() && i < b.dims_of(x).size(); ++i)
    if (given[i] == b.dims_of(x)[i] && b.chance(30)) given[i] = 0;  // as the operand's
  finish(b, "Reshape", {x, b.index(given)}, {}, std::move(y));
}

void add_flatten(Builder& b) {
  const int x = b.operand(kAll);
  const int64_t axis = b.pick(0, b.rank(x));
  Array y = b.array(x);
  const Dims lead(y.dims.begin(), y.dims.begin() + axis);
  y.dims = {count_of(lead), count_of(y.dims) / count_of(lead)};
  const bool negative = axis < b.rank(x) && b.chance(50);
  finish(b, "Flatten", {x}, {{"axis", negative ? axis - b.rank(x) : axis}}, std::move(y));
}

void add_unsqueeze(Builder& b) {
  const int x = b.operand(kAll);
  const int64_t more = b.pick(1, 2), rank = b.rank(x) + more;
  std::vector<int64_t> axes, given;
  Array y = b.array(x);
  for (int64_t i = 0; i < more; ++i) {
    const int64_t axis = b.pick(0, rank - 1);
    if (std::find(axes.begin(), axes.end(), axis) != axes.end()) return;
    axes.push_back(axis);
  }
  std::vector<int64_t> sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  for (const int64_t a : sorted) y.dims.insert(y.dims.begin() + a, 1);
  for (const int64_t a : axes) given.push_back(b.either_axis(a, rank));
  finish(b, "Unsqueeze", {x, b.index(given)}, {}, std::move(y));
}

void add_squeeze(Builder& b) {
  const int x = b.operand(kAll);
  std::vector<int64_t> given;
  Array y = b.array(x);
  y.dims.clear();
  const bool all = b.chance(20);
  for (int64_t a = 0; a < b.rank(x); ++a) {
    const int64_t d = b.dims_of(x)[static_cast<size_t>(a)];
    if (d == 1 && (all || b.chance(60)))
      given.push_back(b.either_axis(a, b.rank(x)));
    else
      y.dims.push_back(d);
  }
  if (given.empty()) return;
  std::vector<int> inputs = {x};
  if (!all) inputs.push_back(b.index(given));
  finish(b, "Squeeze", inputs, {}, std::move(y));
}

/// A value of that many axes, of which one is a multiple; or a new input that is.
int with_multiple(Builder& b, int64_t axis, int64_t of) {
  const int x = b.operand(kAll, 4, 4);
  if (b.dims_of(x)[static_cast<size_t>(axis)] % of == 0) return x;
  Dims dims = b.dims(4, 4, 3);
  dims[static_cast<size_t>(axis)] = of * b.pick(1, 3);
  return b.input(b.type_of(kAll), dims);
}

void add_depth_to_space(Builder& b) {
  const int64_t block = b.pick(1, 2);
  const bool columns_first = b.chance(50);
  const int x = with_multiple(b, 1, block * block);
  finish(b, "DepthToSpace", {x}, {{"blocksize", block}, {"mode", columns_first ? "CRD" : "DCR"}},
         reference::depth_to_space(b.array(x), block, columns_first));
}

void add_space_to_depth(Builder& b) {
  const int64_t block = b.pick(1, 2);
  const int x = with_multiple(b, 2, block);
  if (b.dims_of(x)[3] % block != 0) return;
  finish(b, "SpaceToDepth", {x}, {{"blocksize", block}},
         reference::space_to_depth(b.array(x), block));
}

void add_center_crop_pad(Builder& b) {
  const int x = b.operand(kAll, 1);
  std::vector<int64_t> axes, given, dims;
  Array y = b.array(x);
  const bool all = b.chance(40);
  for (int64_t a = 0; a < b.rank(x); ++a) {
    if (!all && b.chance(50)) continue;
    axes.push_back(a);
    given.push_back(b.either_axis(a, b.rank(x)));
    dims.push_back(b.pick(1, 7));
  }
  if (axes.empty()) return;
  for (size_t i = 0; i < axes.size(); ++i) y = reference::center(y, axes[i], dims[i]);
  std::vector<Attribute> attributes;
  if (!all) attributes.push_back({"axes", given});
  finish(b, "CenterCropPad", {x, b.index(dims)}, attributes, std::move(y));
}

}  // namespace

std::vector<Operator> reshape_operators() {
  return {{"Reshape", add_reshape},
          {"Flatten", add_flatten},
          {"Unsqueeze", add_unsqueeze},
          {"Squeeze", add_squeeze},
          {"DepthToSpace", add_depth_to_space},
          {"SpaceToDepth", add_space_to_depth},
          {"CenterCropPad", add_center_crop_pad}};
}

}  // namespace halyard::fuzz
