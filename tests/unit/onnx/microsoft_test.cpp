// Operators of com.microsoft and old experimental ones become standard ones.
#include <gtest/gtest.h>

#include "opened.hpp"

namespace halyard::onnx::test {
namespace {

/// A node of com.microsoft with inputs "a", "b", ... of these dims; "" is an absent one.
std::unique_ptr<Opened> opened(const char* op, const std::vector<std::vector<std::string>>& dims,
                               const std::vector<Message>& attributes = {},
                               const Names& outputs = {"y"}, const char* domain = "com.microsoft") {
  GraphSpec g;
  Names inputs;
  for (size_t i = 0; i < dims.size(); ++i) {
    const bool absent = dims[i].size() == 1 && dims[i][0].empty();
    inputs.push_back(absent ? "" : std::string(1, static_cast<char>('a' + i)));
    if (!absent) g.inputs.push_back(value(inputs.back(), kF32, dims[i]));
  }
  g.nodes = {node(op, inputs, outputs, attributes, "it", domain)};
  for (const std::string& name : outputs)
    if (!name.empty()) g.outputs.push_back(value(name, kF32, {}));
  return open_bytes(test::model(g));
}

TEST(Microsoft, ActivationsTakeABias) {
  const auto fast = opened("FastGelu", {{"2", "4"}, {"4"}});
  ASSERT_TRUE(fast->status.ok()) << fast->error();
  EXPECT_EQ(fast->ops(), "Add Gelu");
  EXPECT_EQ(fast->node("Gelu").attr_string("approximate"), "tanh");
  EXPECT_EQ(fast->node("Gelu").domain(), "");
  EXPECT_EQ(opened("FastGelu", {{"2", "4"}})->ops(), "Gelu");
  EXPECT_EQ(opened("BiasGelu", {{"2", "4"}, {"4"}})->node("Gelu").attr_string("approximate"),
            "none");
  EXPECT_NEAR(opened("QuickGelu", {{"2"}})->node("Swish").attr_float("alpha"), 1.702, 1e-6);
}

TEST(Microsoft, SkipNormalizations) {
  const auto whole =
      opened("SkipLayerNormalization", {{"2", "3", "4"}, {"2", "3", "4"}, {"4"}, {"4"}, {"4"}},
             {attribute("epsilon", 0.5f)}, {"y", "", "", "s"});
  ASSERT_TRUE(whole->status.ok()) << whole->error();
  EXPECT_EQ(whole->ops(), "Add Add Identity LayerNormalization");
  EXPECT_DOUBLE_EQ(whole->node("LayerNormalization").attr_float("epsilon"), 0.5);
  EXPECT_EQ(
      opened("SkipSimplifiedLayerNormalization", {{"2", "3", "4"}, {"2", "3", "4"}, {"4"}})->ops(),
      "Add RMSNormalization");
  EXPECT_EQ(opened("SimplifiedLayerNormalization", {{"2", "4"}, {"4"}}, {}, {"y"}, "")->ops(),
            "RMSNormalization");
}

TEST(Microsoft, FusedProducts) {
  const auto product = opened("FusedMatMul", {{"2", "4", "3"}, {"2", "4", "5"}},
                              {attribute("transA", 1), attribute("alpha", 0.5f)});
  ASSERT_TRUE(product->status.ok()) << product->error();
  EXPECT_EQ(product->ops(), "Transpose MatMul Mul");
  const auto conv =
      opened("FusedConv", {{"1", "1", "4", "4"}, {"1", "1", "3", "3"}, {"1"}, {"1", "1", "2", "2"}},
             {attribute("activation", "Relu")});
  ASSERT_TRUE(conv->status.ok()) << conv->error();
  EXPECT_EQ(conv->ops(), "Conv Add Relu");
  const auto odd = opened("FusedConv", {{"1", "1", "4", "4"}, {"1", "1", "3", "3"}},
                          {attribute("activation", "Odd")});
  EXPECT_NE(odd->error().find("activation \"Odd\""), std::string::npos) << odd->error();
}

TEST(Microsoft, AttentionSplitsItsProduct) {
  const auto plain =
      opened("Attention", {{"1", "2", "8"}, {"8", "24"}, {"24"}}, {attribute("num_heads", 2)});
  ASSERT_TRUE(plain->status.ok()) << plain->error();
  EXPECT_EQ(plain->ops(), "MatMul Add Split Attention");
  EXPECT_EQ(plain->node("Attention").attr_int("kv_num_heads"), 2);
  const auto none = opened("Attention", {{"1", "2", "8"}, {"8", "24"}});
  EXPECT_NE(none->error().find("\"num_heads\" is 0"), std::string::npos) << none->error();
  const auto rotary = opened("Attention", {{"1", "2", "8"}, {"8", "24"}},
                             {attribute("num_heads", 2), attribute("do_rotary", 1)});
  EXPECT_NE(rotary->error().find("do_rotary"), std::string::npos) << rotary->error();
}

TEST(Microsoft, MultiHeadAttentionByItself) {
  const std::vector<std::string> dims{"1", "2", "8"};
  const auto m = opened("MultiHeadAttention", {dims, dims, dims}, {attribute("num_heads", 2)});
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(m->ops(), "Attention");
  const auto packed =
      opened("MultiHeadAttention", {{"1", "2", "2", "3", "4"}}, {attribute("num_heads", 2)});
  ASSERT_TRUE(packed->status.ok()) << packed->error();
  EXPECT_EQ(packed->node("Attention").input_count(), 3u);
}

/// A node with u8 operands where the letter of its kind is 'q', else f32 scalars.
std::string quantised_ops(const char* op, const std::string& kinds,
                          const std::vector<Message>& attributes = {}) {
  GraphSpec g;
  Names inputs;
  for (size_t i = 0; i < kinds.size(); ++i) {
    inputs.push_back(std::string(1, static_cast<char>('a' + i)));
    const bool data = kinds[i] == 'q', scale = kinds[i] == 's';
    g.inputs.push_back(
        value(inputs.back(), scale ? kF32 : kU8,
              data ? std::vector<std::string>{"1", "2", "4", "4"} : std::vector<std::string>{}));
  }
  g.nodes = {node(op, inputs, {"y"}, attributes, "it", "com.microsoft")};
  g.outputs = {value("y", kU8, {})};
  const auto m = open_bytes(test::model(g));
  return m->status.ok() ? m->ops() : m->error();
}

TEST(Microsoft, QuantisedOperatorsRunAsFloats) {
  EXPECT_EQ(quantised_ops("QLinearAdd", "qszqszsz"),
            "DequantizeLinear DequantizeLinear Add QuantizeLinear");
  EXPECT_EQ(quantised_ops("QLinearSigmoid", "qszsz"), "DequantizeLinear Sigmoid QuantizeLinear");
  EXPECT_EQ(quantised_ops("QLinearAveragePool", "qszsz",
                          {attribute("kernel_shape", std::vector<int64_t>{2, 2})}),
            "DequantizeLinear AveragePool QuantizeLinear");
  EXPECT_EQ(
      quantised_ops("QLinearSoftmax", "qszsz", {attribute("opset", 12), attribute("axis", 1)}),
      "DequantizeLinear Shape Flatten Softmax Reshape QuantizeLinear");
  EXPECT_EQ(quantised_ops("QLinearConcat", "szqszqsz", {attribute("axis", 1)}),
            "DequantizeLinear DequantizeLinear Concat QuantizeLinear");
  EXPECT_NE(quantised_ops("QLinearConcat", "szqs").find("4 inputs"), std::string::npos);
  EXPECT_NE(quantised_ops("QLinearAveragePool", "qszsz", {attribute("channels_last", 1)})
                .find("channels_last"),
            std::string::npos);
}

TEST(Microsoft, MatMulNBitsUnpacksItsWeights) {
  GraphSpec g;
  g.inputs = {value("a", kF32, {"2", "6"})};
  // Two columns of 6, in blocks of 4: 2 blocks of 2 bytes each.
  g.initializers = {tensor("b", kU8, {2, 2, 2}, std::string("\x10\x32\x54\x00\x98\xba\xdc\x00", 8)),
                    floats("s", {4}, {1, 1, 1, 1})};
  g.nodes = {node("MatMulNBits", {"a", "b", "s"}, {"y"},
                  {attribute("K", 6), attribute("N", 2), attribute("block_size", 4)}, "it",
                  "com.microsoft")};
  g.outputs = {value("y", kF32, {})};
  const auto m = open_bytes(test::model(g));
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(m->ops(), "Reshape DequantizeLinear Slice Transpose MatMul");
  EXPECT_EQ(m->node("DequantizeLinear").input(0).dtype(), uint32_t{HY_DTYPE_U4});
  g.nodes[0] = node("MatMulNBits", {"a", "b", "s"}, {"y"},
                    {attribute("K", 9), attribute("N", 2), attribute("block_size", 4)}, "it",
                    "com.microsoft");
  EXPECT_NE(open_bytes(test::model(g))->error().find("8 bytes"), std::string::npos);
}

TEST(Legacy, CropIsASlice) {
  const auto m = opened("Crop", {{"1", "3", "8", "8"}},
                        {attribute("border", std::vector<int64_t>{1, 2, 0, 3})}, {"y"}, "");
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(int_operand(*m, m->node("Slice"), 1), (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(int_operand(*m, m->node("Slice"), 2), (std::vector<int64_t>{-3, INT64_MAX}));
  const auto bad = opened("Crop", {{"1", "3", "8", "8"}}, {}, {"y"}, "");
  EXPECT_NE(bad->error().find("\"border\""), std::string::npos) << bad->error();
}

TEST(Legacy, ScalesAndFunctions) {
  EXPECT_EQ(
      opened("Affine", {{"2"}}, {attribute("alpha", 2.0f), attribute("beta", 1.0f)}, {"y"}, "")
          ->ops(),
      "Mul Add");
  EXPECT_EQ(
      opened("ScaledTanh", {{"2"}}, {attribute("alpha", 2.0f), attribute("beta", 3.0f)}, {"y"}, "")
          ->ops(),
      "Mul Tanh Mul");
  EXPECT_EQ(
      opened("ImageScaler", {{"1", "3", "4", "4"}},
             {attribute("bias", std::vector<float>{1, 2, 3}), attribute("scale", 2.0f)}, {"y"}, "")
          ->ops(),
      "Mul Reshape Add");
}

}  // namespace
}  // namespace halyard::onnx::test
