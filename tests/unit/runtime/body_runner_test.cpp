// Bodies within bodies, and what a body keeps from run to run.
#include "core/runtime/body_runner.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/unit/runtime/compiled.hpp"

namespace halyard::core::test {
namespace {

/// inputs of both are x and y, where y comes from two levels out
NestedGraph binary(std::string_view op) {
  NestedGraph b;
  const auto in = b.inputs(2);
  return b.outputs({b.node(op, {in[0], in[1]})});
}

/// condition ? (other ? x + y : x - y) : x * y
NestedGraph choice_in_choice() {
  NestedGraph inner;
  const auto in = inner.inputs(3);
  inner.outputs({inner.choose(in[0], {in[1], in[2]}, binary("Add"), binary("Sub"))});
  NestedGraph other;
  const auto out = other.inputs(3);
  other.outputs({other.node("Mul", {out[1], out[2]})});
  NestedGraph m;
  const ValueId c = m.input(HY_DTYPE_BOOL, ""), d = m.input(HY_DTYPE_BOOL, "");
  const ValueId x = m.input(HY_DTYPE_F32, "n"), y = m.input(HY_DTYPE_F32, "");
  return m.outputs({m.choose(c, {d, x, y}, std::move(inner), std::move(other))});
}

TEST(BodyRunner, OuterValuesReachBodiesWithinBodies) {
  Compiled p(choice_in_choice());
  const Value x = f32({2}, {5, 6}), y = f32({}, {2}), yes = truth(true), no = truth(false);
  EXPECT_EQ(p.run({yes, yes, x, y}), "f32[2] 7 8");
  EXPECT_EQ(p.run({yes, no, x, y}), "f32[2] 3 4");
  EXPECT_EQ(p.run({no, yes, x, y}), "f32[2] 10 12");
}

/// The multiplication table i * j * x, by a loop in a loop; the outer counter goes two levels in.
NestedGraph table() {
  NestedGraph inner;  // j, condition, i, x
  const auto in = inner.inputs(4);
  const ValueId ij = inner.node("Mul", {in[0], in[2]});
  inner.outputs({in[1], inner.node("Mul", {ij, in[3]})});
  NestedGraph outer;  // i, condition, columns, x
  const auto out = outer.inputs(4);
  const ValueId row = outer.loop({out[2], kNone}, {out[0], out[3]}, std::move(inner), 1);
  outer.outputs({out[1], row});
  NestedGraph m;
  const ValueId rows = m.input(HY_DTYPE_I64, ""), columns = m.input(HY_DTYPE_I64, "");
  const ValueId x = m.input(HY_DTYPE_I64, "n");
  return m.outputs({m.loop({rows, kNone}, {columns, x}, std::move(outer), 1)});
}

TEST(BodyRunner, LoopsWithinLoops) {
  Compiled p(table());
  EXPECT_EQ(p.run({i64(2), i64(3), i64({1}, {10})}), "i64[2,3,1] 0 0 0 0 10 20");
  EXPECT_EQ(p.run({i64(3), i64(1), i64({2}, {1, 2})}), "i64[3,1,2] 0 0 0 0 0 0");
  EXPECT_EQ(p.run({i64(2), i64(0), i64({1}, {1})}), "i64[2,0,1]");
  EXPECT_EQ(p.run({i64(0), i64(2), i64({1}, {1})}), "i64[0,0,1]");
}

TEST(BodyRunner, AnInnerLengthThatChangesIsAnErrorOfTheOuterLoop) {
  NestedGraph inner;
  const auto in = inner.inputs(2);
  inner.outputs({in[1], in[0]});
  NestedGraph outer;
  const auto out = outer.inputs(2);
  outer.outputs({out[1], outer.loop({out[0], kNone}, {}, std::move(inner), 1)});
  NestedGraph m;
  const ValueId trips = m.input(HY_DTYPE_I64, "");
  Compiled p(m.outputs({m.loop({trips, kNone}, {}, std::move(outer), 1)}));
  const std::string r = p.run({i64(3)});
  EXPECT_TRUE(says(r, {"MISMATCH: Loop0 (Loop): iteration 1: ", "scan output 0", "[0]", "[1]"}))
      << r;
  EXPECT_EQ(p.run({i64(1)}), "i64[1,0]");
}

TEST(BodyRunner, AFailureNamesEveryLevel) {
  NestedGraph pick;
  const auto in = pick.inputs(2);
  pick.outputs({pick.node("Gather", {in[1], in[0]})});
  NestedGraph first;
  const auto f = first.inputs(2);
  first.outputs({first.node("Gather", {f[1], first.number(0)})});
  NestedGraph body;  // i, condition, pick, x
  const auto b = body.inputs(4);
  body.outputs({b[1], body.choose(b[2], {b[0], b[3]}, std::move(pick), std::move(first))});
  NestedGraph m;
  const ValueId c = m.input(HY_DTYPE_BOOL, ""), x = m.input(HY_DTYPE_F32, "n");
  Compiled p(m.outputs({m.loop({m.number(4), kNone}, {c, x}, std::move(body), 1)}));
  const std::string r = p.run({truth(true), f32({2}, {1, 2})});
  EXPECT_TRUE(says(r, {"Loop0 (Loop): iteration 2: If0 (If): then_branch: ", "Gather0 (Gather)"}))
      << r;
  EXPECT_EQ(p.run({truth(false), f32({2}, {1, 2})}), "f32[4] 1 1 1 1");
}

/// Running sums of every row of x, by a scan in a scan.
NestedGraph sums_of_rows() {
  NestedGraph inner;
  const auto in = inner.inputs(2);
  const ValueId next = inner.node("Add", {in[0], in[1]});
  inner.outputs({next, next});
  NestedGraph outer;  // row, start
  const auto out = outer.inputs(2);
  const ValueId last = outer.scan({out[1]}, {out[0]}, {}, std::move(inner), 2);
  outer.outputs({last, last + 1});
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, "n,k"), start = m.input(HY_DTYPE_F32, "");
  const ValueId y = m.scan({}, {x}, {start}, std::move(outer), 2,
                           {{"scan_output_axes", std::vector<int64_t>{0, 1}}});
  return m.outputs({y, y + 1});
}

TEST(BodyRunner, ScansWithinScansStartAgainForEachRow) {
  EXPECT_EQ(Compiled(sums_of_rows()).run({f32({2, 3}, {1, 2, 3, 4, 5, 6}), f32({}, {10})}),
            "f32[2] 16 25; f32[3,2] 11 14 13 19 16 25");
}

TEST(BodyRunner, OneProgramServesOtherDimsFromRunToRun) {
  Compiled p(sums_of_rows());
  const Value zero = f32({}, {0});
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(p.run({f32({1, 1}, {5}), zero}), "f32[1] 5; f32[1,1] 5");
    EXPECT_EQ(p.run({f32({2, 2}, {1, 2, 3, 4}), zero}), "f32[2] 3 7; f32[2,2] 1 3 3 7");
    EXPECT_EQ(p.run({f32({0, 2}, {}), zero}), "f32[0]; f32[2,0]");
    EXPECT_EQ(p.run({f32({2, 0}, {}), zero}), "f32[2] 0 0; f32[0,2]");
  }
}

TEST(BodyRunner, AFailedRunLeavesNothingBehind) {
  NestedGraph b;
  const auto in = b.inputs(4);
  b.outputs({in[1], b.node("Add", {in[2], b.node("Gather", {in[3], in[0]})})});
  NestedGraph m;
  const ValueId trips = m.input(HY_DTYPE_I64, ""), x = m.input(HY_DTYPE_F32, "n");
  const ValueId start = m.input(HY_DTYPE_F32, "");
  Compiled p(m.outputs({m.loop({trips, kNone, start}, {x}, std::move(b), 1)}));
  const Value x3 = f32({3}, {1, 2, 3}), zero = f32({}, {0});
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(says(p.run({i64(4), x3, zero}), {"iteration 3"}));
    EXPECT_EQ(p.run({i64(3), x3, zero}), "f32[] 6");
  }
}

TEST(BodyRunner, ManyThreadsRunOneProgram) {
  Compiled sums(sums_of_rows()), products(table());
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const int64_t n = 1 + (t + i) % 3;
        const auto ones = f32({n, 2}, std::vector<float>(static_cast<size_t>(2 * n), 1));
        std::string last = "f32[" + std::to_string(n) + "]", first, second;
        for (int64_t k = 0; k < n; ++k) {
          last += " 2";
          first += " 1";
          second += " 2";
        }
        const std::string all = last + "; f32[2," + std::to_string(n) + "]" + first + second;
        wrong += sums.run({ones, f32({}, {0})}) == all ? 0 : 1;
        const std::string scale = std::to_string(t);
        wrong +=
            products.run({i64(2), i64(2), i64({1}, {t})}) == "i64[2,2,1] 0 0 0 " + scale ? 0 : 1;
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace halyard::core::test
