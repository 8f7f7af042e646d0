// Quantisation and integer products.
#include "graph_maker.hpp"

namespace halyard::core {
namespace {

TEST(QuantizeLinear, TypeOfTheResult) {
  GraphMaker m;
  const ValueId x = m.input("n,4"), s = m.input(""), z = m.input("", HY_DTYPE_I8);
  EXPECT_EQ(m.inferred(m.node("QuantizeLinear", {x, s, z})), "i8[n,4]");
  GraphMaker plain;
  EXPECT_EQ(plain.inferred(plain.node("QuantizeLinear", {plain.input("n,4"), plain.input("")})),
            "u8[n,4]");
  GraphMaker bad;
  const ValueId y = bad.input("n,4"), t = bad.input(""), u = bad.input("", HY_DTYPE_I8);
  EXPECT_NE(
      bad.inferred(bad.node("QuantizeLinear", {y, t, u}, {{"output_dtype", int64_t{HY_DTYPE_U8}}}))
          .find("output_dtype"),
      std::string::npos);
  GraphMaker back;
  const ValueId q = back.input("n,4", HY_DTYPE_U8), h = back.input("", HY_DTYPE_F16);
  EXPECT_EQ(back.inferred(back.node("DequantizeLinear", {q, h})), "f16[n,4]");
}

TEST(IntegerProducts, Shapes) {
  GraphMaker m;
  const ValueId a = m.input("b,n,3", HY_DTYPE_U8), b = m.input("3,5", HY_DTYPE_I8);
  EXPECT_EQ(m.inferred(m.node("MatMulInteger", {a, b})), "i32[b,n,5]");
  GraphMaker c;
  const ValueId x = c.input("n,2,8,8", HY_DTYPE_U8), w = c.input("4,2,3,3", HY_DTYPE_I8);
  EXPECT_EQ(c.inferred(c.node("ConvInteger", {x, w})), "i32[n,4,6,6]");
  GraphMaker bad;
  const ValueId p = bad.input("2,3", HY_DTYPE_U8), q = bad.input("4,5", HY_DTYPE_I8);
  EXPECT_NE(bad.inferred(bad.node("MatMulInteger", {p, q})).find("3 columns meet 4 rows"),
            std::string::npos);
}

}  // namespace
}  // namespace halyard::core
