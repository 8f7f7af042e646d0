#include "core/runtime/sequences.hpp"

#include <gtest/gtest.h>

#include "tests/unit/runtime/compiled.hpp"

namespace halyard::core::test {
namespace {

Value f32s(const std::vector<Value>& elements) { return sequence(HY_DTYPE_F32, elements); }
Value one(float x) { return f32({1}, {x}); }

/// A graph of one node whose first operand is a sequence of f32, the others as they are given.
struct OnSequence {
  NestedGraph m;
  std::vector<ValueId> operands{m.input(HY_DTYPE_F32, "*", HY_TYPE_SEQUENCE)};

  OnSequence& with(uint32_t dtype, std::string_view dims) {
    operands.push_back(m.input(dtype, dims));
    return *this;
  }
  Compiled node(std::string_view op, Attributes attributes = {}) {
    return Compiled(m.outputs({m.node(op, operands, std::move(attributes))}));
  }
};

TEST(SequenceInsert, PositionsCountFromEitherEnd) {
  OnSequence g;
  Compiled c = g.with(HY_DTYPE_F32, "k").with(HY_DTYPE_I64, "").node("SequenceInsert");
  const auto at = [&](int64_t p) { return c.run({f32s({one(1), one(2)}), one(9), i64(p)}); };
  EXPECT_EQ(at(0), "(f32[1] 9, f32[1] 1, f32[1] 2)");
  EXPECT_EQ(at(1), "(f32[1] 1, f32[1] 9, f32[1] 2)");
  EXPECT_EQ(at(2), "(f32[1] 1, f32[1] 2, f32[1] 9)");
  EXPECT_EQ(at(-1), "(f32[1] 1, f32[1] 9, f32[1] 2)");
  EXPECT_EQ(at(-2), "(f32[1] 9, f32[1] 1, f32[1] 2)");
}

TEST(SequenceInsert, PositionsOutsideAreRefused) {
  OnSequence g;
  Compiled c = g.with(HY_DTYPE_F32, "k").with(HY_DTYPE_I64, "").node("SequenceInsert");
  for (const int64_t p : {int64_t{3}, int64_t{-3}, INT64_MIN, INT64_MAX})
    EXPECT_EQ(c.run({f32s({one(1), one(2)}), one(9), i64(p)}),
              "MISMATCH: SequenceInsert0 (SequenceInsert): position " + std::to_string(p) +
                  " in a sequence of 2 elements; it may be -2 to 2");
}

TEST(SequenceInsert, WithoutAPositionAtTheEnd) {
  OnSequence g;
  Compiled c = g.with(HY_DTYPE_F32, "k").node("SequenceInsert");
  EXPECT_EQ(c.run({f32s({one(1)}), f32({2}, {8, 9})}), "(f32[1] 1, f32[2] 8 9)");
  EXPECT_EQ(c.run({f32s({}), one(9)}), "(f32[1] 9)");
}

TEST(SequenceInsert, LeavesTheSequenceThatItWasGiven) {
  OnSequence g;
  const ValueId s = g.operands[0];
  const ValueId longer = g.m.node("SequenceInsert", {s, g.m.input(HY_DTYPE_F32, "k")});
  EXPECT_EQ(Compiled(g.m.outputs({s, longer})).run({f32s({one(1)}), one(2)}),
            "(f32[1] 1); (f32[1] 1, f32[1] 2)");
}

TEST(SequenceInsert, AnotherTypeIsRefused) {
  OnSequence g;
  const std::string r = g.with(HY_DTYPE_I64, "k").node("SequenceInsert").run({});
  EXPECT_TRUE(says(r, {"INVALID_MODEL", "\"tensor\" is i64", "\"input_sequence\" is f32"})) << r;
}

TEST(SequenceAt, PositionsCountFromEitherEnd) {
  OnSequence g;
  Compiled c = g.with(HY_DTYPE_I64, "").node("SequenceAt");
  const Value s = f32s({one(1), f32({2}, {2, 3}), f32({}, {4})});
  EXPECT_EQ(c.run({s, i64(0)}), "f32[1] 1");
  EXPECT_EQ(c.run({s, i64(1)}), "f32[2] 2 3");
  EXPECT_EQ(c.run({s, i64(-1)}), "f32[] 4");
  EXPECT_EQ(c.run({s, i64(-3)}), "f32[1] 1");
}

TEST(SequenceAt, PositionsOutsideAreRefused) {
  OnSequence g;
  Compiled c = g.with(HY_DTYPE_I64, "").node("SequenceAt");
  EXPECT_EQ(c.run({f32s({one(1), one(2)}), i64(2)}),
            "MISMATCH: SequenceAt0 (SequenceAt): position 2 in a sequence of 2 elements; it may be "
            "-2 to 1");
  EXPECT_EQ(
      c.run({f32s({one(1), one(2)}), i64(-3)}),
      "MISMATCH: SequenceAt0 (SequenceAt): position -3 in a sequence of 2 elements; it may be "
      "-2 to 1");
  EXPECT_EQ(c.run({f32s({}), i64(0)}),
            "MISMATCH: SequenceAt0 (SequenceAt): position 0 in an empty sequence");
}

TEST(SequenceAt, APositionIsOneNumber) {
  OnSequence g;
  Compiled c = g.with(HY_DTYPE_I64, "k").node("SequenceAt");
  EXPECT_EQ(c.run({f32s({one(1), one(2)}), i64({1}, {1})}), "f32[1] 2");
  EXPECT_EQ(c.run({f32s({one(1)}), i64({2}, {0, 0})}),
            "MISMATCH: SequenceAt0 (SequenceAt): the position has 2 elements; one is wanted");
}

TEST(SequenceAt, AnElementThatContradictsTheDeclaredDimsIsRefused) {
  NestedGraph m;
  const ValueId s = m.input(HY_DTYPE_F32, "2", HY_TYPE_SEQUENCE);
  Compiled c(m.outputs({m.node("SequenceAt", {s, m.number(0)})}));
  EXPECT_EQ(c.run({f32s({f32({2}, {1, 2})})}), "f32[2] 1 2");
  const std::string r = c.run({f32s({one(1)})});
  EXPECT_TRUE(says(r, {"MISMATCH: SequenceAt0 (SequenceAt)", "[2]", "[1]"})) << r;
}

TEST(SequenceErase, PositionsCountFromEitherEnd) {
  OnSequence g;
  Compiled c = g.with(HY_DTYPE_I64, "").node("SequenceErase");
  const Value s = f32s({one(1), one(2), one(3)});
  EXPECT_EQ(c.run({s, i64(0)}), "(f32[1] 2, f32[1] 3)");
  EXPECT_EQ(c.run({s, i64(-1)}), "(f32[1] 1, f32[1] 2)");
  EXPECT_EQ(c.run({s, i64(-3)}), "(f32[1] 2, f32[1] 3)");
}

TEST(SequenceErase, PositionsOutsideAreRefused) {
  OnSequence g;
  Compiled c = g.with(HY_DTYPE_I64, "").node("SequenceErase");
  for (const int64_t p : {1, -2})
    EXPECT_EQ(c.run({f32s({one(1)}), i64(p)}),
              "MISMATCH: SequenceErase0 (SequenceErase): position " + std::to_string(p) +
                  " in a sequence of 1 elements; it may be -1 to 0");
}

TEST(SequenceErase, WithoutAPositionTheLastOne) {
  OnSequence g;
  Compiled c = g.node("SequenceErase");
  EXPECT_EQ(c.run({f32s({one(1), one(2)})}), "(f32[1] 1)");
  EXPECT_EQ(c.run({f32s({one(1)})}), "()");
  EXPECT_EQ(c.run({f32s({})}),
            "MISMATCH: SequenceErase0 (SequenceErase): the sequence is empty: there is nothing to "
            "erase");
}

TEST(SequenceConstruct, ElementsMayDifferInDims) {
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, "n"), y = m.node("Neg", {x});
  const ValueId z = m.node("Unsqueeze", {y, m.numbers({0})});
  const ValueId s = m.node("SequenceConstruct", {x, y, z, m.floats({5})});
  EXPECT_EQ(Compiled(m.outputs({s, m.node("SequenceLength", {s})})).run({f32({2}, {1, 2})}),
            "(f32[2] 1 2, f32[2] -1 -2, f32[1,2] -1 -2, f32[1] 5); i64[] 4");
}

TEST(SequenceConstruct, ElementsOfAnotherTypeAreRefused) {
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, "n");
  const std::string r =
      Compiled(m.outputs({m.node("SequenceConstruct", {x, m.number(1)})})).run({});
  EXPECT_TRUE(says(r, {"INVALID_MODEL", "SequenceConstruct0", "i64", "f32"})) << r;
}

TEST(SequenceEmpty, HasNoElements) {
  NestedGraph m;
  const ValueId s = m.node("SequenceEmpty", {}, {{"dtype", int64_t{HY_DTYPE_I64}}});
  EXPECT_EQ(Compiled(m.outputs({s, m.node("SequenceLength", {s})})).run({}), "(); i64[] 0");
}

TEST(SequenceIdentity, GivesTheSameSequence) {
  OnSequence g;
  EXPECT_EQ(g.node("Identity").run({f32s({one(1), one(2)})}), "(f32[1] 1, f32[1] 2)");
}

}  // namespace
}  // namespace halyard::core::test
