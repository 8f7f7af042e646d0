// Shapes of operators on strings.
#include "tests/unit/opset/graph_maker.hpp"

namespace halyard::core {
namespace {

using Texts = std::vector<std::string>;

TEST(ShapeText, NormalizerDropsWords) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("StringNormalizer", {m.input("n", HY_DTYPE_STRING)})),
            "string[max(n,1)]");
  EXPECT_EQ(m.inferred(m.node("StringNormalizer", {m.input("1,3", HY_DTYPE_STRING)})),
            "string[1,3]");
  EXPECT_EQ(m.inferred(m.node("StringNormalizer", {m.input("?,3", HY_DTYPE_STRING)},
                              {{"stopwords", Texts{"a"}}})),
            "string[1,?]");
  EXPECT_NE(
      m.inferred(m.node("StringNormalizer", {m.input("2,3", HY_DTYPE_STRING)})).find("[1,words]"),
      std::string::npos);
}

TEST(ShapeText, ConcatBroadcasts) {
  GraphMaker m;
  const auto a = m.input("n,1", HY_DTYPE_STRING), b = m.input("3", HY_DTYPE_STRING);
  EXPECT_EQ(m.inferred(m.node("StringConcat", {a, b})), "string[n,3]");
  GraphMaker k;
  const auto c = k.input("2", HY_DTYPE_STRING), d = k.input("3", HY_DTYPE_STRING);
  EXPECT_NE(k.inferred(k.node("StringConcat", {c, d})).find("[2]"), std::string::npos);
}

TEST(ShapeText, SplitAddsAnAxis) {
  GraphMaker m;
  const auto parts = m.node("StringSplit", {m.input("n,2", HY_DTYPE_STRING)}, {}, 2);
  EXPECT_EQ(m.inferred(parts), "string[n,2,?]");
  EXPECT_EQ(m.type(parts + 1), "i64[n,2]");
}

TEST(ShapeText, MatchIsBool) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("RegexFullMatch", {m.input("n", HY_DTYPE_STRING)},
                              {{"pattern", std::string("a*")}})),
            "bool[n]");
}

Attributes vectorizer(Ints columns) {
  return {{"max_gram_length", int64_t{1}}, {"min_gram_length", int64_t{1}},
          {"max_skip_count", int64_t{0}},  {"mode", std::string("TF")},
          {"ngram_counts", Ints{0}},       {"ngram_indexes", std::move(columns)},
          {"pool_int64s", Ints{5, 6}}};
}

TEST(ShapeText, VectorizerHasAColumnForTheLastIndex) {
  GraphMaker m;
  EXPECT_EQ(
      m.inferred(m.node("TfIdfVectorizer", {m.input("n,c", HY_DTYPE_I64)}, vectorizer({4, 0}))),
      "f32[n,5]");
  EXPECT_EQ(m.inferred(m.node("TfIdfVectorizer", {m.input("c", HY_DTYPE_I32)}, vectorizer({0, 1}))),
            "f32[2]");
  EXPECT_NE(
      m.inferred(m.node("TfIdfVectorizer", {m.input("1,2,3", HY_DTYPE_I64)}, vectorizer({0, 1})))
          .find("[1,2,3]"),
      std::string::npos);
  GraphMaker k;
  EXPECT_NE(k.inferred(k.node("TfIdfVectorizer", {k.input("2", HY_DTYPE_I64)}, vectorizer({0, -1})))
                .find("-1"),
            std::string::npos);
}

}  // namespace
}  // namespace halyard::core
