// Attention and the rotation of positions.
#include "tests/fuzz/random/reference/attention.hpp"

#include <algorithm>
#include <cmath>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

void add_attention(Builder& b) {
  const Type t = b.type_of(kFloats);
  reference::AttentionCall call;
  const int64_t batch = b.pick(1, 2), groups = b.pick(1, 2), repeat = b.pick(1, 2);
  const int64_t rows = b.pick(1, 4), columns = b.pick(1, 5), width = b.pick(1, 4),
                out = b.pick(1, 4);
  const int64_t heads = groups * repeat;
  call.causal = b.chance(40);
  const bool flat = b.chance(40);  // [batch, rows, heads * width]
  const auto dims = [&](int64_t h, int64_t n, int64_t w) {
    return flat ? Dims{batch, n, h * w} : Dims{batch, h, n, w};
  };
  const int q = b.input(t, dims(heads, rows, width)), k = b.input(t, dims(groups, columns, width)),
            v = b.input(t, dims(groups, columns, out));
  std::vector<int> inputs = {q, k, v};
  std::vector<Attribute> attributes = {{"is_causal", call.causal}};
  call.scale = 1 / std::sqrt(static_cast<double>(width));
  if (b.chance(40)) {
    call.scale = b.real(0.125, 1);
    attributes.push_back({"scale", call.scale});
  }
  if (flat) {
    attributes.push_back({"q_num_heads", heads});
    attributes.push_back({"kv_num_heads", groups});
  }
  if (!call.causal && b.chance(50)) {
    const int mask = b.parameter(t, {rows, columns}, -2, 2);
    inputs.push_back(mask);
    call.mask = &b.array(mask);
  }
  const auto split = [&](int x, int64_t h) {
    if (!flat) return b.array(x);
    Array a = b.array(x);
    a.dims = {batch, a.dims[1], h, a.dims[2] / h};
    return reference::transpose(a, {0, 2, 1, 3});
  };
  Array y = reference::attention(split(q, heads), split(k, groups), split(v, groups), call);
  if (flat) {
    y = reference::transpose(y, {0, 2, 1, 3});
    y.dims = {batch, rows, heads * out};
  }
  Result r{t, std::move(y)};
  // Scores of f16 are rounded, too, before the softmax.
  r.work = 9 * static_cast<double>(width) * std::max(1.0, call.scale) * (t == Type::f16 ? 2 : 1);
  b.finish("Attention", inputs, attributes, {std::move(r)});
}

void add_rotary(Builder& b) {
  const Type t = b.type_of(kFloats);
  const int64_t batch = b.pick(1, 2), heads = b.pick(1, 2), rows = b.pick(1, 4);
  const int64_t half = b.pick(1, 3), width = 2 * half;
  const bool interleaved = b.chance(50);
  const int x = b.input(t, {batch, heads, rows, width});
  const int c = b.parameter(t, {batch, rows, half}, -1, 1);
  const int s = b.parameter(t, {batch, rows, half}, -1, 1);
  Result r{t, reference::rotary(b.array(x), b.array(c), b.array(s), interleaved)};
  r.work = 2 * b.top(x);
  b.finish("RotaryEmbedding", {x, c, s}, {{"interleaved", interleaved}}, {std::move(r)});
}

}  // namespace

std::vector<Operator> attention_operators() {
  return {{"Attention", add_attention}, {"RotaryEmbedding", add_rotary}};
}

}  // namespace halyard::fuzz
