// Shapes and types of the classical models.
#include "tests/unit/opset/graph_maker.hpp"

namespace halyard::core {
namespace {

using Floats = std::vector<double>;
using Texts = std::vector<std::string>;

TEST(ShapeMl, RowsGiveARowEach) {
  GraphMaker m;
  const auto linear = m.node("ai.onnx.ml:LinearRegressor", {m.input("n,3")},
                             {{"coefficients", Floats(6)}, {"targets", int64_t{2}}});
  EXPECT_EQ(m.inferred(linear), "f32[n,2]");
  EXPECT_EQ(m.inferred(m.node("ai.onnx.ml:SVMRegressor", {m.input("3")}, {{"rho", Floats(1)}})),
            "f32[1,1]");
  EXPECT_EQ(m.inferred(m.node("ai.onnx.ml:SVMRegressor", {m.input("*")}, {{"rho", Floats(1)}})),
            "f32[?,1]");
}

TEST(ShapeMl, ClassifiersGiveLabelsAndScores) {
  GraphMaker m;
  const auto strings = m.node("ai.onnx.ml:LinearClassifier", {m.input("n,3")},
                              {{"coefficients", Floats(3)},
                               {"intercepts", Floats(1)},
                               {"classlabels_strings", Texts{"a", "b"}}},
                              2);
  EXPECT_EQ(m.inferred(strings), "string[n]");
  EXPECT_EQ(m.type(strings + 1), "f32[n,2]");
  const auto pairs = m.node("ai.onnx.ml:SVMClassifier", {m.input("n,3")},
                            {{"classlabels_ints", Ints{1, 2, 3, 4}},
                             {"support_vectors", Floats(3)},
                             {"coefficients", Floats(3)}},
                            2);
  EXPECT_EQ(m.inferred(pairs), "i64[n]");
  EXPECT_EQ(m.type(pairs + 1), "f32[n,6]");
}

TEST(ShapeMl, FeaturesKeepOrJoinTheirDims) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("ai.onnx.ml:Scaler", {m.input("n,3", HY_DTYPE_I64)})), "f32[n,3]");
  EXPECT_EQ(m.inferred(m.node("ai.onnx.ml:Binarizer", {m.input("n,3", HY_DTYPE_I64)})), "i64[n,3]");
  EXPECT_EQ(m.inferred(m.node("ai.onnx.ml:FeatureVectorizer", {m.input("n,3"), m.input("n,k")})),
            "f32[n,k+3]");
  EXPECT_EQ(m.inferred(m.node("ai.onnx.ml:FeatureVectorizer", {m.input("n,3"), m.input("n,k")},
                              {{"inputdimensions", Ints{2, 5}}})),
            "f32[n,7]");
  EXPECT_EQ(m.inferred(m.node("ai.onnx.ml:ArrayFeatureExtractor",
                              {m.input("n,9"), m.input("1,2", HY_DTYPE_I64)})),
            "f32[n,2]");
  EXPECT_EQ(m.inferred(m.node("ai.onnx.ml:ArrayFeatureExtractor",
                              {m.input("9"), m.input("2", HY_DTYPE_I64)})),
            "f32[1,2]");
}

TEST(ShapeMl, EncodersTakeTheirTypeFromTheAttributes) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("ai.onnx.ml:LabelEncoder", {m.input("n", HY_DTYPE_STRING)},
                              {{"keys_strings", Texts{"a"}}, {"values_floats", Floats{1}}})),
            "f32[n]");
  EXPECT_EQ(m.inferred(m.node("ai.onnx.ml:CategoryMapper", {m.input("n,2", HY_DTYPE_STRING)},
                              {{"cats_int64s", Ints{1}}, {"cats_strings", Texts{"a"}}})),
            "i64[n,2]");
  EXPECT_EQ(m.inferred(m.node("ai.onnx.ml:OneHotEncoder", {m.input("n", HY_DTYPE_I64)},
                              {{"cats_int64s", Ints{1, 2, 3}}})),
            "f32[n,3]");
}

TEST(ShapeMl, NamesWhatIsWrong) {
  GraphMaker m;
  const std::string message = m.inferred(
      m.node("ai.onnx.ml:LinearRegressor", {m.input("n,3,2")}, {{"coefficients", Floats(6)}}));
  EXPECT_NE(message.find("[n,3,2]"), std::string::npos) << message;
  GraphMaker k;
  EXPECT_NE(k.inferred(k.node("ai.onnx.ml:LabelEncoder", {k.input("n")})).find("no keys"),
            std::string::npos);
}

}  // namespace
}  // namespace halyard::core
