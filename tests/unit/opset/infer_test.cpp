#include "core/opset/infer.hpp"

#include "graph_maker.hpp"
#include "tests/unit/pending_operators.hpp"

namespace halyard::core {
namespace {

TEST(Infer, EveryOperatorOfTheTableHasAShapeFunction) {
  for (const hy_operator& row : hy_operators) {
    const std::string name = test::qualified(row.domain, row.name);
    const OperatorImpl* impl = find_operator_impl(row.domain, row.name);
    EXPECT_EQ(impl != nullptr, !test::pending_operators().contains(name)) << name;
    EXPECT_TRUE(impl == nullptr || impl->infer != nullptr) << name;
  }
  EXPECT_EQ(find_operator_impl("", "Nothing"), nullptr);
  EXPECT_EQ(find_operator_impl("other", "Add"), nullptr);
}

TEST(Infer, UnknownOperatorsKeepWhatTheImporterDeclared) {
  GraphMaker m;
  const ValueId y = m.node("Frobnicate", {m.input("n,3")});
  m.graph.values[y].type = {HY_DTYPE_F16, m.shape("n,7")};
  EXPECT_EQ(m.inferred(m.node("Relu", {y})), "f16[n,7]");
}

TEST(Infer, AnotherSignatureIsAnUnknownOperator) {
  GraphMaker m;
  const ValueId y = m.node("Relu", {m.input("n,3")});
  m.graph.nodes[0].signature ^= 1;
  m.graph.values[y].type = {HY_DTYPE_F64, m.shape("2")};
  EXPECT_EQ(m.inferred(y), "f64[2]");
}

TEST(Infer, MissingOperandIsNamed) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Conv", {m.input("1,3,8,8")})),
            "it (Conv): operand \"W\" is missing");
  GraphMaker other;
  EXPECT_EQ(other.inferred(other.node("Concat", {}, {{"axis", int64_t{0}}})),
            "it (Concat): operand \"inputs\" is missing");
}

TEST(Infer, TooManyOperandsAreCounted) {
  GraphMaker m;
  const ValueId x = m.input("3");
  EXPECT_EQ(m.inferred(m.node("Relu", {x, x})), "it (Relu): it has 2 operands; it takes at most 1");
  GraphMaker padded;
  EXPECT_EQ(padded.inferred(padded.node("Clip", {padded.input("3"), kNone, kNone, kNone})),
            "f32[3]");
}

TEST(Infer, WrongTypeNamesOperandAndWhatIsAllowed) {
  GraphMaker m;
  const ValueId x = m.input("3", HY_DTYPE_I32);
  EXPECT_EQ(m.inferred(m.node("Exp", {x})),
            "it (Exp): operand \"X\" is i32; it may be f32, f64, f16, bf16");
}

TEST(Infer, TypeVariablesAreBoundOnce) {
  GraphMaker m;
  const ValueId x = m.input("3"), y = m.input("3", HY_DTYPE_I64);
  EXPECT_EQ(
      m.inferred(m.node("Add", {x, y})),
      "it (Add): operand \"B\" is i64 but operand \"A\" is f32; they must be of the same type");
  GraphMaker gather;
  const ValueId d = gather.input("3", HY_DTYPE_STRING), i = gather.input("n", HY_DTYPE_I32);
  EXPECT_EQ(gather.inferred(gather.node("Gather", {d, i})), "string[n]");
}

TEST(Infer, AttributesOfTheWrongKindAndMissingOnes) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Concat", {m.input("3")})),
            "it (Concat): attribute \"axis\" is missing; it must be an int");
  GraphMaker kind;
  EXPECT_EQ(kind.inferred(kind.node("Softmax", {kind.input("3")}, {{"axis", Ints{0}}})),
            "it (Softmax): attribute \"axis\" is ints; it must be an int");
}

TEST(Infer, DeclaredTypeThatContradictsIsAnError) {
  GraphMaker m;
  const ValueId y = m.node("Shape", {m.input("n,3")});
  m.graph.values[y].type.dtype = HY_DTYPE_I32;
  EXPECT_EQ(m.inferred(y), "it (Shape): its output \"" + m.graph.values[y].name +
                               "\" is i64 but the model declares it as i32");
  EXPECT_EQ(m.infer().code(), HY_ERROR_INVALID_MODEL);
}

TEST(Infer, TensorsThatCannotExistAreAnError) {
  GraphMaker m;
  const ValueId x = m.input("1,1");
  const ValueId y = m.node("Expand", {x, m.ints({int64_t{1} << 40, int64_t{1} << 40})});
  EXPECT_EQ(m.inferred(y),
            "it (Expand): its output \"" + m.graph.values[y].name +
                "\" would have the dims [1099511627776,1099511627776], which no tensor "
                "can have");
}

TEST(Infer, KnownInputsAndNarrowIntegersAreRead) {
  GraphMaker m;
  const int32_t dims[] = {2, -1};
  const ValueId c = m.graph.add_constant("c", HY_DTYPE_I32, {2}, dims, sizeof dims);
  const ValueId shape = m.input("2", HY_DTYPE_I32);
  m.graph.values[shape].constant = m.graph.values[c].constant;
  EXPECT_EQ(m.inferred(m.node("Reshape", {m.input("n,6"), shape})), "f32[2,3*n]");
}

TEST(Infer, WeightsThatCannotBeReadAreUnknown) {
  GraphMaker m;
  const ValueId shape = m.ints({2, 3});
  m.graph.constants[m.graph.values[shape].constant].bytes = nullptr;
  EXPECT_EQ(m.inferred(m.node("Reshape", {m.input("6"), shape})), "f32[?,?]");
}

TEST(Infer, IsRepeatable) {
  GraphMaker m;
  const ValueId y = m.node("Relu", {m.input("n,3")});
  EXPECT_EQ(m.inferred(y), "f32[n,3]");
  EXPECT_EQ(m.inferred(y), "f32[n,3]");
}

}  // namespace
}  // namespace halyard::core
