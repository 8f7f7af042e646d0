// Tensors cut into sequences and joined from them.
#include <gtest/gtest.h>

#include "tests/unit/runtime/compiled.hpp"

namespace halyard::core::test {
namespace {

Value f32s(const std::vector<Value>& elements) { return sequence(HY_DTYPE_F32, elements); }

Compiled split(int64_t axis, std::string_view split_dims, int64_t keepdims = 1,
               std::string_view dims = "?,?") {
  NestedGraph m;
  std::vector<ValueId> operands{m.input(HY_DTYPE_F32, dims)};
  if (split_dims != "none") operands.push_back(m.input(HY_DTYPE_I64, split_dims));
  return Compiled(
      m.outputs({m.node("SplitToSequence", operands, {{"axis", axis}, {"keepdims", keepdims}})}));
}

const Value kSix = f32({2, 3}, {1, 2, 3, 4, 5, 6});

TEST(SplitToSequence, WithoutLengthsPieceByPiece) {
  EXPECT_EQ(split(0, "none").run({kSix}), "(f32[1,3] 1 2 3, f32[1,3] 4 5 6)");
  EXPECT_EQ(split(1, "none").run({kSix}), "(f32[2,1] 1 4, f32[2,1] 2 5, f32[2,1] 3 6)");
}

TEST(SplitToSequence, TheAxisMayGo) {
  EXPECT_EQ(split(0, "none", 0).run({kSix}), "(f32[3] 1 2 3, f32[3] 4 5 6)");
  EXPECT_EQ(split(-1, "none", 0).run({kSix}), "(f32[2] 1 4, f32[2] 2 5, f32[2] 3 6)");
}

TEST(SplitToSequence, TheAxisStaysWhereLengthsAreGiven) {
  EXPECT_EQ(split(0, "", 0).run({kSix, i64(1)}), "(f32[1,3] 1 2 3, f32[1,3] 4 5 6)");
}

TEST(SplitToSequence, OneLengthLeavesASmallerPiece) {
  EXPECT_EQ(split(1, "").run({kSix, i64(2)}), "(f32[2,2] 1 2 4 5, f32[2,1] 3 6)");
  EXPECT_EQ(split(1, "").run({kSix, i64(9)}), "(f32[2,3] 1 2 3 4 5 6)");
}

TEST(SplitToSequence, OneLengthMustBeAboveZero) {
  for (const int64_t n : {0, -2})
    EXPECT_EQ(split(1, "").run({kSix, i64(n)}),
              "MISMATCH: SplitToSequence0 (SplitToSequence): split is " + std::to_string(n) +
                  "; it must be above 0");
}

TEST(SplitToSequence, LengthsMayBeZero) {
  EXPECT_EQ(split(-1, "?").run({kSix, i64({3}, {1, 0, 2})}),
            "(f32[2,1] 1 4, f32[2,0], f32[2,2] 2 3 5 6)");
}

TEST(SplitToSequence, LengthsMustAddUpToTheAxis) {
  EXPECT_EQ(split(-1, "?").run({kSix, i64({2}, {1, 1})}),
            "MISMATCH: SplitToSequence0 (SplitToSequence): split adds up to 2; the axis has 3");
  EXPECT_EQ(split(-1, "?").run({kSix, i64({2}, {-1, 4})}),
            "MISMATCH: SplitToSequence0 (SplitToSequence): split holds -1; it must be 0 or above");
  const std::string r = split(-1, "?").run({kSix, i64({2}, {INT64_MAX, INT64_MAX})});
  EXPECT_TRUE(says(r, {"MISMATCH: SplitToSequence0 (SplitToSequence): split"})) << r;
}

TEST(SplitToSequence, AnAxisOfNoLengthGivesNoPieces) {
  EXPECT_EQ(split(0, "none").run({f32({0, 3}, {})}), "()");
  EXPECT_EQ(split(0, "").run({f32({0, 3}, {}), i64(2)}), "()");
  EXPECT_EQ(split(0, "?").run({f32({0, 3}, {}), i64({0}, {})}), "()");
}

TEST(SplitToSequence, AnAxisOutsideOfTheRankIsRefused) {
  EXPECT_EQ(split(2, "none", 1, "*").run({kSix}),
            "MISMATCH: SplitToSequence0 (SplitToSequence): axis 2 of a tensor [2,3]");
  EXPECT_EQ(split(-3, "none", 1, "*").run({kSix}),
            "MISMATCH: SplitToSequence0 (SplitToSequence): axis -3 of a tensor [2,3]");
  const std::string r = split(2, "none").run({});
  EXPECT_TRUE(says(r, {"INVALID_MODEL", "SplitToSequence0", "2"})) << r;
}

TEST(SplitToSequence, StringsAreSplit) {
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_STRING, "?,?");
  Compiled c(m.outputs({m.node("SplitToSequence", {x}, {{"axis", int64_t{1}}})}));
  EXPECT_EQ(c.run({texts({2, 2}, {"a", "bc", "", "d"})}), "(string[2,1] a , string[2,1] bc d)");
}

TEST(SplitToSequence, ElementsSmallerThanAByteCannotBeSplit) {
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_I4, "?");
  Compiled c(m.outputs({m.node("SplitToSequence", {x}, {{"axis", int64_t{0}}})}));
  const std::string r = c.run({i4({3}, {0x21, 0x03})});
  EXPECT_TRUE(says(r, {"UNSUPPORTED: SplitToSequence0 (SplitToSequence)", "i4"})) << r;
}

Compiled concat(int64_t axis, bool new_axis, uint32_t dtype = HY_DTYPE_F32) {
  NestedGraph m;
  const ValueId s = m.input(dtype, "*", HY_TYPE_SEQUENCE);
  return Compiled(m.outputs(
      {m.node("ConcatFromSequence", {s}, {{"axis", axis}, {"new_axis", int64_t{new_axis}}})}));
}

const Value kRow = f32({1, 2}, {1, 2}), kRows = f32({2, 2}, {3, 4, 5, 6});

TEST(ConcatFromSequence, JoinsAlongAnAxis) {
  EXPECT_EQ(concat(0, false).run({f32s({kRow, kRows})}), "f32[3,2] 1 2 3 4 5 6");
  EXPECT_EQ(concat(-2, false).run({f32s({kRows, kRow})}), "f32[3,2] 3 4 5 6 1 2");
  EXPECT_EQ(concat(1, false).run({f32s({kRows, f32({2, 1}, {8, 9})})}), "f32[2,3] 3 4 8 5 6 9");
}

TEST(ConcatFromSequence, JoinsAlongANewAxis) {
  const Value a = f32({2}, {1, 2}), b = f32({2}, {3, 4});
  EXPECT_EQ(concat(0, true).run({f32s({a, b})}), "f32[2,2] 1 2 3 4");
  EXPECT_EQ(concat(1, true).run({f32s({a, b})}), "f32[2,2] 1 3 2 4");
  EXPECT_EQ(concat(-1, true).run({f32s({a, b})}), "f32[2,2] 1 3 2 4");
  EXPECT_EQ(concat(0, true).run({f32s({f32({}, {1}), f32({}, {2})})}), "f32[2] 1 2");
}

TEST(ConcatFromSequence, OtherDimsMustBeEqual) {
  EXPECT_EQ(concat(1, false).run({f32s({kRow, kRows})}),
            "MISMATCH: ConcatFromSequence0 (ConcatFromSequence): f32 [2,2] cannot be joined with "
            "f32 [1,2] along axis 1");
  EXPECT_EQ(concat(0, false).run({f32s({kRow, f32({1}, {1})})}),
            "MISMATCH: ConcatFromSequence0 (ConcatFromSequence): f32 [1] cannot be joined with "
            "f32 [1,2] along axis 0");
}

TEST(ConcatFromSequence, ANewAxisWantsEqualDims) {
  EXPECT_EQ(concat(0, true).run({f32s({kRow, kRows})}),
            "MISMATCH: ConcatFromSequence0 (ConcatFromSequence): f32 [2,2] cannot be joined with "
            "f32 [1,2] along axis 0");
}

TEST(ConcatFromSequence, AnAxisOutsideOfTheRankIsRefused) {
  EXPECT_EQ(concat(2, false).run({f32s({kRow})}),
            "MISMATCH: ConcatFromSequence0 (ConcatFromSequence): axis 2 of a result of rank 2");
  EXPECT_EQ(concat(-4, true).run({f32s({kRow})}),
            "MISMATCH: ConcatFromSequence0 (ConcatFromSequence): axis -4 of a result of rank 3");
  EXPECT_EQ(concat(0, false).run({f32s({f32({}, {1})})}),
            "MISMATCH: ConcatFromSequence0 (ConcatFromSequence): axis 0 of a result of rank 0");
}

TEST(ConcatFromSequence, AnEmptySequenceIsRefused) {
  EXPECT_EQ(concat(0, false).run({f32s({})}),
            "MISMATCH: ConcatFromSequence0 (ConcatFromSequence): there is nothing to join: the "
            "sequence is empty");
}

TEST(ConcatFromSequence, EmptyTensorsAreJoined) {
  EXPECT_EQ(concat(0, false).run({f32s({f32({0, 2}, {}), kRow})}), "f32[1,2] 1 2");
  EXPECT_EQ(concat(1, false).run({f32s({f32({0, 2}, {}), f32({0, 3}, {})})}), "f32[0,5]");
  EXPECT_EQ(concat(1, true).run({f32s({f32({0}, {}), f32({0}, {})})}), "f32[0,2]");
}

TEST(ConcatFromSequence, StringsAreJoined) {
  Compiled c = concat(1, true, HY_DTYPE_STRING);
  EXPECT_EQ(c.run({sequence(HY_DTYPE_STRING, {texts({2}, {"a", "bc"}), texts({2}, {"", "d"})})}),
            "string[2,2] a  bc d");
}

}  // namespace
}  // namespace halyard::core::test
