// Pools of regions, grids, moved taps, columns to images.
#include "graph_maker.hpp"

namespace halyard::core {
namespace {

using Ints = std::vector<int64_t>;

TEST(MaxUnpool, UndoesTheWindow) {
  const Attributes window{
      {"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 3}}, {"pads", Ints{0, 1, 0, 0}}};
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("MaxUnpool", {m.input("b,3,4,4"), m.input("b,3,4,4", HY_DTYPE_I64)},
                              window)),
            "f32[b,3,8,10]");
  GraphMaker given;
  EXPECT_EQ(given.inferred(given.node("MaxUnpool",
                                      {given.input("1,3,4,4"), given.input("1,3,4,4", HY_DTYPE_I64),
                                       given.ints({1, 3, 9, 11})},
                                      window)),
            "f32[1,3,9,11]");
  GraphMaker rank;
  EXPECT_EQ(rank.inferred(rank.node(
                "MaxUnpool", {rank.input("1,3,4"), rank.input("1,3,4", HY_DTYPE_I64)}, window)),
            "it (MaxUnpool): operand \"X\" has the dims [1,3,4]; attributes \"kernel_shape\", "
            "\"strides\" and "
            "\"pads\" have 2, 2 and 4 entries");
}

TEST(Det, OfSquareMatrices) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Det", {m.input("b,3,n,n")})), "f32[b,3]");
  GraphMaker flat;
  EXPECT_EQ(flat.inferred(flat.node("Det", {flat.input("2,3")})),
            "it (Det): operand \"X\" has the dims [2,3]; square matrices are wanted");
}

TEST(Col2Im, AnImageOfTheGivenShape) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Col2Im", {m.input("b,12,20"), m.ints({5, 6}), m.ints({2, 2})})),
            "f32[b,3,5,6]");
  GraphMaker open;
  EXPECT_EQ(open.inferred(open.node("Col2Im", {open.input("b,12,20"), open.ints({5, 6}),
                                               open.input("2", HY_DTYPE_I64)})),
            "f32[b,?,5,6]");
  GraphMaker block;
  EXPECT_EQ(
      block.inferred(
          block.node("Col2Im", {block.input("1,10,20"), block.ints({5, 6}), block.ints({2, 2})})),
      "it (Col2Im): dim 1 of operand \"X\" is 10, which a block of 4 elements does not divide");
}

TEST(GridSample, HasTheGridsPlaces) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("GridSample", {m.input("b,3,h,w"), m.input("b,5,6,2")})),
            "f32[b,3,5,6]");
  GraphMaker volume;
  EXPECT_EQ(volume.inferred(
                volume.node("GridSample", {volume.input("1,3,4,4,4"), volume.input("?,5,6,7,3")})),
            "f32[1,3,5,6,7]");
  GraphMaker last;
  EXPECT_EQ(last.inferred(last.node("GridSample", {last.input("1,3,4,4"), last.input("1,5,6,3")})),
            "it (GridSample): operand \"grid\" has the dims [1,5,6,3]; the last must be 2");
  GraphMaker batch;
  EXPECT_EQ(
      batch.inferred(batch.node("GridSample", {batch.input("2,3,4,4"), batch.input("1,5,6,2")})),
      "it (GridSample): operands \"X\" and \"grid\" have the dims [2,3,4,4] and [1,5,6,2]: their "
      "batches differ");
}

TEST(AffineGrid, HasTheSizesPlaces) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("AffineGrid", {m.input("2,2,3"), m.ints({2, 3, 5, 6})})),
            "f32[2,5,6,2]");
  GraphMaker volume;
  EXPECT_EQ(volume.inferred(
                volume.node("AffineGrid", {volume.input("2,3,4"), volume.ints({2, 3, 5, 6, 7})})),
            "f32[2,5,6,7,3]");
  GraphMaker length;
  EXPECT_EQ(
      length.inferred(length.node("AffineGrid", {length.input("2,2,3"), length.ints({2, 3, 5})})),
      "it (AffineGrid): operand \"size\" has 3 entries; 4 (N, C, H, W) or 5 (N, C, D, H, W) are "
      "wanted");
}

TEST(RoiAlign, HasARowForEachRegion) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("RoiAlign",
                              {m.input("b,3,h,w"), m.input("r,4"), m.input("r", HY_DTYPE_I64)},
                              {{"output_height", int64_t{5}}, {"output_width", int64_t{6}}})),
            "f32[r,3,5,6]");
  GraphMaker counts;
  EXPECT_EQ(counts.inferred(counts.node("RoiAlign", {counts.input("1,3,8,8"), counts.input("2,4"),
                                                     counts.input("3", HY_DTYPE_I64)})),
            "it (RoiAlign): operands \"rois\" and \"batch_indices\" have the dims [2,4] and [3]");
}

TEST(MaxRoiPool, HasARowForEachRegion) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("MaxRoiPool", {m.input("b,3,h,w"), m.input("r,5")},
                              {{"pooled_shape", Ints{2, 3}}})),
            "f32[r,3,2,3]");
  GraphMaker shape;
  EXPECT_EQ(shape.inferred(shape.node("MaxRoiPool", {shape.input("1,3,8,8"), shape.input("2,5")},
                                      {{"pooled_shape", Ints{2, 0}}})),
            "it (MaxRoiPool): attribute \"pooled_shape\" must be two numbers of 1 or more");
}

TEST(DeformConv, IsAsWideAsConv) {
  GraphMaker m;
  EXPECT_EQ(
      m.inferred(m.node("DeformConv", {m.input("b,4,9,9"), m.input("6,4,3,3"), m.input("b,18,4,4")},
                        {{"strides", Ints{2, 2}}})),
      "f32[b,6,4,4]");
  GraphMaker bias;
  EXPECT_EQ(bias.inferred(bias.node("DeformConv", {bias.input("1,4,9,9"), bias.input("6,4,3,3"),
                                                   bias.input("1,18,7,7"), bias.input("5")})),
            "it (DeformConv): operand \"B\" has 5 elements; the output has 6 channels");
}

TEST(LpPool, IsAPool) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("LpPool", {m.input("b,4,9,9")}, {{"kernel_shape", Ints{3, 3}}})),
            "f32[b,4,7,7]");
  GraphMaker global;
  EXPECT_EQ(global.inferred(global.node("GlobalLpPool", {global.input("b,4,9,9")})),
            "f32[b,4,1,1]");
}

}  // namespace
}  // namespace halyard::core
