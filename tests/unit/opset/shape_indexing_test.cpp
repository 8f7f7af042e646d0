// Gathering, scattering, triangles and blocks.
#include "graph_maker.hpp"

namespace halyard::core {
namespace {

TEST(GatherNd, DimsOfIndicesThenOfData) {
  GraphMaker m;
  const ValueId x = m.input("a,b,5"), i = m.input("n,2", HY_DTYPE_I64);
  EXPECT_EQ(m.inferred(m.node("GatherND", {x, i})), "f32[n,5]");
  GraphMaker open;
  const ValueId y = open.input("a,b"), j = open.input("n,?", HY_DTYPE_I64);
  EXPECT_EQ(open.inferred(open.node("GatherND", {y, j})), "f32unknown rank");
  GraphMaker bad;
  const ValueId z = bad.input("a,b"), k = bad.input("n,3", HY_DTYPE_I64);
  EXPECT_EQ(
      bad.inferred(bad.node("GatherND", {z, k})),
      "it (GatherND): operand \"indices\" of dims [n,3] has tuples of 3; \"data\" of [a,b] has "
      "2 dims for them");
}

TEST(Scatter, KeepsTheDataAndChecksTheRest) {
  GraphMaker m;
  const ValueId x = m.input("a,5"), i = m.input("n,1", HY_DTYPE_I64), u = m.input("n,5");
  EXPECT_EQ(m.inferred(m.node("ScatterND", {x, i, u})), "f32[a,5]");
  GraphMaker bad;
  const ValueId y = bad.input("a,5"), j = bad.input("n,1", HY_DTYPE_I64), v = bad.input("n,4");
  EXPECT_NE(bad.inferred(bad.node("ScatterND", {y, j, v})).find("\"updates\" has the dims [n,4]"),
            std::string::npos);
  GraphMaker odd;
  const ValueId z = odd.input("3"), k = odd.input("2", HY_DTYPE_I64), w = odd.input("2");
  EXPECT_NE(odd.inferred(odd.node("ScatterElements", {z, k, w}, {{"reduction", "sum"}}))
                .find("one of none, add, mul, max, min"),
            std::string::npos);
}

TEST(GatherElements, IsLikeItsIndices) {
  GraphMaker m;
  const ValueId x = m.input("a,5"), i = m.input("n,2", HY_DTYPE_I64);
  EXPECT_EQ(m.inferred(m.node("GatherElements", {x, i}, {{"axis", int64_t{1}}})), "f32[n,2]");
}

TEST(OneHot, AddsAnAxisOfTheDepth) {
  GraphMaker m;
  const ValueId i = m.input("n,4", HY_DTYPE_I64), v = m.input("2", HY_DTYPE_F16);
  EXPECT_EQ(m.inferred(m.node("OneHot", {i, m.scalar(9), v}, {{"axis", int64_t{1}}})),
            "f16[n,9,4]");
}

TEST(DepthSpace, MovesTheBlocks) {
  GraphMaker m;
  const Attributes by2{{"blocksize", int64_t{2}}};
  EXPECT_EQ(m.inferred(m.node("DepthToSpace", {m.input("n,8,h,w")}, by2)), "f32[n,2,2*h,2*w]");
  GraphMaker back;
  EXPECT_EQ(back.inferred(back.node("SpaceToDepth", {back.input("n,2,6,8")}, by2)), "f32[n,8,3,4]");
  GraphMaker bad;
  EXPECT_EQ(bad.inferred(bad.node("DepthToSpace", {bad.input("n,6,h,w")}, by2)),
            "it (DepthToSpace): operand \"X\" has the dims [n,6,h,w]; 6 is no multiple of 4");
}

TEST(CenterCropPad, TakesTheWantedSizes) {
  GraphMaker m;
  EXPECT_EQ(
      m.inferred(m.node("CenterCropPad", {m.input("n,3,h"), m.ints({7})}, {{"axes", Ints{-1}}})),
      "f32[n,3,7]");
}

TEST(Compress, HasOneOpenDim) {
  GraphMaker m;
  const ValueId c = m.input("k", HY_DTYPE_BOOL);
  EXPECT_EQ(m.inferred(m.node("Compress", {m.input("n,3"), c}, {{"axis", int64_t{0}}})),
            "f32[?,3]");
}

}  // namespace
}  // namespace halyard::core
