// Einsum and the losses.
#include "graph_maker.hpp"
#include "halyard/einsum.hpp"

namespace halyard::core {
namespace {

std::string einsum(const std::string& equation, const std::vector<const char*>& shapes) {
  GraphMaker m;
  std::vector<ValueId> inputs;
  for (const char* shape : shapes) inputs.push_back(m.input(shape));
  return m.inferred(m.node("Einsum", inputs, {{"equation", equation}}));
}

TEST(Einsum, ShapesOfResults) {
  EXPECT_EQ(einsum("bij,bjk->bik", {"n,3,4", "n,4,k"}), "f32[n,3,k]");
  EXPECT_EQ(einsum("bij,bjk", {"n,3,4", "n,4,k"}), "f32[3,k]");
  EXPECT_EQ(einsum("ii", {"3,3"}), "f32[]");
  EXPECT_EQ(einsum("...ij,...jk->...ik", {"n,1,3,4", "7,4,2"}), "f32[n,7,3,2]");
  EXPECT_EQ(einsum("ij->ji", {"n,1"}), "f32[1,n]");
}

TEST(Einsum, Contradictions) {
  EXPECT_EQ(
      einsum("ij,jk->ik", {"3,4", "5,6"}),
      "it (Einsum): equation \"ij,jk->ik\": axis 0 of operand 1, of dims [5,6], has 5 elements; "
      "another axis of the same letter has 4");
  EXPECT_EQ(einsum("ij,jk->ik", {"3,4"}),
            "it (Einsum): attribute \"equation\" is \"ij,jk->ik\": the equation has 2 terms, the "
            "node has "
            "1 operands");
  EXPECT_EQ(einsum("i->i", {"3,4"}),
            "it (Einsum): attribute \"equation\" is \"i->i\": operand 0 has rank 2; its term names "
            "1 axes");
}

TEST(Einsum, EquationsThatAreNone) {
  const std::vector<int64_t> ranks{2};
  for (const char* equation : {"i1->i", "ij->k", "ij->ii", "i..->i", "......ij", "ij->->i"})
    EXPECT_EQ(parse_einsum(equation, ranks).status().code(), HY_ERROR_INVALID_MODEL) << equation;
  const std::vector<int64_t> open{-1};
  EXPECT_EQ(parse_einsum("...i->...", open).status().code(), HY_ERROR_UNSUPPORTED);
  EXPECT_TRUE(parse_einsum("ij->i", open).ok());
}

TEST(Losses, Reductions) {
  GraphMaker m;
  const ValueId x = m.input("n,c,8"), t = m.input("n,8", HY_DTYPE_I64);
  EXPECT_EQ(m.inferred(m.node("SoftmaxCrossEntropyLoss", {x, t}, {}, 2)), "f32[]");
  EXPECT_EQ(m.type(m.graph.nodes[0].outputs[1]), "f32[n,c,8]");
  GraphMaker none;
  const ValueId y = none.input("n,c,8"), u = none.input("n,8", HY_DTYPE_I64);
  EXPECT_EQ(none.inferred(none.node("NegativeLogLikelihoodLoss", {y, u},
                                    {{"reduction", std::string("none")}})),
            "f32[n,8]");
  GraphMaker bad;
  const ValueId z = bad.input("n,c,8"), v = bad.input("n,7", HY_DTYPE_I64);
  EXPECT_EQ(bad.inferred(bad.node("NegativeLogLikelihoodLoss", {z, v})),
            "it (NegativeLogLikelihoodLoss): operand 1 has the dims [n,7]; operand 0 has [n,c,8]: "
            "all but "
            "its class axis are equal");
}

}  // namespace
}  // namespace halyard::core
