// Valid graphs that together have every section and every kind of record.
#pragma once

#include <vector>

#include "halyard/graph_builder.hpp"
#include "tests/fuzz/graph_bytes.hpp"

namespace halyard::test {

/// X -> Relu -> Y.
inline Bytes small_graph() {
  GraphBuilder b;
  const uint32_t g = b.add_subgraph("main");
  const uint32_t x = b.add_input(g, "X", HY_DTYPE_F32, {{DimSpec::fixed(2), DimSpec::fixed(3)}});
  const uint32_t y = b.add_result(g, "Y", HY_DTYPE_F32, {{DimSpec::fixed(2), DimSpec::fixed(3)}});
  b.add_node(g, {"", "Relu", "relu", {x}, {y}, {}, {}});
  b.add_output(g, y);
  return b.finish().value();
}

/// Dims that are symbols, expressions and unknown.
inline Bytes symbolic_graph() {
  GraphBuilder b;
  const uint32_t n = b.add_symbol("n", 1, 64, 2), m = b.add_symbol("m");
  const uint32_t g = b.add_subgraph("symbolic");
  DimSpec twice{
      HY_DIM_EXPR, 0, {{HY_EXPR_SYMBOL, 0, n}, {HY_EXPR_CONST, 0, 2}, {HY_EXPR_MUL, 0, 0}}};
  DimSpec half{HY_DIM_EXPR,
               0,
               {{HY_EXPR_SYMBOL, 0, n},
                {HY_EXPR_SYMBOL, 0, m},
                {HY_EXPR_MAX, 0, 0},
                {HY_EXPR_CONST, 0, 2},
                {HY_EXPR_CEILDIV, 0, 0}}};
  const uint32_t x = b.add_input(g, "x", HY_DTYPE_F32,
                                 {{DimSpec::symbol(n), DimSpec::fixed(0), DimSpec::symbol(m)}});
  const uint32_t y = b.add_result(g, "y", HY_DTYPE_F32, {{twice, half, DimSpec::unknown()}});
  const uint32_t z = b.add_result(g, "z");
  b.add_node(g, {"", "Tile", "tile", {x, HY_NONE}, {y}, {}, {"a", "b"}});
  b.add_node(g, {"acme", "Strange", "", {y, x, y}, {HY_NONE, z}, {}, {}});
  b.add_output(g, z);
  b.add_output(g, x);
  return b.finish().value();
}

/// Constants: inline, weights, sub-byte, strings, and each encoding, one upon another.
inline Bytes constant_graph() {
  GraphBuilder b;
  const float f[6] = {1, 2, 3, 4, 5, 6};
  const unsigned char raw[16] = {0x5a, 0xff, 1, 2, 3};
  const uint64_t text[5] = {0, 1, 3, 0x636261, 0};  // two strings: "a", "bc"
  std::vector<uint32_t> c;
  c.push_back(b.add_inline_constant(HY_DTYPE_F32, {2, 3}, f, sizeof f));
  c.push_back(b.add_weight_constant(HY_DTYPE_F16, {4, 4}, 77, 32));
  c.push_back(b.add_inline_constant(HY_DTYPE_STRING, {2}, text, 27));
  const uint32_t data = b.add_inline_constant(HY_DTYPE_I4, {2, 3}, raw, 3);
  const uint32_t scale = b.add_inline_constant(HY_DTYPE_F32, {2, 1}, f, 8);
  const uint32_t zero = b.add_inline_constant(HY_DTYPE_I4, {2, 1}, raw, 1);
  c.push_back(
      b.add_encoded_constant(HY_DTYPE_F32, {2, 3}, HY_ENCODING_AFFINE, {data, scale, zero}));
  c.push_back(
      b.add_encoded_constant(HY_DTYPE_F32, {2, 3}, HY_ENCODING_AFFINE, {data, scale, HY_NONE}));
  const uint32_t indices = b.add_inline_constant(HY_DTYPE_U3, {5}, raw, 2);
  const uint32_t table = b.add_inline_constant(HY_DTYPE_F32, {4}, f, 16);
  c.push_back(b.add_encoded_constant(HY_DTYPE_F32, {5}, HY_ENCODING_PALETTE, {indices, table}));
  const uint32_t bitmap = b.add_inline_constant(HY_DTYPE_U1, {5}, raw, 1);
  const uint32_t values = b.add_inline_constant(HY_DTYPE_U3, {3}, raw, 2);
  const uint32_t sparse =
      b.add_encoded_constant(HY_DTYPE_U3, {5}, HY_ENCODING_SPARSE, {bitmap, values});
  c.push_back(b.add_encoded_constant(HY_DTYPE_F32, {5}, HY_ENCODING_PALETTE, {sparse, table}));
  c.push_back(b.add_inline_constant(HY_DTYPE_I64, {0, 7}, nullptr, 0));
  const uint32_t g = b.add_subgraph("constants");
  std::vector<uint32_t> in = {
      b.add_input(g, "known", HY_DTYPE_F32, {{DimSpec::unknown(), DimSpec::fixed(3)}}, c[0])};
  for (uint32_t k : c) in.push_back(b.add_constant_value(g, "c" + std::to_string(k), k));
  const uint32_t y = b.add_result(g, "y", HY_DTYPE_UNDEFINED, std::nullopt, HY_TYPE_SEQUENCE);
  b.add_node(g, {"acme", "Gather", "all", in, {y}, {}, {}});
  b.add_output(g, y);
  b.add_output(g, in[1]);
  return b.finish().value();
}

/// Bodies within bodies, groups within groups, states, hints, attributes of every type, a dead value.
inline Bytes nested_graph() {
  GraphBuilder b;
  const ShapeSpec shape = {{DimSpec::fixed(4)}};
  const int64_t four = 4;
  const uint32_t k = b.add_inline_constant(HY_DTYPE_I64, {1}, &four, 8);
  const uint32_t zeros = b.add_weight_constant(HY_DTYPE_F32, {1, 4}, 0, 16);
  const uint32_t g = b.add_subgraph("main");
  const uint32_t then_branch = b.add_subgraph("then"), parts = b.add_subgraph("parts");
  const uint32_t inner = b.add_subgraph("inner"), deep = b.add_subgraph("deep");
  b.add_state("cache", HY_DTYPE_F32, {1, 4}, zeros, 1);
  b.add_state("plain", HY_DTYPE_I8, {}, HY_NONE, HY_NONE);
  const auto unary = [&](uint32_t sub, const char* op, uint32_t body = HY_NONE) {
    const uint32_t x = b.add_input(sub, "x", HY_DTYPE_F32, shape);
    const uint32_t y = b.add_result(sub, "y", HY_DTYPE_F32, shape);
    NodeSpec node{"", op, std::string(op) + "_1", {x}, {y}, {}, {}};
    if (body != HY_NONE) node.attributes.emplace_back("body", GraphAttr{body});
    const uint32_t n = b.add_node(sub, std::move(node));
    b.add_output(sub, y);
    return n;
  };
  const uint32_t x = b.add_input(g, "x", HY_DTYPE_F32, shape);
  const uint32_t cond = b.add_input(g, "größe", HY_DTYPE_BOOL, {{}});
  const uint32_t y = b.add_result(g, "y", HY_DTYPE_F32, shape), z = b.add_result(g, "z");
  b.add_result(g, "dead");
  b.add_node(g, {"acme",
                 "If",
                 "choose",
                 {x},
                 {y},
                 {{"then_branch", GraphAttr{then_branch}},
                  {"i", int64_t{-5}},
                  {"f", 0.25},
                  {"s", std::string("täxt")},
                  {"is", std::vector<int64_t>{1, 2, 3}},
                  {"fs", std::vector<double>{0.5, 1e300}},
                  {"ss", std::vector<std::string>{"one", "", "drei"}},
                  {"t", TensorAttr{k}}},
                 {"m1", "m2"}});
  const uint32_t gelu = b.add_node(g, {"", "Gelu", "gelu", {y}, {z}, {}, {}});
  b.add_group(g, gelu, parts);
  b.add_output(g, z);
  (void)cond;
  unary(then_branch, "Relu");
  const uint32_t erf = unary(parts, "Erf");
  b.add_group(parts, erf, inner);
  unary(inner, "Tanh", deep);
  {
    const uint32_t w = b.add_input(deep, "w", HY_DTYPE_I64, {{}}, HY_NONE);
    b.add_output(deep, w);
  }
  auto sections = take_apart(b.finish().value());
  // The builder writes no hints, and no section that a later version may add.
  Section hints{HY_SECTION_HINTS, 0, sizeof(hy_graph_hint), Bytes(2 * sizeof(hy_graph_hint))};
  const hy_graph_hint h[2] = {{HY_HINT_PLACEMENT, 1, {0, 4}, 0}, {99, HY_NONE, {0, 0}, -1}};
  std::memcpy(hints.data.data(), h, sizeof h);
  sections.push_back(hints);
  sections.push_back({4711, 0, 3, Bytes{1, 2, 3, 4, 5, 6}});
  return put_together(sections);
}

inline std::vector<Bytes> graph_seeds() {
  return {small_graph(), symbolic_graph(), constant_graph(), nested_graph()};
}

}  // namespace halyard::test
