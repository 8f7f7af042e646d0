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
