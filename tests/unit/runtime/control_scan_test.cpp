#include <gtest/gtest.h>

#include "tests/unit/runtime/compiled.hpp"

namespace halyard::core::test {
namespace {

/// Inputs sum and x; gives sum + x, also to be stacked.
NestedGraph running_sum() {
  NestedGraph b;
  const auto in = b.inputs(2);
  const ValueId next = b.node("Add", {in[0], in[1]});
  return b.outputs({next, next});
}

Attributes with(const std::string& name, int64_t value) {
  return {{name, std::vector<int64_t>{value}}};
}

/// Running sums over an axis of x.
Compiled sums(Attributes attributes = {}, std::string_view dims = "n,k",
              std::string_view state_dims = "?") {
  NestedGraph m;
  const ValueId state = m.input(HY_DTYPE_F32, state_dims), x = m.input(HY_DTYPE_F32, dims);
  const ValueId y = m.scan({state}, {x}, {}, running_sum(), 2, std::move(attributes));
  return Compiled(m.outputs({y, y + 1}));
}

/// Neg of every piece.
Compiled negated(Attributes attributes, std::string_view dims = "n,k") {
  NestedGraph b;
  b.outputs({b.node("Neg", {b.input()})});
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, dims);
  return Compiled(m.outputs({m.scan({}, {x}, {}, std::move(b), 1, std::move(attributes))}));
}

const Value kSix = f32({2, 3}, {1, 2, 3, 4, 5, 6});

TEST(Scan, CarriesAStateAndStacks) {
  EXPECT_EQ(sums().run({f32({3}, {0, 0, 10}), kSix}), "f32[3] 5 7 19; f32[2,3] 1 2 13 5 7 19");
}

TEST(Scan, InputAxesCountFromEitherEnd) {
  for (const int64_t axis : {1, -1})
    EXPECT_EQ(sums(with("scan_input_axes", axis)).run({f32({2}, {0, 0}), kSix}),
              "f32[2] 6 15; f32[3,2] 1 4 3 9 6 15");
  EXPECT_EQ(sums(with("scan_input_axes", -2)).run({f32({3}, {0, 0, 0}), kSix}),
            "f32[3] 5 7 9; f32[2,3] 1 2 3 5 7 9");
}

TEST(Scan, OutputAxesCountFromEitherEnd) {
  for (const int64_t axis : {1, -1})
    EXPECT_EQ(negated(with("scan_output_axes", axis)).run({kSix}), "f32[3,2] -1 -4 -2 -5 -3 -6");
  for (const int64_t axis : {0, -2})
    EXPECT_EQ(negated(with("scan_output_axes", axis)).run({kSix}), "f32[2,3] -1 -2 -3 -4 -5 -6");
}

TEST(Scan, AnOutputAxisInTheMiddle) {
  EXPECT_EQ(
      negated(with("scan_output_axes", 1), "n,2,2").run({f32({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8})}),
      "f32[2,2,2] -1 -2 -5 -6 -3 -4 -7 -8");
}

TEST(Scan, AxesOutsideOfTheRankAreRefused) {
  std::string r = negated(with("scan_input_axes", 2)).run({});
  EXPECT_TRUE(says(r, {"INVALID_MODEL", "Scan0 (Scan)", "scan_input_axes", "2"})) << r;
  r = negated(with("scan_output_axes", -3)).run({});
  EXPECT_TRUE(says(r, {"INVALID_MODEL", "Scan0 (Scan)", "scan_output_axes", "-3"})) << r;
}

TEST(Scan, AReversedInputBeginsAtItsEnd) {
  EXPECT_EQ(sums(with("scan_input_directions", 1)).run({f32({3}, {0, 0, 0}), kSix}),
            "f32[3] 5 7 9; f32[2,3] 4 5 6 5 7 9");
}

TEST(Scan, AReversedOutputEndsAtItsBeginning) {
  EXPECT_EQ(negated(with("scan_output_directions", 1)).run({kSix}), "f32[2,3] -4 -5 -6 -1 -2 -3");
}

TEST(Scan, BothMayBeReversedAlongOtherAxes) {
  Attributes a = with("scan_input_directions", 1);
  a.emplace_back("scan_output_directions", std::vector<int64_t>{1});
  a.emplace_back("scan_input_axes", std::vector<int64_t>{1});
  a.emplace_back("scan_output_axes", std::vector<int64_t>{1});
  EXPECT_EQ(negated(a).run({kSix}), "f32[2,3] -1 -2 -3 -4 -5 -6");
  a[1].second = std::vector<int64_t>{0};
  EXPECT_EQ(negated(a).run({kSix}), "f32[2,3] -3 -2 -1 -6 -5 -4");
}

/// x + y for the pieces of both.
Compiled added(std::string_view x_dims, std::string_view y_dims, Attributes attributes = {}) {
  NestedGraph b;
  const auto in = b.inputs(2);
  b.outputs({b.node("Add", {in[0], in[1]})});
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, x_dims), y = m.input(HY_DTYPE_F32, y_dims);
  return Compiled(m.outputs({m.scan({}, {x, y}, {}, std::move(b), 1, std::move(attributes))}));
}

TEST(Scan, EachInputHasItsAxisAndDirection) {
  Attributes a{{"scan_input_axes", std::vector<int64_t>{0, 1}},
               {"scan_input_directions", std::vector<int64_t>{0, 1}}};
  EXPECT_EQ(added("n,3", "3,n", a).run({kSix, f32({3, 2}, {10, 20, 30, 40, 50, 60})}),
            "f32[2,3] 21 42 63 14 35 56");
}

TEST(Scan, LengthsThatDifferAreRefusedAtLoad) {
  const std::string r = added("2", "3").run({});
  EXPECT_TRUE(says(r, {"INVALID_MODEL", "Scan0 (Scan)", "scan input 1", "[3]"})) << r;
}

TEST(Scan, LengthsThatDifferAreRefusedAtRun) {
  Compiled c = added("?", "?");
  EXPECT_EQ(c.run({f32({2}, {1, 2}), f32({3}, {1, 2, 3})}),
            "MISMATCH: Scan0 (Scan): scan input 1 has the length 3; those before it have 2");
  EXPECT_EQ(c.run({f32({2}, {1, 2}), f32({2}, {3, 4})}), "f32[2] 4 6");
}

TEST(Scan, AScalarHasNothingToScan) {
  Compiled c = added("*", "*");
  EXPECT_EQ(c.run({f32({}, {1}), f32({2}, {3, 4})}),
            "MISMATCH: Scan0 (Scan): scan input 0 is []; it has no axis 0");
}

TEST(Scan, NoLengthGivesTheStateAndEmptyStacks) {
  EXPECT_EQ(sums({}, "n,k", "k").run({f32({3}, {7, 8, 9}), f32({0, 3}, {})}),
            "f32[3] 7 8 9; f32[0,3]");
  EXPECT_EQ(negated(with("scan_output_axes", 1)).run({f32({0, 3}, {})}), "f32[3,0]");
  EXPECT_EQ(negated(with("scan_output_directions", 1)).run({f32({0, 3}, {})}), "f32[0,3]");
}

TEST(Scan, PiecesMayBeEmpty) {
  EXPECT_EQ(negated({}).run({f32({2, 0}, {})}), "f32[2,0]");
  EXPECT_EQ(negated(with("scan_input_axes", 1)).run({f32({0, 2}, {})}), "f32[2,0]");
}

TEST(Scan, SeveralStatesAndNoStack) {
  NestedGraph b;
  const auto in = b.inputs(3);
  b.outputs({b.node("Max", {in[0], in[2]}), b.node("Min", {in[1], in[2]})});
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, "n"), start = m.input(HY_DTYPE_F32, "");
  const ValueId y = m.scan({start, start}, {x}, {}, std::move(b), 2);
  EXPECT_EQ(Compiled(m.outputs({y, y + 1})).run({f32({4}, {3, -2, 9, 4}), f32({}, {1})}),
            "f32[] 9; f32[] -2");
}

TEST(Scan, AStateMayGrow) {
  NestedGraph b;
  const auto in = b.inputs(2);
  b.outputs({b.node("Concat", {in[0], in[1]}, {{"axis", int64_t{0}}})});
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, "n,k"), start = m.input(HY_DTYPE_F32, "?");
  Compiled c(m.outputs({m.scan({start}, {x}, {}, std::move(b), 1)}));
  EXPECT_EQ(c.run({kSix, f32({1}, {0})}), "f32[7] 0 1 2 3 4 5 6");
}

TEST(Scan, OuterValuesAreTheSameForEveryIteration) {
  NestedGraph b;
  const auto in = b.inputs(2);
  b.outputs({b.node("Mul", {in[0], in[1]}), in[1]});
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, "n"), outer = m.input(HY_DTYPE_F32, "");
  const ValueId y = m.scan({}, {x}, {outer}, std::move(b), 2);
  EXPECT_EQ(Compiled(m.outputs({y, y + 1})).run({f32({3}, {1, 2, 3}), f32({}, {10})}),
            "f32[3] 10 20 30; f32[3] 10 10 10");
}

/// The pieces of strings as they are.
Compiled strings(Attributes attributes) {
  NestedGraph b;
  b.outputs({b.input()});
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_STRING, "n,k");
  return Compiled(m.outputs({m.scan({}, {x}, {}, std::move(b), 1, std::move(attributes))}));
}

TEST(Scan, StringsAreCutAndJoined) {
  const Value x = texts({2, 2}, {"a", "bc", "", "d"});
  EXPECT_EQ(strings({}).run({x}), "string[2,2] a bc  d");
  EXPECT_EQ(strings(with("scan_input_directions", 1)).run({x}), "string[2,2]  d a bc");
  EXPECT_EQ(strings(with("scan_output_directions", 1)).run({x}), "string[2,2]  d a bc");
  EXPECT_EQ(strings(with("scan_output_axes", -1)).run({x}), "string[2,2] a  bc d");
  EXPECT_EQ(strings(with("scan_output_axes", 1)).run({texts({0, 2}, {})}), "string[2,0]");
  EXPECT_EQ(strings({}).run({texts({0, 2}, {})}), "string[0,2]");
}

TEST(Scan, ElementsSmallerThanAByteCannotBeCut) {
  NestedGraph b;
  b.outputs({b.node("Cast", {b.input()}, {{"to", int64_t{HY_DTYPE_F32}}})});
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_I4, "n,k");
  Compiled c(m.outputs({m.scan({}, {x}, {}, std::move(b), 1)}));
  const std::string r = c.run({i4({2, 3}, {0x21, 0x43, 0x65})});
  EXPECT_TRUE(says(r, {"UNSUPPORTED", "Scan0 (Scan)", "scan input 0", "i4"})) << r;
}

TEST(Scan, AFailureNamesTheNodeAndTheIteration) {
  NestedGraph b;
  const auto in = b.inputs(2);
  b.outputs({b.node("Gather", {in[1], in[0]})});
  NestedGraph m;
  const ValueId at = m.input(HY_DTYPE_I64, "n"), x = m.input(HY_DTYPE_F32, "k");
  Compiled c(m.outputs({m.scan({}, {at}, {x}, std::move(b), 1)}));
  const std::string r = c.run({i64({3}, {0, 5, 1}), f32({2}, {7, 8})});
  EXPECT_TRUE(says(r, {"Scan0 (Scan): iteration 1: ", "Gather0 (Gather)", "5"})) << r;
  EXPECT_EQ(c.run({i64({3}, {0, 1, 1}), f32({2}, {7, 8})}), "f32[3] 7 8 8");
}

TEST(Scan, WhatIsStackedMustKeepItsDims) {
  NestedGraph b;
  b.outputs({b.node("NonZero", {b.input()})});
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, "n,k");
  Compiled c(m.outputs({m.scan({}, {x}, {}, std::move(b), 1)}));
  const std::string r = c.run({f32({2, 2}, {1, 1, 0, 1})});
  EXPECT_TRUE(says(r, {"MISMATCH: Scan0 (Scan): iteration 1: ", "scan output 0", "[1,1]", "[1,2]"}))
      << r;
  EXPECT_EQ(c.run({f32({2, 2}, {0, 1, 1, 0})}), "i64[2,1,1] 1 0");
}

}  // namespace
}  // namespace halyard::core::test
