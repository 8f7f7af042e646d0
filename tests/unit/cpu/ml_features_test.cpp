// Encoders and scalers of features.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<double>;
using Texts = std::vector<std::string>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

RunOptions gives(uint32_t dtype) {
  RunOptions o;
  o.output_types = {dtype};
  return o;
}

std::string message_of(const std::string& op, const Attributes& attributes,
                       const std::vector<std::optional<TestTensor>>& inputs) {
  const auto out = run_node(op, attributes, inputs, gives(HY_DTYPE_F32));
  return out.ok() ? std::string("it runs") : out.status().message();
}

TEST(MlFeatures, ExtractorTakesColumns) {
  const TestTensor at = tensor<int64_t>({1, 2}, {2, 0});
  expect_near(run_one("ai.onnx.ml:ArrayFeatureExtractor", {},
                      {tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6}), at}),
              {2, 2}, {3, 1, 6, 4}, 0);
  expect_near(
      run_one("ai.onnx.ml:ArrayFeatureExtractor", {}, {tensor<int64_t>({3}, {1, 2, 3}), at}),
      {1, 2}, {3, 1}, 0);
  EXPECT_EQ(run_one("ai.onnx.ml:ArrayFeatureExtractor", {}, {strings({1, 3}, {"a", "b", "c"}), at})
                .texts(),
            (Texts{"c", "a"}));
  EXPECT_NE(message_of("ai.onnx.ml:ArrayFeatureExtractor", {}, {tensor<float>({1, 2}, {1, 2}), at})
                .find("index 2 into 2"),
            std::string::npos);
}

TEST(MlFeatures, BinarizerIsStrict) {
  expect_near(run_one("ai.onnx.ml:Binarizer", {{"threshold", 1.0}},
                      {tensor<float>({4}, {0.5, 1, 1.5, kNaN})}),
              {4}, {0, 0, 1, 0}, 0);
  expect_near(run_one("ai.onnx.ml:Binarizer", {{"threshold", 1.0}}, {tensor<int64_t>({2}, {1, 2})}),
              {2}, {0, 1}, 0);
}

TEST(MlFeatures, VectorizerPutsColumnsSideBySide) {
  const TestTensor a = tensor<float>({2, 2}, {1, 2, 3, 4}), b = tensor<float>({2, 1}, {9, 8});
  expect_near(run_one("ai.onnx.ml:FeatureVectorizer", {}, {a, b}, gives(HY_DTYPE_F32)), {2, 3},
              {1, 2, 9, 3, 4, 8}, 0);
  expect_near(run_one("ai.onnx.ml:FeatureVectorizer", {{"inputdimensions", Ints{1, 2}}}, {a, b},
                      gives(HY_DTYPE_F32)),
              {2, 3}, {1, 9, 0, 3, 8, 0}, 0);
}

TEST(MlFeatures, ImputerReplacesAlsoNaN) {
  expect_near(run_one("ai.onnx.ml:Imputer",
                      {{"imputed_value_floats", Floats{5, 6}}, {"replaced_value_float", kNaN}},
                      {tensor<float>({2, 2}, {kNaN, 1, 2, kNaN})}),
              {2, 2}, {5, 1, 2, 6}, 0);
  expect_near(run_one("ai.onnx.ml:Imputer",
                      {{"imputed_value_int64s", Ints{7}}, {"replaced_value_int64", int64_t{-1}}},
                      {tensor<int64_t>({1, 3}, {-1, 0, -1})}),
              {1, 3}, {7, 0, 7}, 0);
  EXPECT_NE(message_of("ai.onnx.ml:Imputer", {{"imputed_value_floats", Floats{1, 2}}},
                       {tensor<float>({1, 3}, {1, 2, 3})})
                .find("1 or 3 are needed"),
            std::string::npos);
}

TEST(MlFeatures, NormalizerDividesByTheNormOfARow) {
  const TestTensor x = tensor<float>({2, 2}, {3, -4, 0, 0});
  const auto run = [&](const char* norm) {
    return run_one("ai.onnx.ml:Normalizer", {{"norm", norm}}, {x}, gives(HY_DTYPE_F32));
  };
  expect_near(run("MAX"), {2, 2}, {1, -4.0 / 3, 0, 0}, 1e-6);
  expect_near(run("L1"), {2, 2}, {3.0 / 7, -4.0 / 7, 0, 0}, 1e-6);
  expect_near(run("L2"), {2, 2}, {0.6, -0.8, 0, 0}, 1e-6);
  EXPECT_EQ(verdict_of("ai.onnx.ml:Normalizer", {{"norm", "L3"}}, {x}),
            uint32_t{HY_REASON_ATTRIBUTE});
}

TEST(MlFeatures, ScalerTakesOneOrAllFactors) {
  const TestTensor x = tensor<int32_t>({2, 2}, {1, 2, 3, 4});
  expect_near(run_one("ai.onnx.ml:Scaler", {{"offset", Floats{1, 2}}, {"scale", Floats{0.5}}}, {x},
                      gives(HY_DTYPE_F32)),
              {2, 2}, {0, 0, 1, 1}, 0);
  expect_near(run_one("ai.onnx.ml:Scaler", {}, {x}, gives(HY_DTYPE_F32)), {2, 2}, {1, 2, 3, 4}, 0);
}

TEST(MlEncoders, LabelEncoderMapsBetweenTypes) {
  expect_near(run_one("ai.onnx.ml:LabelEncoder",
                      {{"keys_strings", Texts{"a", "b"}},
                       {"values_int64s", Ints{3, 4}},
                       {"default_int64", int64_t{9}}},
                      {strings({3}, {"b", "a", "c"})}, gives(HY_DTYPE_I64)),
              {3}, {4, 3, 9}, 0);
  expect_near(run_one("ai.onnx.ml:LabelEncoder",
                      {{"keys_floats", Floats{kNaN, 1}}, {"values_floats", Floats{0.25, 0.75}}},
                      {tensor<float>({3}, {1, kNaN, 2})}, gives(HY_DTYPE_F32)),
              {3}, {0.75, 0.25, 0}, 0);
  EXPECT_EQ(run_one("ai.onnx.ml:LabelEncoder",
                    {{"keys_int64s", Ints{1}}, {"values_strings", Texts{"one"}}},
                    {tensor<int64_t>({2}, {1, 2})}, gives(HY_DTYPE_STRING))
                .texts(),
            (Texts{"one", "_Unused"}));
}

TEST(MlEncoders, LabelEncoderTakesTensors) {
  RunOptions options = gives(HY_DTYPE_I16);
  options.attribute_tensors = {{"keys_tensor", tensor<double>({2}, {1.5, 2.5})},
                               {"values_tensor", tensor<int16_t>({2}, {-1, 300})},
                               {"default_tensor", tensor<int16_t>({1}, {42})}};
  const TestTensor y =
      run_one("ai.onnx.ml:LabelEncoder", {}, {tensor<double>({3}, {2.5, 1.5, 0})}, options);
  EXPECT_EQ(y.values<int16_t>(), (std::vector<int16_t>{300, -1, 42}));
}

TEST(MlEncoders, CategoryMapperGoesBothWays) {
  const Attributes attributes = {{"cats_int64s", Ints{5, 6}}, {"cats_strings", Texts{"x", "y"}}};
  expect_near(run_one("ai.onnx.ml:CategoryMapper", attributes, {strings({2}, {"y", "z"})},
                      gives(HY_DTYPE_I64)),
              {2}, {6, -1}, 0);
  EXPECT_EQ(run_one("ai.onnx.ml:CategoryMapper", attributes, {tensor<int64_t>({2}, {5, 7})},
                    gives(HY_DTYPE_STRING))
                .texts(),
            (Texts{"x", "_Unused"}));
}

TEST(MlEncoders, OneHotEncoderMayRefuseTheUnknown) {
  expect_near(run_one("ai.onnx.ml:OneHotEncoder", {{"cats_int64s", Ints{1, 2}}},
                      {tensor<float>({3}, {2, 1, 7})}, gives(HY_DTYPE_F32)),
              {3, 2}, {0, 1, 1, 0, 0, 0}, 0);
  expect_near(run_one("ai.onnx.ml:OneHotEncoder", {{"cats_strings", Texts{"a", "b"}}},
                      {strings({1, 1}, {"b"})}, gives(HY_DTYPE_F32)),
              {1, 1, 2}, {0, 1}, 0);
  EXPECT_NE(
      message_of("ai.onnx.ml:OneHotEncoder", {{"cats_int64s", Ints{1, 2}}, {"zeros", int64_t{0}}},
                 {tensor<int64_t>({1}, {3})})
          .find("element 0"),
      std::string::npos);
}

}  // namespace
}  // namespace halyard::cpu::testing
