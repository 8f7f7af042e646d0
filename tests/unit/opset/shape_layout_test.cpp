// Reshape and the operators like it.
#include "graph_maker.hpp"

namespace halyard::core {
namespace {

std::string reshape(const char* data, Ints wanted, int64_t allow_zero = 0) {
  GraphMaker m;
  const ValueId x = m.input(data);
  return m.inferred(m.node("Reshape", {x, m.ints(wanted)}, {{"allowzero", allow_zero}}));
}

TEST(Reshape, InfersOneDim) {
  EXPECT_EQ(reshape("2,3,4", {-1}), "f32[24]");
  EXPECT_EQ(reshape("2,3,4", {4, -1}), "f32[4,6]");
  EXPECT_EQ(reshape("n,3,4", {-1, 6}), "f32[2*n,6]");
  EXPECT_EQ(reshape("n,m,768", {0, 0, 12, 64}), "f32[n,m,12,64]");
  EXPECT_EQ(reshape("n,m,768", {0, -1, 12, 64}), "f32[n,m,12,64]");
  EXPECT_EQ(reshape("n,m,768", {-1, 768}), "f32[n*m,768]");
  EXPECT_EQ(reshape("n,?,768", {0, 0, -1}), "f32[n,?,768]");
  EXPECT_EQ(reshape("?,?,768", {-1, 768}), "f32[?,768]");
  EXPECT_EQ(reshape("n,5", {-1, 3}), "f32[n+floor(2*n/3),3]");
  EXPECT_EQ(reshape("n,1", {1, -1}), "f32[1,n]");
}

TEST(Reshape, ZeroCopiesOrIsZero) {
  EXPECT_EQ(reshape("0,4", {0, 4}), "f32[0,4]");
  EXPECT_EQ(reshape("0,4", {2, 0}, 1), "f32[2,0]");
  EXPECT_EQ(reshape("0,4", {-1, 4}), "f32[0,4]");
  EXPECT_EQ(
      reshape("n,4", {1, 2, 0}),
      "it (Reshape): operand \"shape\" holds 0 at 2, but \"data\" of dims [n,4] has no such dim "
      "to copy");
}

TEST(Reshape, WhatDoesNotFitIsAnError) {
  EXPECT_EQ(
      reshape("2,3", {4, -1}),
      "it (Reshape): operand \"data\" of dims [2,3] cannot become [4,-1]: the numbers of elements "
      "do not fit");
  EXPECT_EQ(
      reshape("n,6", {0, 5}),
      "it (Reshape): operand \"data\" of dims [n,6] cannot become [n,5]: the numbers of elements "
      "do not fit");
  EXPECT_EQ(reshape("2,3", {-1, -1}), "it (Reshape): operand \"shape\" holds -1 more than once");
  EXPECT_EQ(reshape("2,3", {-2, 3}),
            "it (Reshape): operand \"shape\" holds -2; a dim is -1, 0 or positive");
}

TEST(Reshape, UnknownShapeStillHasALength) {
  GraphMaker m;
  const ValueId two = m.input("2", HY_DTYPE_I64), some = m.input("k", HY_DTYPE_I64);
  const ValueId one = m.input("1", HY_DTYPE_I64);
  EXPECT_EQ(m.inferred(m.node("Reshape", {m.input("n,3"), two})), "f32[?,?]");
  EXPECT_EQ(m.inferred(m.node("Reshape", {m.input("n,3"), some})), "f32unknown rank");
  EXPECT_EQ(m.inferred(m.node("Reshape", {m.input("n,3"), one})), "f32[3*n]");
  EXPECT_EQ(m.inferred(m.node("Reshape", {m.input("*"), m.ints({2, -1, 0})})), "f32[2,?,?]");
}

// The chain by which exporters write x.view(x.size(0), x.size(1), 12, -1).
TEST(Reshape, FollowsShapesAsExportersComputeThem) {
  GraphMaker m;
  const ValueId x = m.input("n,m,768");
  const ValueId shape = m.node("Shape", {x});
  const ValueId first = m.node("Unsqueeze", {m.node("Gather", {shape, m.scalar(0)}), m.ints({0})});
  const ValueId second = m.node("Slice", {shape, m.ints({1}), m.ints({2}), m.ints({0})});
  const ValueId wanted =
      m.node("Concat", {first, second, m.ints({12}), m.ints({-1})}, {{"axis", int64_t{0}}});
  const ValueId y = m.node("Reshape", {x, wanted});
  EXPECT_EQ(m.inferred(m.node("Transpose", {y}, {{"perm", Ints{0, 2, 1, 3}}})), "f32[n,12,m,64]");
  EXPECT_EQ(m.content(wanted), "[n,m,12,-1]");
}

// Expand to a shape in which -1 means "as it is", as PyTorch writes it.
TEST(Reshape, FollowsExpandWithMinusOne) {
  GraphMaker m;
  const ValueId wanted =
      m.node("Concat", {m.node("Shape", {m.input("n,m")}), m.ints({-1})}, {{"axis", int64_t{0}}});
  const int64_t one = 1;
  const uint32_t ones =
      m.graph.values[m.graph.add_constant("one", HY_DTYPE_I64, {1}, &one, 8)].constant;
  const ValueId filled = m.node("ConstantOfShape", {m.ints({3})}, {{"value", TensorAttr{ones}}});
  const ValueId minus = m.node("Mul", {filled, m.scalar(-1)});
  const ValueId open = m.node("Equal", {wanted, minus});
  const ValueId target = m.node("Where", {open, filled, wanted});
  EXPECT_EQ(m.inferred(m.node("Expand", {m.input("1,m,7"), target})), "f32[n,m,7]");
  EXPECT_EQ(m.content(target), "[n,m,1]");
}

TEST(Layout, FlattenMultiplies) {
  GraphMaker m;
  const ValueId x = m.input("n,3,h,w");
  EXPECT_EQ(m.inferred(m.node("Flatten", {x})), "f32[n,3*h*w]");
  EXPECT_EQ(m.inferred(m.node("Flatten", {x}, {{"axis", int64_t{0}}})), "f32[1,3*n*h*w]");
  EXPECT_EQ(m.inferred(m.node("Flatten", {x}, {{"axis", int64_t{-1}}})), "f32[3*n*h,w]");
  EXPECT_EQ(m.inferred(m.node("Flatten", {m.input("*")})), "f32[?,?]");
  EXPECT_EQ(m.inferred(m.node("Flatten", {x}, {{"axis", int64_t{5}}})),
            "it (Flatten): axis is 5; for rank 4 it must lie in -4..4");
}

TEST(Layout, SqueezeTakesOnesAway) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Squeeze", {m.input("n,1,3"), m.ints({1})})), "f32[n,3]");
  EXPECT_EQ(m.inferred(m.node("Squeeze", {m.input("1,2,1")})), "f32[2]");
  EXPECT_EQ(m.inferred(m.node("Squeeze", {m.input("n,1,3")})), "f32unknown rank");
  EXPECT_EQ(m.inferred(m.node("Squeeze", {m.input("n,1"), m.input("1", HY_DTYPE_I64)})), "f32[?]");
  EXPECT_EQ(m.inferred(m.node("Squeeze", {m.input("n,3"), m.ints({-1})})),
            "it (Squeeze): axis 1 of [n,3] is 3; only a dim of 1 can be squeezed away");
}

TEST(Layout, UnsqueezeCountsAxesInTheResult) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Unsqueeze", {m.input("n,3"), m.ints({0, -1})})), "f32[1,n,3,1]");
  EXPECT_EQ(m.inferred(m.node("Unsqueeze", {m.input(""), m.ints({0})})), "f32[1]");
  EXPECT_EQ(m.inferred(m.node("Unsqueeze", {m.input("n"), m.input("2", HY_DTYPE_I64)})),
            "f32[?,?,?]");
  EXPECT_EQ(m.inferred(m.node("Unsqueeze", {m.input("n"), m.ints({0, 0})})),
            "it (Unsqueeze): axis 0 is given twice");
  GraphMaker far;
  EXPECT_EQ(far.inferred(far.node("Unsqueeze", {far.input("n"), far.ints({3})})),
            "it (Unsqueeze): an axis is 3; for rank 2 it must lie in -2..1");
}

TEST(Layout, TransposePermutesOrReverses) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Transpose", {m.input("n,3,4")})), "f32[4,3,n]");
  EXPECT_EQ(m.inferred(m.node("Transpose", {m.input("*")}, {{"perm", Ints{1, 0}}})), "f32[?,?]");
  EXPECT_EQ(m.inferred(m.node("Transpose", {m.input("n,3")}, {{"perm", Ints{0, 1, 2}}})),
            "it (Transpose): attribute \"perm\" is [0,1,2]; operand \"data\" has rank 2");
}

TEST(Layout, ShapeAndSizeKnowTheirContents) {
  GraphMaker m;
  const ValueId x = m.input("n,3,?");
  const auto part = [&](int64_t from, int64_t to) {
    return m.node("Shape", {x}, {{"start", from}, {"end", to}});
  };
  EXPECT_EQ(m.inferred_content(m.node("Shape", {x})), "[n,3,?]");
  EXPECT_EQ(m.inferred_content(part(1, 2)), "[3]");
  EXPECT_EQ(m.inferred_content(part(-2, 9)), "[3,?]");
  EXPECT_EQ(m.inferred(part(2, 1)), "i64[0]");
  EXPECT_EQ(m.inferred_content(m.node("Size", {m.input("n,3")})), "[3*n]");
  EXPECT_EQ(m.inferred(m.node("Shape", {m.input("*")})), "i64[?]");
}

}  // namespace
}  // namespace halyard::core
