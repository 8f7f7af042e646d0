// Operators that choose elements, and those that run along an axis.
#include "graph_maker.hpp"

namespace halyard::core {
namespace {

TEST(TopK, TheAxisHasKElements) {
  GraphMaker m;
  const ValueId x = m.input("n,8");
  EXPECT_EQ(m.inferred(m.node("TopK", {x, m.ints({3})}, {}, 2)), "f32[n,3]");
  EXPECT_EQ(m.type(m.graph.nodes[0].outputs[1]), "i64[n,3]");
  GraphMaker open;
  const ValueId k = open.input("1", HY_DTYPE_I64);
  EXPECT_EQ(open.inferred(open.node("TopK", {open.input("n,8"), k}, {{"axis", int64_t{0}}}, 2)),
            "f32[?,8]");
  GraphMaker bad;
  const ValueId y = bad.input("n,8");
  EXPECT_EQ(bad.inferred(bad.node("TopK", {y, bad.ints({9})}, {}, 2)),
            "it (TopK): operand \"K\" is 9; axis 1 of [n,8] has 8 elements");
}

TEST(Unique, CountsAreOpen) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Unique", {m.input("n,3")}, {}, 4)), "f32[?]");
  EXPECT_EQ(m.type(m.graph.nodes[0].outputs[2]), "i64[3*n]");
  GraphMaker axis;
  EXPECT_EQ(axis.inferred(axis.node("Unique", {axis.input("n,3")}, {{"axis", int64_t{0}}}, 4)),
            "f32[?,3]");
  EXPECT_EQ(axis.type(axis.graph.nodes[0].outputs[2]), "i64[n]");
}

TEST(NonMaxSuppression, GivesTriples) {
  GraphMaker m;
  const ValueId boxes = m.input("b,n,4"), scores = m.input("b,c,n");
  EXPECT_EQ(m.inferred(m.node("NonMaxSuppression", {boxes, scores})), "i64[?,3]");
  GraphMaker bad;
  const ValueId wide = bad.input("1,6,5");
  EXPECT_EQ(bad.inferred(bad.node("NonMaxSuppression", {wide, bad.input("1,1,6")})),
            "it (NonMaxSuppression): operand \"boxes\" has the dims [1,6,5]; a box has 4 numbers");
}

TEST(Cumulative, TheAxisMustExist) {
  GraphMaker m;
  const ValueId x = m.input("n,3");
  EXPECT_EQ(m.inferred(m.node("CumSum", {x, m.scalar(-2)})), "f32[n,3]");
  GraphMaker bad;
  const ValueId y = bad.input("n,3");
  EXPECT_EQ(bad.inferred(bad.node("CumProd", {y, bad.scalar(2)})),
            "it (CumProd): axis is 2; for rank 2 it must lie in -2..1");
}

}  // namespace
}  // namespace halyard::core
