#include "graph_maker.hpp"

namespace halyard::core {
namespace {

std::string binary(const char* op, const char* a, const char* b) {
  GraphMaker m;
  const ValueId x = m.input(a), y = m.input(b);
  return m.inferred(m.node(op, {x, y}));
}

TEST(ShapeElementwise, OneOperandKeepsItsType) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Relu", {m.input("n,3,?", HY_DTYPE_F16)})), "f16[n,3,?]");
  EXPECT_EQ(m.inferred(m.node("Exp", {m.input("*")})), "f32unknown rank");
}

TEST(ShapeElementwise, CastChangesTheType) {
  GraphMaker m;
  const ValueId x = m.input("n,3");
  EXPECT_EQ(m.inferred(m.node("Cast", {x}, {{"to", int64_t{HY_DTYPE_BOOL}}})), "bool[n,3]");
  EXPECT_EQ(m.inferred(m.node("Cast", {x}, {{"to", int64_t{15}}})),
            "it (Cast): attribute \"to\" is 15, which is no element type");
}

TEST(ShapeElementwise, BroadcastsNumbersAndSymbols) {
  EXPECT_EQ(binary("Add", "2,3", "2,3"), "f32[2,3]");
  EXPECT_EQ(binary("Add", "n,1,4", "3,1"), "f32[n,3,4]");
  EXPECT_EQ(binary("Add", "", "n,4"), "f32[n,4]");
  EXPECT_EQ(binary("Add", "n,m", "n,m"), "f32[n,m]");
  EXPECT_EQ(binary("Add", "n", "m"), "f32[?]");
  EXPECT_EQ(binary("Add", "n", "5"), "f32[5]");
  EXPECT_EQ(binary("Add", "?", "5"), "f32[5]");
  EXPECT_EQ(binary("Add", "?", "1"), "f32[?]");
  EXPECT_EQ(binary("Add", "0", "1"), "f32[0]");
  EXPECT_EQ(binary("Less", "n,1", "4"), "bool[n,4]");
  EXPECT_EQ(binary("Mul", "*", "4"), "f32unknown rank");
}

TEST(ShapeElementwise, ConflictNamesBothShapes) {
  EXPECT_EQ(
      binary("Add", "2,3", "n,4"),
      "it (Add): operands of dims [2,3] and [n,4] do not broadcast: 3 and 4 differ and neither "
      "is 1");
}

TEST(ShapeElementwise, PositionTableCutToTheSequenceFits) {
  GraphMaker m;
  const ValueId words = m.input("1,n,768");
  const ValueId length = m.node("Shape", {words}, {{"start", int64_t{1}}, {"end", int64_t{2}}});
  const ValueId table = m.input("1,512,768");
  const ValueId cut = m.node("Slice", {table, m.ints({0}), length, m.ints({1})});
  EXPECT_EQ(m.inferred(m.node("Add", {words, cut})), "f32[1,n,768]");
  EXPECT_EQ(m.type(cut), "f32[1,min(n,512),768]");
}

TEST(ShapeElementwise, WhereTakesTheTypeOfTheChoices) {
  GraphMaker m;
  const ValueId c = m.input("n,1", HY_DTYPE_BOOL), x = m.input("4", HY_DTYPE_I32);
  EXPECT_EQ(m.inferred(m.node("Where", {c, x, m.input("", HY_DTYPE_I32)})), "i32[n,4]");
}

TEST(ShapeElementwise, MinTakesAnyNumberOfOperands) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Min", {m.input("n,1"), m.input("1,3"), m.input("2,1,1")})),
            "f32[2,n,3]");
}

TEST(ShapeElementwise, PReluDoesNotGrow) {
  EXPECT_EQ(binary("PRelu", "n,3,4", "3,1"), "f32[n,3,4]");
  EXPECT_EQ(binary("PRelu", "1", "3"),
            "it (PRelu): operand \"slope\" of dims [3] does not broadcast to \"X\" of [1]");
}

}  // namespace
}  // namespace halyard::core
