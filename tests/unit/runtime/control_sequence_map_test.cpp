#include <gtest/gtest.h>

#include "tests/unit/runtime/compiled.hpp"

namespace halyard::core::test {
namespace {

constexpr std::string_view kAny = "*";

NestedGraph add() {
  NestedGraph b;
  const auto in = b.inputs(2);
  return b.outputs({b.node("Add", {in[0], in[1]})});
}

Value f32s(const std::vector<Value>& elements) { return sequence(HY_DTYPE_F32, elements); }

/// Elements plus a tensor, which is an operand or an outer value.
Compiled plus_tensor(bool outer) {
  NestedGraph m;
  const ValueId s = m.input(HY_DTYPE_F32, kAny, HY_TYPE_SEQUENCE), x = m.input(HY_DTYPE_F32, "");
  return Compiled(m.outputs({outer ? m.map({s}, {x}, add()) : m.map({s, x}, {}, add())}));
}

TEST(SequenceMap, ATensorIsTheSameForEveryElement) {
  for (const bool outer : {false, true})
    EXPECT_EQ(plus_tensor(outer).run({f32s({f32({2}, {1, 2}), f32({}, {3})}), f32({}, {10})}),
              "(f32[2] 11 12, f32[] 13)");
}

TEST(SequenceMap, AnEmptySequenceGivesAnEmptyOne) {
  EXPECT_EQ(plus_tensor(false).run({f32s({}), f32({}, {10})}), "()");
}

Compiled plus_sequence() {
  NestedGraph m;
  const ValueId a = m.input(HY_DTYPE_F32, kAny, HY_TYPE_SEQUENCE),
                b = m.input(HY_DTYPE_F32, kAny, HY_TYPE_SEQUENCE);
  return Compiled(m.outputs({m.map({a, b}, {}, add())}));
}

TEST(SequenceMap, SequencesAreTakenElementByElement) {
  const Value one = f32({1}, {1}), two = f32({1}, {2}), six = f32({2}, {6, 7});
  EXPECT_EQ(plus_sequence().run({f32s({one, two}), f32s({six, two})}), "(f32[2] 7 8, f32[1] 4)");
}

TEST(SequenceMap, SequencesOfDifferentLengthsAreRefused) {
  const Value one = f32({1}, {1});
  Compiled c = plus_sequence();
  EXPECT_EQ(c.run({f32s({one, one, one}), f32s({one, one})}),
            "MISMATCH: SequenceMap0 (SequenceMap): operand 1 has 2 elements; the first one has 3");
  EXPECT_EQ(c.run({f32s({one}), f32s({one})}), "(f32[1] 2)");
}

TEST(SequenceMap, GivesASequenceForEachOutput) {
  NestedGraph b;
  const auto in = b.inputs(2);
  b.outputs({b.node("Neg", {in[0]}), in[0], in[1]});
  NestedGraph m;
  const ValueId s = m.input(HY_DTYPE_F32, kAny, HY_TYPE_SEQUENCE), x = m.input(HY_DTYPE_F32, "");
  const ValueId y = m.map({s}, {x}, std::move(b), 3);
  EXPECT_EQ(Compiled(m.outputs({y, y + 1, y + 2}))
                .run({f32s({f32({1}, {1}), f32({1}, {2})}), f32({}, {9})}),
            "(f32[1] -1, f32[1] -2); (f32[1] 1, f32[1] 2); (f32[] 9, f32[] 9)");
}

TEST(SequenceMap, ElementsOfItsResultsLiveOn) {
  NestedGraph b;
  b.outputs({b.node("Neg", {b.input()})});
  NestedGraph m;
  const ValueId s = m.input(HY_DTYPE_F32, kAny, HY_TYPE_SEQUENCE);
  NestedGraph again = b;
  const ValueId y = m.map({m.map({s}, {}, std::move(b))}, {}, std::move(again));
  const ValueId last = m.node("SequenceAt", {y, m.number(-1)});
  EXPECT_EQ(Compiled(m.outputs({y, last})).run({f32s({f32({1}, {1}), f32({1}, {2})})}),
            "(f32[1] 1, f32[1] 2); f32[1] 2");
}

TEST(SequenceMap, StringsAreMapped) {
  NestedGraph b;
  b.outputs({b.node("StringConcat", {b.input(), b.input()})});
  NestedGraph m;
  const ValueId s = m.input(HY_DTYPE_STRING, kAny, HY_TYPE_SEQUENCE),
                x = m.input(HY_DTYPE_STRING, "");
  EXPECT_EQ(Compiled(m.outputs({m.map({s, x}, {}, std::move(b))}))
                .run({sequence(HY_DTYPE_STRING, {texts({2}, {"a", ""}), texts({}, {"bc"})}),
                      texts({}, {"!"})}),
            "(string[2] a! !, string[] bc!)");
}

TEST(SequenceMap, AFailureNamesTheNodeAndTheElement) {
  NestedGraph b;
  const auto in = b.inputs(2);
  b.outputs({b.node("Gather", {in[1], in[0]})});
  NestedGraph m;
  const ValueId s = m.input(HY_DTYPE_I64, kAny, HY_TYPE_SEQUENCE), x = m.input(HY_DTYPE_F32, "n");
  Compiled c(m.outputs({m.map({s, x}, {}, std::move(b))}));
  const std::string r = c.run({sequence(HY_DTYPE_I64, {i64(1), i64(2)}), f32({2}, {5, 6})});
  EXPECT_TRUE(says(r, {"SequenceMap0 (SequenceMap): iteration 1: ", "Gather0 (Gather)"})) << r;
  EXPECT_EQ(c.run({sequence(HY_DTYPE_I64, {i64(1), i64(2)}), f32({3}, {5, 6, 7})}),
            "(f32[] 6, f32[] 7)");
}

TEST(SequenceMap, ABodyThatGivesASequenceIsRefused) {
  NestedGraph b;
  b.outputs({b.node("SequenceConstruct", {b.input()})});
  NestedGraph m;
  const ValueId s = m.input(HY_DTYPE_F32, kAny, HY_TYPE_SEQUENCE);
  const std::string r = Compiled(m.outputs({m.map({s}, {}, std::move(b))})).run({});
  EXPECT_TRUE(says(r, {"INVALID_MODEL", "output 0 of the body is a sequence"})) << r;
}

}  // namespace
}  // namespace halyard::core::test
