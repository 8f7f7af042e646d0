#include <gtest/gtest.h>

#include "tests/unit/runtime/compiled.hpp"

namespace halyard::core::test {
namespace {

/// One node on an optional of a tensor.
Compiled on_optional(std::string_view op) {
  NestedGraph m;
  const ValueId o = m.input(HY_DTYPE_F32, "*", HY_TYPE_OPTIONAL, HY_TYPE_TENSOR);
  return Compiled(m.outputs({m.node(op, {o})}));
}

TEST(Optional, HoldsATensor) {
  NestedGraph m;
  const ValueId o = m.node("Optional", {m.input(HY_DTYPE_F32, "n")});
  EXPECT_EQ(Compiled(m.outputs({o, m.node("OptionalGetElement", {o})})).run({f32({2}, {1, 2})}),
            "some f32[2] 1 2; f32[2] 1 2");
}

TEST(Optional, HoldsASequence) {
  NestedGraph m;
  const ValueId s = m.node("SequenceConstruct", {m.input(HY_DTYPE_F32, "n")});
  const ValueId o = m.node("Optional", {s});
  const ValueId back = m.node("OptionalGetElement", {o});
  EXPECT_EQ(
      Compiled(m.outputs({o, m.node("SequenceLength", {back}), back})).run({f32({2}, {1, 2})}),
      "some (f32[2] 1 2); i64[] 1; (f32[2] 1 2)");
}

TEST(Optional, WithoutAnOperandIsEmpty) {
  NestedGraph m;
  const ValueId o = m.node("Optional", {});
  m.graph.values[o].type = {HY_DTYPE_F32, std::nullopt, HY_TYPE_OPTIONAL, HY_TYPE_TENSOR};
  EXPECT_EQ(Compiled(m.outputs({o, m.node("OptionalHasElement", {o})})).run({}),
            "none; bool[] false");
}

TEST(OptionalHasElement, TellsFullOnesFromEmptyOnes) {
  Compiled c = on_optional("OptionalHasElement");
  EXPECT_EQ(c.run({some(f32({1}, {1}))}), "bool[] true");
  EXPECT_EQ(c.run({nothing(HY_DTYPE_F32)}), "bool[] false");
}

TEST(OptionalHasElement, TensorsAndSequencesAreElements) {
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, "n");
  const ValueId s = m.input(HY_DTYPE_F32, "*", HY_TYPE_SEQUENCE);
  Compiled c(m.outputs({m.node("OptionalHasElement", {x}), m.node("OptionalHasElement", {s}),
                        m.node("OptionalHasElement", {})}));
  EXPECT_EQ(c.run({f32({0}, {}), sequence(HY_DTYPE_F32, {})}),
            "bool[] true; bool[] true; bool[] false");
}

TEST(OptionalGetElement, GivesWhatIsThere) {
  EXPECT_EQ(on_optional("OptionalGetElement").run({some(f32({2}, {1, 2}))}), "f32[2] 1 2");
}

TEST(OptionalGetElement, OfAnEmptyOneIsRefused) {
  EXPECT_EQ(on_optional("OptionalGetElement").run({nothing(HY_DTYPE_F32)}),
            "MISMATCH: OptionalGetElement0 (OptionalGetElement): the optional is empty: it has no "
            "element");
}

TEST(OptionalGetElement, TensorsAndSequencesAreTheirOwnElements) {
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, "n");
  const ValueId s = m.input(HY_DTYPE_F32, "*", HY_TYPE_SEQUENCE);
  Compiled c(m.outputs({m.node("OptionalGetElement", {x}), m.node("OptionalGetElement", {s})}));
  EXPECT_EQ(c.run({f32({1}, {3}), sequence(HY_DTYPE_F32, {f32({1}, {4})})}),
            "f32[1] 3; (f32[1] 4)");
}

TEST(OptionalGetElement, BehindACondition) {
  NestedGraph get, zero;
  get.outputs({get.node("OptionalGetElement", {get.input()})});
  zero.input();
  zero.outputs({zero.floats({0})});
  NestedGraph m;
  const ValueId o = m.input(HY_DTYPE_F32, "*", HY_TYPE_OPTIONAL, HY_TYPE_TENSOR);
  const ValueId has = m.node("OptionalHasElement", {o});
  Compiled c(m.outputs({m.choose(has, {o}, std::move(get), std::move(zero))}));
  EXPECT_EQ(c.run({some(f32({2}, {1, 2}))}), "f32[2] 1 2");
  EXPECT_EQ(c.run({nothing(HY_DTYPE_F32)}), "f32[1] 0");
}

}  // namespace
}  // namespace halyard::core::test
