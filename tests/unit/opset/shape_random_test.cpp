// Operators that draw random numbers.
#include "graph_maker.hpp"

namespace halyard::core {
namespace {

TEST(Random, DimsAndTypeAreAttributes) {
  GraphMaker m;
  const Attributes shape = {{"shape", Ints{2, 3}}};
  EXPECT_EQ(m.inferred(m.node("RandomNormal", {}, shape)), "f32[2,3]");
  GraphMaker typed;
  EXPECT_EQ(typed.inferred(typed.node("RandomUniform", {},
                                      {{"shape", Ints{}}, {"dtype", int64_t{HY_DTYPE_F16}}})),
            "f16[]");
  GraphMaker negative;
  EXPECT_EQ(negative.inferred(negative.node("RandomUniform", {}, {{"shape", Ints{2, -3}}})),
            "it (RandomUniform): attribute \"shape\" holds -3; a dim is 0 or more");
  GraphMaker integer;
  EXPECT_EQ(integer.inferred(integer.node("RandomNormal", {},
                                          {{"shape", Ints{2}}, {"dtype", int64_t{HY_DTYPE_I64}}})),
            "it (RandomNormal): attribute \"dtype\" is " + std::to_string(HY_DTYPE_I64) +
                "; its output may be f32, f64, f16, bf16");
}

TEST(RandomLike, DimsAreTheOperands) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("RandomNormalLike", {m.input("n,3", HY_DTYPE_F64)})), "f64[n,3]");
  GraphMaker typed;
  EXPECT_EQ(typed.inferred(typed.node("RandomUniformLike", {typed.input("n,3", HY_DTYPE_STRING)},
                                      {{"dtype", int64_t{HY_DTYPE_BF16}}})),
            "bf16[n,3]");
  GraphMaker integer;
  EXPECT_EQ(
      integer.inferred(integer.node("RandomUniformLike", {integer.input("n", HY_DTYPE_I32)})),
      "it (RandomUniformLike): operand 0, whose type it takes, is i32; its output may be f32, f64, "
      "f16, bf16");
  GraphMaker wild;
  EXPECT_EQ(
      wild.inferred(wild.node("RandomUniformLike", {wild.input("n")},
                              {{"dtype", int64_t{1} << 32 | HY_DTYPE_F32}})),
      "it (RandomUniformLike): attribute \"dtype\" is 4294967297; its output may be f32, f64, "
      "f16, bf16");
}

TEST(Bernoulli, MayBeBool) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Bernoulli", {m.input("n,3")})), "f32[n,3]");
  GraphMaker typed;
  EXPECT_EQ(typed.inferred(
                typed.node("Bernoulli", {typed.input("n")}, {{"dtype", int64_t{HY_DTYPE_BOOL}}})),
            "bool[n]");
}

TEST(Multinomial, ARowOfSamplesForEachRow) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Multinomial", {m.input("n,3")}, {{"sample_size", int64_t{7}}})),
            "i32[n,7]");
  GraphMaker open;
  EXPECT_EQ(open.inferred(
                open.node("Multinomial", {open.input("*")}, {{"dtype", int64_t{HY_DTYPE_I64}}})),
            "i64[?,1]");
  GraphMaker flat;
  EXPECT_EQ(flat.inferred(flat.node("Multinomial", {flat.input("n")})),
            "it (Multinomial): operand \"X\" has the dims [n]; its rank must be 2");
  GraphMaker negative;
  EXPECT_EQ(negative.inferred(negative.node("Multinomial", {negative.input("n,3")},
                                            {{"sample_size", int64_t{-1}}})),
            "it (Multinomial): attribute \"sample_size\" is -1; it is 0 or more");
}

}  // namespace
}  // namespace halyard::core
