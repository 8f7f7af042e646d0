#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/runtime/compiled.hpp"

namespace halyard::core::test {
namespace {

/// Inputs i, condition, acc, x; gives the condition, acc + x, and acc + x to be stacked.
NestedGraph sum_up() {
  NestedGraph b;
  const auto in = b.inputs(4);
  const ValueId next = b.node("Add", {in[2], in[3]});
  return b.outputs({in[1], next, next});
}

/// The sum of M times x, and every partial sum.
Compiled sums(bool with_condition = false, uint32_t m_dtype = HY_DTYPE_I64,
              std::string_view m_dims = "") {
  NestedGraph m;
  const ValueId trips = m.input(m_dtype, m_dims), x = m.input(HY_DTYPE_F32, "n");
  const ValueId start = m.input(HY_DTYPE_F32, "n");
  const ValueId c = with_condition ? m.input(HY_DTYPE_BOOL, "?") : kNone;
  const ValueId y = m.loop({trips, c, start}, {x}, sum_up(), 2);
  return Compiled(m.outputs({y, y + 1}));
}

TEST(Loop, CountsAndStacks) {
  EXPECT_EQ(sums().run({i64(3), f32({2}, {1, 10}), f32({2}, {0, 5})}),
            "f32[2] 3 35; f32[3,2] 1 15 2 25 3 35");
}

TEST(Loop, NoIterationGivesWhatWasCarriedInAndEmptyStacks) {
  Compiled c = sums();
  EXPECT_EQ(c.run({i64(0), f32({2}, {1, 1}), f32({2}, {7, 8})}), "f32[2] 7 8; f32[0,2]");
  EXPECT_EQ(c.run({i64(-4), f32({2}, {1, 1}), f32({2}, {7, 8})}), "f32[2] 7 8; f32[0,2]");
}

TEST(Loop, AConditionThatIsFalseAtTheStart) {
  Compiled c = sums(true);
  EXPECT_EQ(c.run({i64(3), f32({1}, {1}), f32({1}, {7}), bools({1}, {false})}),
            "f32[1] 7; f32[0,1]");
  EXPECT_EQ(c.run({i64(1), f32({1}, {1}), f32({1}, {7}), bools({1}, {true})}),
            "f32[1] 8; f32[1,1] 8");
}

TEST(Loop, AConditionOfWrongDimsIsRefused) {
  const std::string r =
      sums(true).run({i64(3), f32({1}, {1}), f32({1}, {7}), bools({2}, {true, true})});
  EXPECT_EQ(r, "MISMATCH: Loop0 (Loop): cond is bool [2]; one bool is wanted");
}

TEST(Loop, ATripCountOfWrongDimsIsRefused) {
  Compiled c = sums(false, HY_DTYPE_I64, "k");
  EXPECT_EQ(c.run({i64({2}, {1, 1}), f32({1}, {1}), f32({1}, {7})}),
            "MISMATCH: Loop0 (Loop): M is i64 [2]; one integer is wanted");
  EXPECT_EQ(c.run({i64({1}, {1}), f32({1}, {1}), f32({1}, {7})}), "f32[1] 8; f32[1,1] 8");
}

/// Doubles a scalar while it is below a limit.
NestedGraph double_below() {
  NestedGraph b;
  const auto in = b.inputs(4);
  const ValueId next = b.node("Add", {in[2], in[2]});
  return b.outputs({b.node("Less", {next, in[3]}), next, in[0]});
}

TEST(Loop, WithoutATripCountTheConditionEndsIt) {
  NestedGraph m;
  const ValueId start = m.input(HY_DTYPE_F32, ""), limit = m.input(HY_DTYPE_F32, "");
  const ValueId y = m.loop({kNone, kNone, start}, {limit}, double_below(), 2);
  Compiled c(m.outputs({y, y + 1}));
  EXPECT_EQ(c.run({f32({}, {1}), f32({}, {100})}), "f32[] 128; i64[7] 0 1 2 3 4 5 6");
  EXPECT_EQ(c.run({f32({}, {1}), f32({}, {0})}), "f32[] 2; i64[1] 0");
}

TEST(Loop, TheConditionEndsItBeforeTheTripCount) {
  NestedGraph m;
  const ValueId trips = m.input(HY_DTYPE_I64, "");
  const ValueId start = m.input(HY_DTYPE_F32, ""), limit = m.input(HY_DTYPE_F32, "");
  const ValueId y = m.loop({trips, kNone, start}, {limit}, double_below(), 2);
  Compiled c(m.outputs({y, y + 1}));
  EXPECT_EQ(c.run({i64(50), f32({}, {1}), f32({}, {8})}), "f32[] 8; i64[3] 0 1 2");
  EXPECT_EQ(c.run({i64(2), f32({}, {1}), f32({}, {8})}), "f32[] 4; i64[2] 0 1");
}

TEST(Loop, TheBodyMustGiveOneCondition) {
  NestedGraph b;
  const auto in = b.inputs(4);
  const ValueId next = b.node("Add", {in[2], in[2]});
  b.outputs({b.node("Less", {next, in[3]}), next});
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, "n"), limit = m.input(HY_DTYPE_F32, "");
  Compiled c(m.outputs({m.loop({kNone, kNone, x}, {limit}, std::move(b), 1)}));
  EXPECT_EQ(c.run({f32({2}, {1, 1}), f32({}, {9})}),
            "MISMATCH: Loop0 (Loop): iteration 0: the condition that the body gives is bool [2]; "
            "one bool is wanted");
  EXPECT_EQ(c.run({f32({1}, {1}), f32({}, {9})}), "f32[1] 16");
}

/// Gives its counter, to be stacked, and goes on.
NestedGraph count() {
  NestedGraph b;
  const auto in = b.inputs(2);
  return b.outputs({b.truth(true), in[0]});
}

TEST(Loop, TheListOfOperandsMayEndEarly) {
  NestedGraph m;
  const ValueId trips = m.input(HY_DTYPE_I64, "");
  EXPECT_EQ(Compiled(m.outputs({m.loop({trips}, {}, count(), 1)})).run({i64(3)}), "i64[3] 0 1 2");
  NestedGraph once;
  const auto in = once.inputs(2);
  once.outputs({once.truth(false), in[0]});
  NestedGraph none;
  EXPECT_EQ(Compiled(none.outputs({none.loop({}, {}, std::move(once), 1)})).run({}), "i64[1] 0");
}

TEST(Loop, ATripCountThatIsADimGivesDimsThatAreKnown) {
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, "n");
  const ValueId n = m.node("Squeeze", {m.node("Shape", {x})});
  const ValueId rows = m.loop({n, kNone}, {}, count(), 1);
  Compiled c(
      m.outputs({m.node("Add", {m.node("Cast", {rows}, {{"to", int64_t{HY_DTYPE_F32}}}), x})}));
  EXPECT_EQ(c.run({f32({3}, {5, 5, 5})}), "f32[3] 5 6 7");
  EXPECT_EQ(c.run({f32({0}, {})}), "f32[0]");
  EXPECT_EQ(c.run({f32({1}, {9})}), "f32[1] 9");
}

TEST(Loop, TheTripCountMayBe32Bit) {
  Value m = std::move(hy_tensor::create(HY_DTYPE_I32, Ints{})).value();
  *static_cast<int32_t*>(m->data) = 2;
  EXPECT_EQ(sums(false, HY_DTYPE_I32).run({m, f32({1}, {1}), f32({1}, {7})}),
            "f32[1] 9; f32[2,1] 8 9");
}

TEST(Loop, CarriedDimsMayGrow) {
  NestedGraph b;
  const auto in = b.inputs(4);
  b.outputs({in[1], b.node("Concat", {in[2], in[3]}, {{"axis", int64_t{0}}})});
  NestedGraph m;
  const ValueId trips = m.input(HY_DTYPE_I64, ""), x = m.input(HY_DTYPE_F32, "n");
  Compiled c(m.outputs({m.loop({trips, kNone, x}, {x}, std::move(b), 1)}));
  EXPECT_EQ(c.run({i64(2), f32({2}, {1, 2})}), "f32[6] 1 2 1 2 1 2");
  EXPECT_EQ(c.run({i64(0), f32({2}, {1, 2})}), "f32[2] 1 2");
  EXPECT_EQ(c.run({i64(4), f32({1}, {5})}), "f32[5] 5 5 5 5 5");
}

TEST(Loop, ACarriedValueMayBecomeAnOuterOne) {
  NestedGraph b;
  const auto in = b.inputs(4);
  b.outputs({in[1], in[3], in[2]});
  NestedGraph m;
  const ValueId trips = m.input(HY_DTYPE_I64, "");
  const ValueId a = m.input(HY_DTYPE_F32, "n"), x = m.node("Neg", {m.input(HY_DTYPE_F32, "n")});
  const ValueId y = m.loop({trips, kNone, a}, {x}, std::move(b), 2);
  Compiled c(m.outputs({y, y + 1, x}));
  EXPECT_EQ(c.run({i64(3), f32({1}, {1}), f32({1}, {2})}),
            "f32[1] -2; f32[3,1] 1 -2 -2; f32[1] -2");
  EXPECT_EQ(c.run({i64(0), f32({1}, {1}), f32({1}, {2})}), "f32[1] 1; f32[0,1]; f32[1] -2");
}

TEST(Loop, CarriedValuesMayChangePlaces) {
  NestedGraph b;
  const auto in = b.inputs(4);
  b.outputs({in[1], in[3], in[2]});
  NestedGraph m;
  const ValueId trips = m.input(HY_DTYPE_I64, "");
  const ValueId p = m.input(HY_DTYPE_F32, "n"), q = m.input(HY_DTYPE_F32, "k");
  const ValueId y = m.loop({trips, kNone, p, q}, {}, std::move(b), 2);
  Compiled c(m.outputs({y, y + 1}));
  EXPECT_EQ(c.run({i64(3), f32({1}, {1}), f32({2}, {2, 3})}), "f32[2] 2 3; f32[1] 1");
  EXPECT_EQ(c.run({i64(4), f32({1}, {1}), f32({2}, {2, 3})}), "f32[1] 1; f32[2] 2 3");
}

TEST(Loop, ACarriedValueMayBeReadAfterItsSuccessorWasComputed) {
  NestedGraph b;  // Fibonacci: (p, q) -> (q, p + q)
  const auto in = b.inputs(4);
  b.outputs({in[1], in[3], b.node("Add", {in[2], in[3]}), in[2]});
  NestedGraph m;
  const ValueId p = m.input(HY_DTYPE_F32, ""), q = m.input(HY_DTYPE_F32, "");
  const ValueId y = m.loop({m.number(9), kNone, p, q}, {}, std::move(b), 3);
  Compiled c(m.outputs({y, y + 2}));
  EXPECT_EQ(c.run({f32({}, {0}), f32({}, {1})}), "f32[] 34; f32[9] 0 1 1 2 3 5 8 13 21");
}

TEST(Loop, TheCounterMayBeCarried) {
  NestedGraph b;
  const auto in = b.inputs(4);  // i, condition, the counter before, and the one before that
  b.outputs({in[1], in[0], in[2], in[2], in[3]});
  NestedGraph m;
  const ValueId start = m.input(HY_DTYPE_I64, "");
  const ValueId y = m.loop({m.number(4), kNone, start, start}, {}, std::move(b), 4);
  EXPECT_EQ(Compiled(m.outputs({y, y + 1, y + 2, y + 3})).run({i64(-1)}),
            "i64[] 3; i64[] 2; i64[4] -1 0 1 2; i64[4] -1 -1 0 1");
}

TEST(Loop, TheConditionMayBeCarriedAndStacked) {
  NestedGraph b;
  const auto in = b.inputs(4);
  const ValueId next = b.node("Add", {in[2], in[2]}), go = b.node("Less", {next, b.number(8)});
  b.outputs({go, next, go, go, in[3]});
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_I64, ""), start = m.input(HY_DTYPE_BOOL, "");
  const ValueId y = m.loop({kNone, kNone, x, start}, {}, std::move(b), 4);
  EXPECT_EQ(Compiled(m.outputs({y, y + 1, y + 2, y + 3})).run({i64(1), truth(false)}),
            "i64[] 8; bool[] false; bool[3] true true false; bool[3] false true true");
}

TEST(Loop, CarriedRanksMayGrow) {
  NestedGraph b;
  const auto in = b.inputs(3);
  b.outputs({in[1], b.node("Unsqueeze", {in[2], b.numbers({0})})});
  NestedGraph m;
  const ValueId trips = m.input(HY_DTYPE_I64, ""), x = m.input(HY_DTYPE_F32, "n");
  Compiled c(m.outputs({m.loop({trips, kNone, x}, {}, std::move(b), 1)}));
  EXPECT_EQ(c.run({i64(3), f32({2}, {1, 2})}), "f32[1,1,1,2] 1 2");
  const std::string r = c.run({i64(100), f32({2}, {1, 2})});
  EXPECT_TRUE(says(r, {"Loop0 (Loop): iteration ", "Unsqueeze0", "rank"})) << r;
}

TEST(Loop, SequencesMayBeCarried) {
  NestedGraph b;
  const auto in = b.inputs(4);
  b.outputs({in[1], b.node("SequenceInsert", {in[2], in[3]})});
  NestedGraph m;
  const ValueId trips = m.input(HY_DTYPE_I64, "");
  const ValueId x = m.input(HY_DTYPE_F32, "n");
  const ValueId none = m.node("SequenceEmpty", {}, {{"dtype", int64_t{HY_DTYPE_F32}}});
  Compiled c(m.outputs({m.loop({trips, kNone, none}, {x}, std::move(b), 1)}));
  EXPECT_EQ(c.run({i64(2), f32({1}, {5})}), "(f32[1] 5, f32[1] 5)");
  EXPECT_EQ(c.run({i64(0), f32({1}, {5})}), "()");
}

TEST(Loop, SequencesKeepWhatEachIterationGave) {
  NestedGraph b;
  const auto in = b.inputs(5);  // i, condition, two sequences, acc
  const ValueId next = b.node("Add", {in[4], in[4]});
  b.outputs({in[1], b.node("SequenceInsert", {in[2], in[4]}),
             b.node("SequenceInsert", {in[3], next}), next});
  NestedGraph m;
  const ValueId none = m.node("SequenceEmpty", {}, {{"dtype", int64_t{HY_DTYPE_F32}}});
  const ValueId x = m.input(HY_DTYPE_F32, "n");
  const ValueId y = m.loop({m.number(4), kNone, none, none, x}, {}, std::move(b), 3);
  EXPECT_EQ(Compiled(m.outputs({y, y + 1, y + 2})).run({f32({1}, {1})}),
            "(f32[1] 1, f32[1] 2, f32[1] 4, f32[1] 8); "
            "(f32[1] 2, f32[1] 4, f32[1] 8, f32[1] 16); f32[1] 16");
}

TEST(Loop, SequencesMayComeFromOutside) {
  NestedGraph b;
  const auto in = b.inputs(3);
  b.outputs({in[1], b.node("SequenceAt", {in[2], in[0]})});
  NestedGraph m;
  const ValueId s = m.input(HY_DTYPE_F32, "1", HY_TYPE_SEQUENCE);
  const ValueId length = m.node("SequenceLength", {s});
  Compiled c(m.outputs({m.loop({length, kNone}, {s}, std::move(b), 1)}));
  EXPECT_EQ(c.run({sequence(HY_DTYPE_F32, {f32({1}, {4}), f32({1}, {7})})}), "f32[2,1] 4 7");
  EXPECT_EQ(c.run({sequence(HY_DTYPE_F32, {})}), "f32[0,1]");
}

TEST(Loop, SequencesCannotBeStacked) {
  NestedGraph b;
  const auto in = b.inputs(3);
  b.outputs({in[1], b.node("SequenceConstruct", {in[2]})});
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, "n");
  const std::string r =
      Compiled(m.outputs({m.loop({m.number(2), kNone}, {x}, std::move(b), 1)})).run({});
  EXPECT_TRUE(says(r, {"INVALID_MODEL", "Loop0 (Loop)", "scan output 0 is a sequence"})) << r;
}

TEST(Loop, StacksGrowPastTheirFirstMemory) {
  NestedGraph b;
  const auto in = b.inputs(3);
  b.outputs({in[1], b.node("Add", {in[0], in[2]})});
  NestedGraph m;
  const ValueId trips = m.input(HY_DTYPE_I64, ""), x = m.input(HY_DTYPE_I64, "n");
  const ValueId rows = m.loop({trips, kNone}, {x}, std::move(b), 1);
  const ValueId sum = m.node("ReduceSum", {rows, m.numbers({0})}, {{"keepdims", int64_t{0}}});
  Compiled c(m.outputs({m.node("Shape", {rows}), sum}));
  EXPECT_EQ(c.run({i64(5000), i64({2}, {0, 1})}), "i64[2] 5000 2; i64[2] 12497500 12502500");
}

TEST(Loop, AStackOfUnknownDimsIsEmptyWithoutIterations) {
  NestedGraph b;
  const auto in = b.inputs(3);
  const ValueId found = b.node("NonZero", {in[2]});
  b.outputs({in[1], found});
  NestedGraph m;
  const ValueId trips = m.input(HY_DTYPE_I64, ""), x = m.input(HY_DTYPE_F32, "n");
  Compiled c(m.outputs({m.loop({trips, kNone}, {x}, std::move(b), 1)}));
  EXPECT_EQ(c.run({i64(2), f32({3}, {1, 0, 1})}), "i64[2,1,2] 0 2 0 2");
  EXPECT_EQ(c.run({i64(0), f32({3}, {1, 0, 1})}), "i64[0,1,0]");
}

TEST(Loop, StringsAreStacked) {
  NestedGraph b;
  const auto in = b.inputs(3);
  b.outputs({in[1], in[2]});
  NestedGraph m;
  const ValueId trips = m.input(HY_DTYPE_I64, ""), x = m.input(HY_DTYPE_STRING, "n");
  Compiled c(m.outputs({m.loop({trips, kNone}, {x}, std::move(b), 1)}));
  EXPECT_EQ(c.run({i64(2), texts({2}, {"a", "bc"})}), "string[2,2] a bc a bc");
  EXPECT_EQ(c.run({i64(0), texts({2}, {"a", "bc"})}), "string[0,2]");
}

TEST(Loop, ElementsSmallerThanAByteCannotBeStacked) {
  NestedGraph b;
  const auto in = b.inputs(3);
  b.outputs({in[1], in[2]});
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_I4, "n");
  Compiled c(m.outputs({m.loop({m.number(2), kNone}, {x}, std::move(b), 1)}));
  const std::string r = c.run({i4({3}, {0x21, 0x03})});
  EXPECT_TRUE(says(r, {"UNSUPPORTED", "Loop0 (Loop)", "iteration 0", "scan output 0", "i4"})) << r;
}

TEST(Loop, OutputsThatNobodyWantsMayBeAbsent) {
  NestedGraph m;
  const ValueId trips = m.input(HY_DTYPE_I64, ""), x = m.input(HY_DTYPE_F32, "n");
  const ValueId y = m.loop({trips, kNone, x}, {x}, sum_up(), 2);
  NestedGraph other = m;
  m.graph.nodes.back().outputs[0] = kNone;
  EXPECT_EQ(Compiled(m.outputs({y + 1})).run({i64(2), f32({1}, {1})}), "f32[2,1] 2 3");
  other.graph.nodes.back().outputs[1] = kNone;
  EXPECT_EQ(Compiled(other.outputs({y})).run({i64(2), f32({1}, {1})}), "f32[1] 3");
}

TEST(Loop, AFailureNamesTheNodeAndTheIteration) {
  NestedGraph b;
  const auto in = b.inputs(3);
  b.outputs({in[1], b.node("Gather", {in[2], in[0]})});
  NestedGraph m;
  const ValueId trips = m.input(HY_DTYPE_I64, ""), x = m.input(HY_DTYPE_F32, "n");
  Compiled c(m.outputs({m.loop({trips, kNone}, {x}, std::move(b), 1)}));
  const std::string r = c.run({i64(5), f32({3}, {1, 2, 3})});
  EXPECT_TRUE(says(r, {"Loop0 (Loop): iteration 3: ", "Gather0 (Gather)"})) << r;
  EXPECT_EQ(c.run({i64(3), f32({3}, {1, 2, 3})}), "f32[3] 1 2 3");
}

TEST(Loop, WhatIsStackedMustKeepItsDims) {
  NestedGraph b;
  const auto in = b.inputs(4);
  const ValueId next = b.node("Concat", {in[2], in[3]}, {{"axis", int64_t{0}}});
  b.outputs({in[1], next, in[0], next});
  NestedGraph m;
  const ValueId trips = m.input(HY_DTYPE_I64, ""), x = m.input(HY_DTYPE_F32, "n");
  const ValueId y = m.loop({trips, kNone, x}, {x}, std::move(b), 3);
  Compiled c(m.outputs({y, y + 1, y + 2}));
  const std::string r = c.run({i64(2), f32({1}, {5})});
  EXPECT_TRUE(says(r, {"MISMATCH: Loop0 (Loop): iteration 1: ", "scan output 1", "[3]", "[2]"}))
      << r;
  EXPECT_EQ(c.run({i64(1), f32({1}, {5})}), "f32[2] 5 5; i64[1] 0; f32[1,2] 5 5");
}

TEST(Loop, CarriedValuesKeepTheirType) {
  NestedGraph b;
  const auto in = b.inputs(3);
  b.outputs({in[1], b.node("Cast", {in[2]}, {{"to", int64_t{HY_DTYPE_I64}}})});
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, "n");
  const std::string r =
      Compiled(m.outputs({m.loop({m.number(1), kNone, x}, {}, std::move(b), 1)})).run({});
  EXPECT_TRUE(says(r, {"INVALID_MODEL", "carried value 0 is f32", "i64"})) << r;
}

TEST(Loop, AnEndlessLoopCanBeCancelled) {
  NestedGraph b;
  const auto in = b.inputs(3);
  b.outputs({in[1], in[2]});  // nothing for a provider to run
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, "n");
  Compiled c(m.outputs({m.loop({kNone, kNone, x}, {}, std::move(b), 1)}));
  hy_job job;
  std::thread canceller([&] { job.cancelled = true; });
  const std::string r = c.run({f32({1}, {1})}, job);
  canceller.join();
  EXPECT_TRUE(says(r, {"CANCELLED"})) << r;
}

}  // namespace
}  // namespace halyard::core::test
