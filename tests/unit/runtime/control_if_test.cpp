#include <gtest/gtest.h>

#include "tests/unit/runtime/compiled.hpp"

namespace halyard::core::test {
namespace {

/// A branch of one input and one node.
NestedGraph branch(std::string_view op, Attributes attributes = {}, size_t times = 1) {
  NestedGraph b;
  const ValueId x = b.input();
  return b.outputs({b.node(op, std::vector<ValueId>(times, x), std::move(attributes))});
}

NestedGraph concat_itself() { return branch("Concat", {{"axis", int64_t{0}}}, 2); }

/// The input as it is.
NestedGraph passed_through() {
  NestedGraph b;
  return b.outputs({b.input()});
}

/// y = condition ? then_branch(x) : else_branch(x)
Compiled choice(NestedGraph then_branch, NestedGraph else_branch,
                std::string_view condition_dims = "") {
  NestedGraph m;
  const ValueId c = m.input(HY_DTYPE_BOOL, condition_dims), x = m.input(HY_DTYPE_F32, "n");
  return Compiled(m.outputs({m.choose(c, {x}, std::move(then_branch), std::move(else_branch))}));
}

TEST(If, TakesTheBranchOfItsCondition) {
  Compiled c = choice(branch("Neg"), branch("Relu"));
  EXPECT_EQ(c.run({truth(true), f32({2}, {-1, 2})}), "f32[2] 1 -2");
  EXPECT_EQ(c.run({truth(false), f32({2}, {-1, 2})}), "f32[2] 0 2");
}

TEST(If, OneConditionMayHaveAnAxis) {
  Compiled c = choice(branch("Neg"), branch("Relu"), "1");
  EXPECT_EQ(c.run({bools({1}, {true}), f32({1}, {5})}), "f32[1] -5");
}

TEST(If, ManyConditionsAreRefusedAtLoadWhereTheirNumberIsKnown) {
  const std::string r = choice(branch("Neg"), branch("Relu"), "2").run({});
  EXPECT_TRUE(says(r, {"INVALID_MODEL", "If0 (If)", "\"cond\"", "[2]", "one element"})) << r;
}

TEST(If, ManyConditionsAreRefusedAtRun) {
  Compiled c = choice(branch("Neg"), branch("Relu"), "k");
  const std::string r = c.run({bools({2}, {true, true}), f32({1}, {5})});
  EXPECT_EQ(r, "MISMATCH: If0 (If): cond is bool [2]; one bool is wanted");
  EXPECT_EQ(c.run({bools({1}, {true}), f32({1}, {5})}), "f32[1] -5");
}

TEST(If, NoConditionIsRefused) {
  Compiled c = choice(branch("Neg"), branch("Relu"), "k");
  const std::string r = c.run({bools({0}, {}), f32({1}, {5})});
  EXPECT_EQ(r, "MISMATCH: If0 (If): cond is bool [0]; one bool is wanted");
}

TEST(If, BranchesMayGiveDifferentDims) {
  NestedGraph m;
  const ValueId c = m.input(HY_DTYPE_BOOL, ""), x = m.input(HY_DTYPE_F32, "n");
  const ValueId y = m.choose(c, {x}, concat_itself(), branch("Neg"));
  Compiled p(m.outputs({m.node("Relu", {y})}));
  EXPECT_EQ(p.run({truth(true), f32({2}, {1, 2})}), "f32[4] 1 2 1 2");
  EXPECT_EQ(p.run({truth(false), f32({2}, {-1, 2})}), "f32[2] 1 0");
}

TEST(If, BranchesMayGiveDifferentRanks) {
  NestedGraph column;
  const ValueId x = column.input();
  column.outputs({column.node("Unsqueeze", {x, column.numbers({1})})});
  Compiled c = choice(std::move(column), branch("Neg"));
  EXPECT_EQ(c.run({truth(true), f32({2}, {1, 2})}), "f32[2,1] 1 2");
  EXPECT_EQ(c.run({truth(false), f32({2}, {1, 2})}), "f32[2] -1 -2");
}

TEST(If, BranchesOfDifferentTypesAreRefused) {
  NestedGraph cast = branch("Cast", {{"to", int64_t{HY_DTYPE_I64}}});
  const std::string r = choice(std::move(cast), branch("Neg")).run({});
  EXPECT_TRUE(says(
      r, {"INVALID_MODEL", "If0 (If)", "output 0", "i64 in then_branch", "f32 in else_branch"}))
      << r;
}

TEST(If, ABranchMayGiveAnOuterValueAsItIs) {
  Compiled c = choice(passed_through(), branch("Neg"));
  EXPECT_EQ(c.run({truth(true), f32({2}, {1, 2})}), "f32[2] 1 2");
  EXPECT_EQ(c.run({truth(false), f32({2}, {1, 2})}), "f32[2] -1 -2");
}

TEST(If, ABranchMayGiveAConstant) {
  NestedGraph constant;
  constant.input();
  constant.outputs({constant.floats({7, 8})});
  Compiled c = choice(std::move(constant), branch("Neg"));
  EXPECT_EQ(c.run({truth(true), f32({1}, {1})}), "f32[2] 7 8");
  EXPECT_EQ(c.run({truth(false), f32({1}, {1})}), "f32[1] -1");
}

TEST(If, OuterValuesKeepTheirOrder) {
  NestedGraph sub, reverse;
  auto in = sub.inputs(2);
  sub.outputs({sub.node("Sub", {in[0], in[1]})});
  in = reverse.inputs(2);
  reverse.outputs({reverse.node("Sub", {in[1], in[0]})});
  NestedGraph m;
  const ValueId c = m.input(HY_DTYPE_BOOL, "");
  const ValueId a = m.input(HY_DTYPE_F32, "n"), b = m.input(HY_DTYPE_F32, "n");
  Compiled p(m.outputs({m.choose(c, {a, b}, std::move(sub), std::move(reverse))}));
  EXPECT_EQ(p.run({truth(true), f32({1}, {5}), f32({1}, {3})}), "f32[1] 2");
  EXPECT_EQ(p.run({truth(false), f32({1}, {5}), f32({1}, {3})}), "f32[1] -2");
}

/// Two outputs that are one value in each branch.
NestedGraph doubled(std::string_view op) {
  NestedGraph b;
  const ValueId y = b.node(op, {b.input()});
  return b.outputs({y, y});
}

TEST(If, OneValueMayBeTwoOutputs) {
  NestedGraph m;
  const ValueId c = m.input(HY_DTYPE_BOOL, ""), x = m.input(HY_DTYPE_F32, "n");
  const ValueId y = m.choose(c, {x}, doubled("Neg"), doubled("Relu"), 2);
  Compiled p(m.outputs({y, y + 1}));
  EXPECT_EQ(p.run({truth(true), f32({1}, {-3})}), "f32[1] 3; f32[1] 3");
  EXPECT_EQ(p.run({truth(false), f32({1}, {-3})}), "f32[1] 0; f32[1] 0");
}

TEST(If, AnOutputThatNobodyWantsMayBeAbsent) {
  NestedGraph m;
  const ValueId c = m.input(HY_DTYPE_BOOL, ""), x = m.input(HY_DTYPE_F32, "n");
  const ValueId y = m.choose(c, {x}, doubled("Neg"), doubled("Relu"), 2);
  m.graph.nodes.back().outputs[0] = kNone;
  Compiled p(m.outputs({y + 1}));
  EXPECT_EQ(p.run({truth(true), f32({1}, {-3})}), "f32[1] 3");
}

TEST(If, BranchesMayGiveSequences) {
  Compiled c = choice(branch("SplitToSequence"), branch("SequenceConstruct", {}, 2));
  EXPECT_EQ(c.run({truth(true), f32({3}, {1, 2, 3})}), "(f32[1] 1, f32[1] 2, f32[1] 3)");
  EXPECT_EQ(c.run({truth(false), f32({1}, {4})}), "(f32[1] 4, f32[1] 4)");
}

TEST(If, AFailureNamesTheBranchAndTheNode) {
  NestedGraph pick;
  const ValueId x = pick.input();
  pick.outputs({pick.node("Gather", {x, pick.number(3)})});
  NestedGraph first;
  const ValueId z = first.input();
  first.outputs({first.node("Gather", {z, first.number(0)})});
  Compiled c = choice(std::move(first), std::move(pick));
  const std::string r = c.run({truth(false), f32({2}, {1, 2})});
  EXPECT_TRUE(says(r, {"If0 (If): else_branch: ", "Gather0 (Gather)", "3"})) << r;
  EXPECT_EQ(c.run({truth(true), f32({2}, {1, 2})}), "f32[] 1");
  EXPECT_EQ(c.run({truth(false), f32({4}, {1, 2, 3, 4})}), "f32[] 4");
}

TEST(If, ABranchWithTooFewOutputsIsRefused) {
  NestedGraph m;
  const ValueId c = m.input(HY_DTYPE_BOOL, ""), x = m.input(HY_DTYPE_F32, "n");
  const ValueId y = m.choose(c, {x}, doubled("Neg"), branch("Relu"), 2);
  const std::string r = Compiled(m.outputs({y, y + 1})).run({});
  EXPECT_TRUE(says(r, {"INVALID_MODEL", "\"else_branch\" has 1 outputs; the node needs 2"})) << r;
}

}  // namespace
}  // namespace halyard::core::test
