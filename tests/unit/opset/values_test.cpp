// The contents of small integer tensors.
#include "core/opset/values.hpp"

#include "graph_maker.hpp"

namespace halyard::core {
namespace {

/// One operator over the shape of [n,m,3] and a constant list.
std::string on_shape(const char* op, Ints other, Attributes attributes = {}) {
  GraphMaker m;
  const ValueId shape = m.node("Shape", {m.input("n,m,3")});
  return m.inferred_content(m.node(op, {shape, m.ints(other)}, std::move(attributes)));
}

std::string on_numbers(const char* op, Ints a, Ints b, Attributes attributes = {}) {
  GraphMaker m;
  const ValueId x = m.ints(a), y = m.ints(b);
  return m.inferred_content(m.node(op, {x, y}, std::move(attributes)));
}

TEST(Values, Arithmetic) {
  EXPECT_EQ(on_shape("Add", {1}), "[n+1,m+1,4]");
  EXPECT_EQ(on_shape("Sub", {1, 2, 3}), "[n-1,m-2,0]");
  EXPECT_EQ(on_shape("Mul", {2}), "[2*n,2*m,6]");
  EXPECT_EQ(on_shape("Div", {2}), "[floor(n/2),floor(m/2),1]");
  EXPECT_EQ(on_shape("Mod", {2}), "[n-2*floor(n/2),m-2*floor(m/2),1]");
  EXPECT_EQ(on_shape("Min", {2}), "[min(n,2),min(m,2),2]");
  EXPECT_EQ(on_shape("Max", {0}), "[n,m,3]");
  EXPECT_EQ(on_shape("Add", {1, 2}),
            "it (Add): operands of dims [3] and [2] do not broadcast: 3 and 2 "
            "differ and neither is 1");
}

TEST(Values, DivisionRoundsTowardsZeroAndModFollowsItsKind) {
  EXPECT_EQ(on_numbers("Div", {-7, 7, -8}, {2, -2, 2}), "[-3,-3,-4]");
  EXPECT_EQ(on_numbers("Mod", {-7, 7}, {3, -3}), "[2,-2]");
  EXPECT_EQ(on_numbers("Mod", {-7, 7}, {3, -3}, {{"fmod", int64_t{1}}}), "[-1,1]");
  EXPECT_EQ(on_numbers("Div", {7}, {0}), "[?]");
  // n - 4 may be negative, where floor and truncation differ.
  GraphMaker m;
  const ValueId less = m.node("Sub", {m.node("Shape", {m.input("n")}), m.ints({4})});
  const ValueId half = m.node("Div", {less, m.ints({2})});
  const ValueId exact = m.node("Div", {m.node("Mul", {less, m.ints({2})}), m.ints({2})});
  EXPECT_EQ(m.inferred_content(half), "[?]");
  EXPECT_EQ(m.content(exact), "[n-4]");
}

TEST(Values, ComparisonsWhereTheOrderIsKnown) {
  EXPECT_EQ(on_shape("Equal", {-1}), "[0,0,0]");
  EXPECT_EQ(on_shape("Equal", {3}), "[?,?,1]");
  EXPECT_EQ(on_shape("Greater", {-1}), "[1,1,1]");
  EXPECT_EQ(on_shape("Less", {0}), "[0,0,0]");
  EXPECT_EQ(on_shape("LessOrEqual", {3}), "[?,?,1]");
  EXPECT_EQ(on_shape("GreaterOrEqual", {0}), "[1,1,1]");
}

TEST(Values, WherePicks) {
  GraphMaker m;
  const ValueId shape = m.node("Shape", {m.input("n,3")});
  const ValueId open = m.node("Equal", {shape, m.ints({3})});
  EXPECT_EQ(m.inferred_content(m.node("Where", {open, m.ints({7}), shape})), "[?,7]");
  EXPECT_EQ(m.inferred_content(m.node("Where", {m.node("Not", {open}), shape, shape})), "[n,3]");
}

TEST(Values, MovementKeepsTrack) {
  GraphMaker m;
  const ValueId shape = m.node("Shape", {m.input("a,b,c,d")});
  EXPECT_EQ(m.inferred_content(m.node("Gather", {shape, m.ints({-1, 0})})), "[d,a]");
  EXPECT_EQ(m.inferred_content(m.node("Slice", {shape, m.ints({-2}), m.ints({9})})), "[c,d]");
  EXPECT_EQ(m.inferred_content(
                m.node("Slice", {shape, m.ints({-1}), m.ints({-9}), m.ints({0}), m.ints({-2})})),
            "[d,b]");
  const ValueId parts = m.node("Split", {shape, m.ints({1, 3})}, {}, 2);
  EXPECT_EQ(m.inferred_content(parts), "[a]");
  EXPECT_EQ(m.content(parts + 1), "[b,c,d]");
  EXPECT_EQ(m.inferred_content(m.node("Squeeze", {parts, m.ints({0})})), "[a]");
  EXPECT_EQ(m.inferred_content(m.node("Expand", {parts, m.ints({2})})), "[a,a]");
  EXPECT_EQ(m.inferred_content(m.node("Cast", {shape}, {{"to", int64_t{HY_DTYPE_I32}}})),
            "[a,b,c,d]");
}

TEST(Values, ConcatKeepsWhatItKnows) {
  GraphMaker m;
  const ValueId mystery = m.input("1", HY_DTYPE_I64);
  const ValueId both = m.node("Concat", {mystery, m.ints({768})}, {{"axis", int64_t{0}}});
  EXPECT_EQ(m.inferred_content(both), "[?,768]");
  EXPECT_EQ(m.inferred(m.node("Reshape", {m.input("n,768"), both})), "f32[n,768]");
}

TEST(Values, Reductions) {
  GraphMaker m;
  const ValueId shape = m.node("Shape", {m.input("n,m,3")});
  const Attributes drop = {{"keepdims", int64_t{0}}};
  EXPECT_EQ(m.inferred_content(m.node("ReduceProd", {shape}, drop)), "[3*n*m]");
  EXPECT_EQ(m.inferred_content(m.node("ReduceSum", {shape, m.ints({0})})), "[n+m+3]");
  EXPECT_EQ(m.inferred_content(m.node("ReduceMin", {shape})), "[min(min(n,m),3)]");
  EXPECT_EQ(
      m.inferred_content(m.node("ReduceSum", {shape}, {{"noop_with_empty_axes", int64_t{1}}})),
      "unknown");
}

TEST(Values, NegativeAbsoluteClipped) {
  GraphMaker m;
  const ValueId x = m.ints({-3, 4});
  EXPECT_EQ(m.inferred_content(m.node("Neg", {x})), "[3,-4]");
  EXPECT_EQ(m.inferred_content(m.node("Abs", {x})), "[3,4]");
  EXPECT_EQ(m.inferred_content(m.node("Clip", {x, m.scalar(-1), m.scalar(2)})), "[-1,2]");
  EXPECT_EQ(m.inferred_content(m.node("Cast", {x}, {{"to", int64_t{HY_DTYPE_BOOL}}})), "[1,1]");
}

TEST(Values, WhatDoesNotFitTheTypeIsUnknown) {
  GraphMaker m;
  const ValueId big =
      m.node("Cast", {m.ints({int64_t{1} << 40, 5})}, {{"to", int64_t{HY_DTYPE_I32}}});
  EXPECT_EQ(m.inferred_content(big), "[?,5]");
}

TEST(Values, LongListsAreNotTracked) {
  GraphMaker m;
  EXPECT_EQ(m.inferred_content(m.node("Identity", {m.ints(Ints(300, 1))})), "unknown");
}

}  // namespace
}  // namespace halyard::core
