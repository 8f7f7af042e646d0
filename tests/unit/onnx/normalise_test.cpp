// Old operator forms become the one form of the operator table.
#include <gtest/gtest.h>

#include "opened.hpp"

namespace halyard::onnx::test {
namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;

TEST(Normalise, SqueezeAxesBecomeAnOperand) {
  const auto m =
      OneNode{.op = "Squeeze", .version = 11, .attributes = {attribute("axes", Ints{0, -1})}}
          .open();
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(int_operand(*m, m->node("Squeeze"), 1), (Ints{0, -1}));
  EXPECT_EQ(m->node("Squeeze").attribute_count(), 0u);
}

TEST(Normalise, SqueezeWithoutAxesHasOneOperand) {
  const auto m = OneNode{.op = "Squeeze", .version = 11}.open();
  EXPECT_EQ(m->node("Squeeze").input_count(), 1u);
}

TEST(Normalise, NewSqueezeStays) {
  const auto m = OneNode{
      .op = "Squeeze",
      .version = 13,
      .initializers = {ints("a", {1})},
      .inputs = {
          "x", "a"}}.open();
  EXPECT_EQ(int_operand(*m, m->node("Squeeze"), 1), (Ints{1}));
}

TEST(Normalise, EmptySqueezeAxesAreNone) {
  const auto m =
      OneNode{.op = "Squeeze", .version = 13, .initializers = {ints("a", {})}, .inputs = {"x", "a"}}
          .open();
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(m->node("Squeeze").input_count(), 1u);
}

TEST(Normalise, ReduceMeanTakesAxesAsAttributeUntil17) {
  const auto m = OneNode{.op = "ReduceMean",
                         .version = 17,
                         .attributes = {attribute("axes", Ints{2}), attribute("keepdims", 0)}}
                     .open();
  EXPECT_EQ(int_operand(*m, m->node("ReduceMean"), 1), (Ints{2}));
  EXPECT_EQ(m->node("ReduceMean").attr_int("keepdims"), 0);
  EXPECT_EQ(m->node("ReduceMean").attr_int("noop_with_empty_axes", 7), 0);
}

TEST(Normalise, ReduceSumTakesAxesAsAttributeUntil12) {
  const auto m =
      OneNode{.op = "ReduceSum", .version = 12, .attributes = {attribute("axes", Ints{1})}}.open();
  EXPECT_EQ(int_operand(*m, m->node("ReduceSum"), 1), (Ints{1}));
}

TEST(Normalise, ReshapeOfOpset1) {
  const auto m = OneNode{.op = "Reshape",
                         .version = 1,
                         .attributes = {attribute("shape", Ints{6, -1}),
                                        attribute("consumed_inputs", Ints{0})}}
                     .open();
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(int_operand(*m, m->node("Reshape"), 1), (Ints{6, -1}));
}

TEST(Normalise, SliceOfOpset1) {
  const auto m =
      OneNode{.op = "Slice",
              .version = 9,
              .attributes = {attribute("starts", Ints{0, 1}), attribute("ends", Ints{2, 3}),
                             attribute("axes", Ints{1, 2})}}
          .open();
  const halyard::Node n = m->node("Slice");
  EXPECT_EQ(int_operand(*m, n, 1), (Ints{0, 1}));
  EXPECT_EQ(int_operand(*m, n, 2), (Ints{2, 3}));
  EXPECT_EQ(int_operand(*m, n, 3), (Ints{1, 2}));
}

TEST(Normalise, SplitSizesBecomeAnOperand) {
  const auto m = OneNode{
      .op = "Split",
      .version = 11,
      .attributes = {attribute("split", Ints{1, 2}), attribute("axis", 1)},
      .outputs = {
          "a", "b"}}.open();
  EXPECT_EQ(int_operand(*m, m->node("Split"), 1), (Ints{1, 2}));
  EXPECT_FALSE(m->node("Split").has_attribute("num_outputs"));
}

TEST(Normalise, SplitWithoutSizesCountsItsOutputs) {
  const auto m = OneNode{.op = "Split",
                         .version = 13,
                         .attributes = {attribute("axis", 1)},
                         .outputs = {"a", "", "c"}}
                     .open();
  EXPECT_EQ(m->node("Split").attr_int("num_outputs"), 3);
  EXPECT_EQ(m->node("Split").output_count(), 3u);
}

TEST(Normalise, PadAttributesBecomeOperands) {
  const auto m =
      OneNode{.op = "Pad",
              .version = 10,
              .attributes = {attribute("pads", Ints{0, 0, 1, 0, 0, 1}), attribute("value", 2.5f)}}
          .open();
  EXPECT_EQ(int_operand(*m, m->node("Pad"), 1), (Ints{0, 0, 1, 0, 0, 1}));
  EXPECT_EQ(float_operand(*m, m->node("Pad"), 2), (Floats{2.5f}));
  EXPECT_EQ(m->node("Pad").attr_string("mode"), "constant");
}

TEST(Normalise, ClipBoundsHaveTheTypeOfTheInput) {
  const auto m = OneNode{.op = "Clip",
                         .version = 6,
                         .attributes = {attribute("min", 0.f), attribute("max", 6.f)},
                         .type = kF16}
                     .open();
  const halyard::Node n = m->node("Clip");
  EXPECT_EQ(n.input(1).dtype(), uint32_t{HY_DTYPE_F16});
  EXPECT_EQ(constant_bytes(*m, n.input(2).constant().value()), std::string("\x00\x46", 2));
}

TEST(Normalise, ClipWithoutABoundLeavesItOut) {
  const auto m = OneNode{.op = "Clip", .version = 6, .attributes = {attribute("max", 6.f)}}.open();
  EXPECT_FALSE(m->node("Clip").has_input(1));
  EXPECT_EQ(float_operand(*m, m->node("Clip"), 2), (Floats{6}));
}

TEST(Normalise, OldSoftmaxOverTheLastAxisStays) {
  const auto m =
      OneNode{.op = "Softmax", .version = 11, .attributes = {attribute("axis", 2)}}.open();
  EXPECT_EQ(m->ops(), "Softmax");
  EXPECT_EQ(m->node("Softmax").attr_int("axis"), 2);
}

TEST(Normalise, OldSoftmaxFlattens) {
  const auto m = OneNode{.op = "Softmax", .version = 11}.open();
  EXPECT_EQ(m->ops(), "Shape Flatten Softmax Reshape");
  EXPECT_EQ(m->node("Flatten").attr_int("axis"), 1);
  EXPECT_EQ(m->node("Softmax").attr_int("axis"), -1);
  EXPECT_EQ(m->node("Softmax").origins(), (std::vector<std::string>{"the_node"}));
  EXPECT_EQ(m->node("Reshape").output(0).name(), "y");
}

TEST(Normalise, NewSoftmaxHasTheLastAxisByDefault) {
  const auto m = OneNode{.op = "Softmax", .version = 13}.open();
  EXPECT_EQ(m->ops(), "Softmax");
  EXPECT_EQ(m->node("Softmax").attr_int("axis"), -1);
}

TEST(Normalise, CastNumbersBecomeOurs) {
  const auto m = OneNode{.op = "Cast", .version = 13, .attributes = {attribute("to", 10)}}.open();
  EXPECT_EQ(m->node("Cast").attr_int("to"), HY_DTYPE_F16);
  EXPECT_EQ(m->node("Cast").attr_int("saturate"), 1);
}

TEST(Normalise, CastOfOpset1NamesTheType) {
  const auto m =
      OneNode{.op = "Cast", .version = 5, .attributes = {attribute("to", "INT64")}}.open();
  EXPECT_EQ(m->node("Cast").attr_int("to"), HY_DTYPE_I64);
}

TEST(Normalise, ConstantOfShapeIsZeroByDefault) {
  const auto m = OneNode{.op = "ConstantOfShape", .version = 9, .dims = {"2"}, .type = kI64}.open();
  const Constant value = m->node("ConstantOfShape").attr_tensor("value").value();
  EXPECT_EQ(value.dtype(), uint32_t{HY_DTYPE_F32});
  EXPECT_EQ(constant_bytes(*m, value), std::string(4, '\0'));
}

TEST(Normalise, UpsampleBecomesResize) {
  const auto m =
      OneNode{.op = "Upsample",
              .version = 8,
              .attributes = {attribute("scales", Floats{1, 2, 2}), attribute("mode", "linear")}}
          .open();
  const halyard::Node n = m->node("Resize");
  EXPECT_FALSE(n.has_input(1));
  EXPECT_EQ(float_operand(*m, n, 2), (Floats{1, 2, 2}));
  EXPECT_EQ(n.attr_string("mode"), "linear");
  EXPECT_EQ(n.attr_string("coordinate_transformation_mode"), "asymmetric");
  EXPECT_EQ(n.attr_string("nearest_mode"), "floor");
}

TEST(Normalise, Resize10IsAsymmetric) {
  const auto m = OneNode{
      .op = "Resize",
      .version = 10,
      .initializers = {floats("s", {3}, {1, 2, 2})},
      .inputs = {
          "x", "s"}}.open();
  EXPECT_EQ(float_operand(*m, m->node("Resize"), 2), (Floats{1, 2, 2}));
  EXPECT_EQ(m->node("Resize").attr_string("coordinate_transformation_mode"), "asymmetric");
}

TEST(Normalise, Resize11WithEmptyScalesTakesSizes) {
  const auto m = OneNode{.op = "Resize",
                         .version = 11,
                         .initializers = {floats("e", {0}, {}), ints("n", {2, 6, 8})},
                         .inputs = {"x", "e", "e", "n"}}
                     .open();
  const halyard::Node n = m->node("Resize");
  EXPECT_FALSE(n.has_input(1));
  EXPECT_FALSE(n.has_input(2));
  EXPECT_EQ(int_operand(*m, n, 3), (Ints{2, 6, 8}));
  EXPECT_EQ(n.attr_string("coordinate_transformation_mode"), "half_pixel");
}

TEST(Normalise, TrainedBatchNormalizationTakesTheBatchsStatistics) {
  const auto m =
      OneNode{.op = "BatchNormalization",
              .version = 15,
              .attributes = {attribute("training_mode", 1), attribute("momentum", 0.75f)},
              .initializers = {floats("s", {3}, {1, 1, 1}), floats("v", {3}, {1, 1, 1})},
              .inputs = {"x", "s", "s", "s", "v"},
              .outputs = {"y", "running_mean", "running_var"}}
          .open();
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(int_operand(*m, m->node("ReduceMean"), 1)[0], 0);
  EXPECT_EQ(m->node("BatchNormalization").output_count(), 1u);
  EXPECT_EQ(m->node("Add").input_count(), 2u);
}

TEST(Normalise, GroupNormalizationOfGroupsBecomesOneOfChannels) {
  const auto m = OneNode{.op = "GroupNormalization",
                         .version = 18,
                         .attributes = {attribute("num_groups", 1)},
                         .initializers = {floats("s", {1}, {2}), floats("b", {1}, {1})},
                         .inputs = {"x", "s", "b"}}
                     .open();
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(m->ops(),
            "Shape Div Concat Reshape Expand Reshape Reshape Expand Reshape GroupNormalization");
  EXPECT_EQ(m->node("GroupNormalization").attr_int("num_groups"), 1);
}

TEST(Normalise, OldMeanVarianceNormalizationHasNoAxes) {
  const auto apart = OneNode{.op = "MeanVarianceNormalization", .version = 8}.open();
  EXPECT_EQ(apart->node("MeanVarianceNormalization").attr_ints("axes"), (Ints{2}));
  const auto together =
      OneNode{.op = "MeanVarianceNormalization",
              .version = 8,
              .attributes = {attribute("across_channels", 1), attribute("normalize_variance", 0)}}
          .open();
  EXPECT_EQ(together->ops(), "ReduceMean Sub");
  EXPECT_EQ(int_operand(*together, together->node("ReduceMean"), 1), (Ints{1, 2}));
}

TEST(Normalise, RecurrentNetworksOfBeforeOpset7) {
  const auto m = OneNode{
      .op = "RNN",
      .version = 6,
      .attributes = {attribute("output_sequence", 1)},
      .initializers = {floats("w", {1, 1, 4}, {1, 1, 1, 1}), floats("r", {1, 1, 1}, {1})},
      .inputs = {
          "x", "w",
          "r"}}.open();
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_FALSE(m->node("RNN").has_attribute("output_sequence"));
}

TEST(Normalise, DropoutBecomesIdentity) {
  const auto m =
      OneNode{.op = "Dropout", .version = 7, .attributes = {attribute("ratio", 0.5f)}}.open();
  EXPECT_EQ(m->ops(), "Identity");
}

TEST(Normalise, DropoutMaskIsTrue) {
  const auto m = OneNode{.op = "Dropout", .version = 12, .outputs = {"y", "mask"}}.open();
  EXPECT_EQ(m->ops(), "Shape ConstantOfShape Identity");
}

TEST(Normalise, DropoutInTrainingDrawsAMask) {
  const auto m = OneNode{.op = "Dropout",
                         .version = 13,
                         .attributes = {attribute("seed", 7)},
                         .initializers = {floats("r", {}, {0.25f}),
                                          test::tensor("t", kBool, {}, std::string(1, '\1'))},
                         .inputs = {"x", "r", "t"},
                         .outputs = {"y", "mask"}}
                     .open();
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(m->ops(), "Cast Sub Where RandomUniformLike Less Cast Div Identity Where");
  EXPECT_EQ(m->node("RandomUniformLike").attr_float("seed"), 7.0);
  EXPECT_EQ(m->node("RandomUniformLike").attr_int("dtype"), int64_t{HY_DTYPE_F32});
}

TEST(Normalise, DropoutWithoutARatioDropsHalf) {
  const auto m = OneNode{.op = "Dropout",
                         .version = 13,
                         .initializers = {test::tensor("t", kBool, {}, std::string(1, '\1'))},
                         .inputs = {"x", "", "t"}}
                     .open();
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(m->ops(), "Sub Where RandomUniformLike Less Cast Div Where");
  EXPECT_FALSE(m->node("RandomUniformLike").has_attribute("seed"));
  EXPECT_EQ(float_operand(*m, m->node("Sub"), 1), std::vector<float>{0.5f});
}

TEST(Normalise, RandomOperatorsHaveTheGraphsTypes) {
  const auto m = OneNode{
      .op = "RandomUniform",
      .version = 22,
      .attributes = {attribute("dtype", 11), attribute("shape", std::vector<int64_t>{2, 3})},
      .inputs = {}}.open();
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(m->node("RandomUniform").attr_int("dtype"), int64_t{HY_DTYPE_F64});
  const auto bad =
      OneNode{.op = "Bernoulli", .version = 15, .attributes = {attribute("dtype", 99)}}.open();
  EXPECT_EQ(bad->status.code(), static_cast<uint32_t>(HY_ERROR_INVALID_MODEL));
  EXPECT_NE(bad->error().find("attribute \"dtype\" is 99"), std::string::npos) << bad->error();
}

TEST(Normalise, OldBatchNormalizationLosesTrainingOutputs) {
  GraphSpec g;
  g.inputs = {value("x", kF32, {"1", "2", "3"})};
  g.outputs = {value("y", kF32, {})};
  for (const char* name : {"s", "b", "m", "v"}) g.initializers.push_back(floats(name, {2}, {1, 1}));
  g.nodes = {node("BatchNormalization", {"x", "s", "b", "m", "v"}, {"y", "o1", "o2"},
                  {attribute("momentum", 0.9f), attribute("spatial", 1)})};
  const auto m = open_bytes(test::model(g, 7));
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(m->node("BatchNormalization").output_count(), 1u);
  EXPECT_EQ(m->node("BatchNormalization").attribute_count(), 1u);  // epsilon
}

TEST(Normalise, SumBecomesAdds) {
  const auto m = OneNode{.op = "Sum", .version = 13, .inputs = {"x", "x", "x"}}.open();
  EXPECT_EQ(m->ops(), "Add Add");
}

TEST(Normalise, BroadcastOfBeforeOpset7AlignsByAxis) {
  const auto m = OneNode{
      .op = "Add",
      .version = 6,
      .attributes = {attribute("broadcast", 1), attribute("axis", 1)},
      .initializers = {floats("b", {3}, {1, 2, 3})},
      .inputs = {
          "x", "b"}}.open();
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(m->ops(), "Unsqueeze Add");
  EXPECT_EQ(int_operand(*m, m->node("Unsqueeze"), 1), (Ints{1}));
}

TEST(Normalise, ConstantsAreValuesNotNodes) {
  GraphSpec g;
  g.inputs = {value("x", kI64, {"2"})};
  g.nodes = {node("Constant", {}, {"c"}, {attribute("value_ints", Ints{3, 4})}),
             node("Add", {"x", "c"}, {"y"})};
  g.outputs = {value("y", kI64, {})};
  const auto m = open_bytes(test::model(g));
  EXPECT_EQ(m->ops(), "Add");
  EXPECT_EQ(int_operand(*m, m->node("Add"), 1), (Ints{3, 4}));
}

TEST(Normalise, UnknownOperatorsKeepEverything) {
  GraphSpec g;
  g.inputs = {value("x", kF32, {"2"})};
  g.nodes = {node("CDist", {"x", "", "x"}, {"y"}, {attribute("k", 3)}, "n", "com.microsoft")};
  g.outputs = {value("y", kF32, {})};
  const auto m = open_bytes(test::model(g));
  const halyard::Node n = m->node("CDist");
  EXPECT_EQ(n.domain(), "com.microsoft");
  EXPECT_EQ(n.name(), "n");
  EXPECT_EQ(n.signature(), 0u);
  EXPECT_EQ(n.input_count(), 3u);
  EXPECT_EQ(n.attr_int("k"), 3);
}

TEST(Normalise, DefaultsAreWritten) {
  const auto m = OneNode{.op = "LeakyRelu", .version = 6}.open();
  EXPECT_DOUBLE_EQ(m->node("LeakyRelu").attr_float("alpha"), 0.01);
  EXPECT_NE(m->node("LeakyRelu").signature(), 0u);
}

TEST(Normalise, NewerOpsetsThanKnownAreRead) {
  const auto m = OneNode{.op = "Relu", .version = 999}.open();
  EXPECT_EQ(m->ops(), "Relu");
}

TEST(Normalise, DftOfBefore20HasItsAxisAsAttribute) {
  const auto m = OneNode{
      .op = "DFT",
      .version = 17,
      .attributes = {attribute("axis", 2)},
      .dims = {"1", "4", "5",
               "2"}}.open();
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(int_operand(*m, m->node("DFT"), 2), (Ints{2}));
  const auto absent = OneNode{.op = "DFT", .version = 19, .dims = {"1", "4", "5", "2"}}.open();
  EXPECT_EQ(int_operand(*absent, absent->node("DFT"), 2), (Ints{1}));
}

TEST(Normalise, WindowsNameTheGraphsElementType) {
  const auto window = [](int type) {
    return OneNode{.op = "HannWindow",
                   .version = 17,
                   .attributes = {attribute("output_datatype", type)},
                   .dims = {},
                   .type = kI64}
        .open();
  };
  EXPECT_EQ(window(10)->node("HannWindow").attr_int("output_datatype"), HY_DTYPE_F16);
  EXPECT_NE(window(99)->error().find("\"output_datatype\" is 99"), std::string::npos);
}

TEST(Normalise, OldFormsOfImageOperators) {
  const auto pool =
      OneNode{.op = "LpPool",
              .version = 1,
              .attributes = {attribute("p", 3.0f), attribute("kernel_shape", Ints{1})}}
          .open();
  EXPECT_EQ(pool->node("LpPool").attr_int("p"), 3);
  const auto half =
      OneNode{.op = "LpPool",
              .version = 1,
              .attributes = {attribute("p", 2.5f), attribute("kernel_shape", Ints{1})}}
          .open();
  EXPECT_NE(half->error().find("whole numbers"), std::string::npos) << half->error();
  const std::pair<const char*, const char*> modes[] = {
      {"bilinear", "linear"}, {"bicubic", "cubic"}, {"nearest", "nearest"}};
  for (const auto& [old_name, name] : modes) {
    const auto m = OneNode{
        .op = "GridSample",
        .version = 16,
        .attributes = {attribute("mode", old_name)},
        .inputs = {
            "x", "x"}}.open();
    ASSERT_TRUE(m->status.ok()) << m->error();
    EXPECT_EQ(m->node("GridSample").attr_string("mode"), name);
  }
}

TEST(Normalise, ElementTypesInAttributes) {
  const auto m = OneNode{
      .op = "QuantizeLinear",
      .version = 21,
      .attributes = {attribute("output_dtype", 5)},
      .inputs = {
          "x", "x"}}.open();
  EXPECT_EQ(m->node("QuantizeLinear").attr_int("output_dtype"), int64_t{HY_DTYPE_I16});
}

}  // namespace
}  // namespace halyard::onnx::test
