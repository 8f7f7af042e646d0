// Operators on strings.
#include <gtest/gtest.h>

#include "providers/cpu/text_case.hpp"
#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<double>;
using Texts = std::vector<std::string>;

std::string message_of(const std::string& op, const Attributes& attributes,
                       const std::vector<std::optional<TestTensor>>& inputs) {
  const auto out = run_node(op, attributes, inputs);
  return out.ok() ? std::string("it runs") : out.status().message();
}

// ---- TextCase -----------------------------------------------------------------------------------

TEST(TextCase, MapsUnicode) {
  auto text_case = TextCase::make("en_US");
  ASSERT_TRUE(text_case.ok()) << text_case.status().message();
  EXPECT_EQ(text_case->upper("straße ñandú έτσι жук iı"), "STRAßE ÑANDÚ ΈΤΣΙ ЖУК II");
  EXPECT_EQ(text_case->lower("ÀÉÎ ΑΒΓ ЖУК I"), "àéî αβγ жук i");
  EXPECT_EQ(text_case->upper("日本 😀 ⓐ"), "日本 😀 Ⓐ");
}

TEST(TextCase, KeepsWhatIsNoUtf8) {
  auto text_case = TextCase::make("");
  ASSERT_TRUE(text_case.ok());
  EXPECT_EQ(text_case->upper("a\xff"
                             "b\xc3"),
            "A\xff"
            "B\xc3");
  EXPECT_EQ(text_case->upper("\xc0\xa1 \xed\xa0\x80 \xe0\x80\xa1 \xf4\x90\x80\x80 \xe2\x82"),
            "\xc0\xa1 \xed\xa0\x80 \xe0\x80\xa1 \xf4\x90\x80\x80 \xe2\x82");
}

TEST(TextCase, TurkicKeepsItsDots) {
  for (const char* name : {"tr_TR", "tr", "az-AZ.UTF-8"}) {
    auto text_case = TextCase::make(name);
    ASSERT_TRUE(text_case.ok());
    EXPECT_EQ(text_case->upper("iı"), "İI") << name;
    EXPECT_EQ(text_case->lower("İI"), "iı") << name;
  }
}

// ---- StringNormalizer ---------------------------------------------------------------------------

const Texts kDays = {"Monday", "TUESDAY", "wednesday", "Été"};

TEST(StringNormalizer, DropsAndChanges) {
  const auto run = [](const char* change, int64_t sensitive, Texts stopwords) {
    return run_one("StringNormalizer",
                   {{"case_change_action", std::string(change)},
                    {"is_case_sensitive", sensitive},
                    {"stopwords", std::move(stopwords)}},
                   {strings({4}, kDays)})
        .texts();
  };
  EXPECT_EQ(run("NONE", 1, {"monday", "TUESDAY"}), (Texts{"Monday", "wednesday", "Été"}));
  EXPECT_EQ(run("NONE", 0, {"monday", "tuesday"}), (Texts{"wednesday", "Été"}));
  EXPECT_EQ(run("UPPER", 0, {"ÉTÉ"}), (Texts{"MONDAY", "TUESDAY", "WEDNESDAY"}));
  EXPECT_EQ(run("LOWER", 1, {"Été", "été"}), (Texts{"monday", "tuesday", "wednesday"}));
  EXPECT_EQ(run("LOWER", 1, {}), (Texts{"monday", "tuesday", "wednesday", "été"}));
}

TEST(StringNormalizer, LeavesAnEmptyWordWhereAllGo) {
  const TestTensor all =
      run_one("StringNormalizer", {{"stopwords", Texts{"a"}}}, {strings({1, 2}, {"a", "A"})});
  EXPECT_EQ(all.dims, (Ints{1, 1}));
  EXPECT_EQ(all.texts(), (Texts{""}));
  const TestTensor none = run_one("StringNormalizer", {}, {strings({0}, {})});
  EXPECT_EQ(none.dims, (Ints{1}));
  EXPECT_EQ(none.texts(), (Texts{""}));
}

TEST(StringNormalizer, LocaleIsHeeded) {
  EXPECT_EQ(
      run_one("StringNormalizer",
              {{"case_change_action", std::string("UPPER")}, {"locale", std::string("tr_TR")}},
              {strings({1}, {"izmir"})})
          .texts(),
      (Texts{"İZMİR"}));
}

TEST(StringNormalizer, SaysWhatIsWrong) {
  EXPECT_EQ(verdict_of("StringNormalizer", {{"case_change_action", std::string("TITLE")}},
                       {strings({1}, {"a"})}),
            uint32_t{HY_REASON_ATTRIBUTE});
  EXPECT_NE(message_of("StringNormalizer", {}, {strings({2, 1}, {"a", "b"})}).find("[1,words]"),
            std::string::npos);
}

// ---- StringConcat -------------------------------------------------------------------------------

TEST(StringConcat, Broadcasts) {
  const TestTensor z =
      run_one("StringConcat", {}, {strings({2, 1}, {"a", "b"}), strings({3}, {"x", "", "zz"})});
  EXPECT_EQ(z.dims, (Ints{2, 3}));
  EXPECT_EQ(z.texts(), (Texts{"ax", "a", "azz", "bx", "b", "bzz"}));
  EXPECT_EQ(run_one("StringConcat", {}, {strings({}, {"a"}), strings({}, {"b"})}).texts(),
            (Texts{"ab"}));
  EXPECT_EQ(run_one("StringConcat", {}, {strings({0, 1}, {}), strings({3}, {"x", "y", "z"})}).dims,
            (Ints{0, 3}));
  EXPECT_NE(message_of("StringConcat", {}, {strings({2}, {"a", "b"}), strings({3}, {"", "", ""})}),
            "it runs");
}

// ---- StringSplit --------------------------------------------------------------------------------

struct Split {
  TestTensor parts;
  Ints counts;
};
Split split(const Attributes& attributes, const TestTensor& x) {
  RunOptions options;
  options.outputs = 2;
  auto out = run_node("StringSplit", attributes, {x}, options);
  EXPECT_TRUE(out.ok()) << out.status().message();
  return {(*out)[0], (*out)[1].values<int64_t>()};
}

TEST(StringSplit, AtADelimiter) {
  const Split s =
      split({{"delimiter", std::string(", ")}}, strings({3}, {"a, b, c", "", ", d,e, "}));
  EXPECT_EQ(s.parts.dims, (Ints{3, 3}));
  EXPECT_EQ(s.parts.texts(), (Texts{"a", "b", "c", "", "", "", "", "d,e", ""}));
  EXPECT_EQ(s.counts, (Ints{3, 1, 3}));
}

TEST(StringSplit, WordsByDefault) {
  for (const Attributes& attributes : {Attributes{}, Attributes{{"delimiter", std::string()}}}) {
    const Split s = split(attributes, strings({2, 1}, {" hello \t world ", "  "}));
    EXPECT_EQ(s.parts.dims, (Ints{2, 1, 2}));
    EXPECT_EQ(s.parts.texts(), (Texts{"hello", "world", "", ""}));
    EXPECT_EQ(s.counts, (Ints{2, 0}));
  }
}

TEST(StringSplit, StopsAfterMaxsplit) {
  EXPECT_EQ(split({{"maxsplit", int64_t{1}}}, strings({1}, {" a b  c "})).parts.texts(),
            (Texts{"a", "b  c "}));
  EXPECT_EQ(split({{"maxsplit", int64_t{0}}}, strings({1}, {" a b "})).parts.texts(),
            (Texts{"a b "}));
  EXPECT_EQ(
      split({{"delimiter", std::string(".")}, {"maxsplit", int64_t{2}}}, strings({1}, {"a.b.c.d"}))
          .parts.texts(),
      (Texts{"a", "b", "c.d"}));
}

TEST(StringSplit, OfNothingIsNothing) {
  EXPECT_EQ(split({}, strings({0}, {})).parts.dims, (Ints{0, 0}));
  EXPECT_EQ(split({}, strings({1}, {""})).parts.dims, (Ints{1, 0}));
}

// ---- RegexFullMatch -----------------------------------------------------------------------------

TEST(RegexFullMatch, MatchesTheWholeText) {
  const auto run = [](const char* pattern, const Texts& texts) {
    return run_one("RegexFullMatch", {{"pattern", std::string(pattern)}},
                   {strings({std::ssize(texts)}, texts)})
        .numbers();
  };
  EXPECT_EQ(run("www[.][a-z]+[.]\\bcom\\b", {"www.google.com", "www.facebook.com!", "www.bbc.com"}),
            (Floats{1, 0, 1}));
  EXPECT_EQ(run("", {"", "a"}), (Floats{1, 0}));
  EXPECT_EQ(run(".", {"é", "ab", "\n"}), (Floats{1, 0, 0}));  // a character, not a byte
  EXPECT_EQ(run("(?i)\\pL+", {"Straße", "a1"}), (Floats{1, 0}));
}

TEST(RegexFullMatch, RefusesWhatIsNoPattern) {
  for (const char* pattern : {"(", "(a)\\1", "a{2000}"}) {
    EXPECT_EQ(
        verdict_of("RegexFullMatch", {{"pattern", std::string(pattern)}}, {strings({1}, {"a"})}),
        uint32_t{HY_REASON_ATTRIBUTE})
        << pattern;
  }
  EXPECT_EQ(verdict_of("RegexFullMatch", {}, {strings({1}, {"a"})}), uint32_t{HY_REASON_ATTRIBUTE});
}

// ---- TfIdfVectorizer ----------------------------------------------------------------------------

/// The pool of all tests: items 2 3 5 4, then pairs 5 6, 7 8, 6 7.
Attributes grams(const char* mode, int64_t shortest, int64_t longest, int64_t skips,
                 Floats weights = {}) {
  Attributes out = {{"mode", std::string(mode)},
                    {"min_gram_length", shortest},
                    {"max_gram_length", longest},
                    {"max_skip_count", skips},
                    {"ngram_counts", Ints{0, 4}},
                    {"ngram_indexes", Ints{0, 1, 2, 3, 4, 5, 6}},
                    {"pool_int64s", Ints{2, 3, 5, 4, 5, 6, 7, 8, 6, 7}}};
  if (!weights.empty()) out.emplace_back("weights", std::move(weights));
  return out;
}

TEST(TfIdfVectorizer, CountsWithAndWithoutSkips) {
  const TestTensor x = tensor<int32_t>({2, 6}, {1, 1, 3, 3, 3, 7, 8, 6, 7, 5, 6, 8});
  expect_near(run_one("TfIdfVectorizer", grams("TF", 2, 2, 0), {x}, {}), {2, 7},
              {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1}, 0);
  expect_near(run_one("TfIdfVectorizer", grams("TF", 1, 2, 0), {x}, {}), {2, 7},
              {0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1}, 0);
  // 7 8 lies three apart.
  expect_near(run_one("TfIdfVectorizer", grams("TF", 2, 2, 5), {x}, {}), {2, 7},
              {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1}, 0);
  const TestTensor row = tensor<int64_t>({12}, {1, 1, 3, 3, 3, 7, 8, 6, 7, 5, 6, 8});
  expect_near(run_one("TfIdfVectorizer", grams("TF", 1, 2, 5), {row}, {}), {7},
              {0, 3, 1, 0, 1, 3, 1}, 0);
  expect_near(run_one("TfIdfVectorizer", grams("TF", 2, 2, INT64_MAX), {row}, {}), {7},
              {0, 0, 0, 0, 1, 3, 1}, 0);
}

TEST(TfIdfVectorizer, Weighs) {
  const TestTensor x = tensor<int64_t>({4}, {3, 3, 7, 8});
  const Floats weights = {9, 0.5, 9, 9, 9, 0.25, 9};
  const auto run = [&](const char* mode, const Floats& w) {
    return run_one("TfIdfVectorizer", grams(mode, 1, 2, 0, w), {x});
  };
  expect_near(run("TF", weights), {7}, {0, 2, 0, 0, 0, 1, 0}, 0);
  expect_near(run("IDF", weights), {7}, {0, 0.5, 0, 0, 0, 0.25, 0}, 0);
  expect_near(run("TFIDF", weights), {7}, {0, 1, 0, 0, 0, 0.25, 0}, 0);
  expect_near(run("IDF", {}), {7}, {0, 1, 0, 0, 0, 1, 0}, 0);
}

TEST(TfIdfVectorizer, TakesStringsAndEmptyRows) {
  const Attributes attributes = {{"mode", std::string("TF")},
                                 {"min_gram_length", int64_t{2}},
                                 {"max_gram_length", int64_t{3}},
                                 {"max_skip_count", int64_t{0}},
                                 {"ngram_counts", Ints{0, 0, 2}},
                                 {"ngram_indexes", Ints{3, 0}},
                                 {"pool_strings", Texts{"a", "b", "a", "b", "c"}}};
  expect_near(run_one("TfIdfVectorizer", attributes, {strings({5}, {"a", "b", "c", "a", "b"})}),
              {4}, {1, 0, 0, 2}, 0);
  expect_near(run_one("TfIdfVectorizer", attributes, {strings({2, 0}, {})}), {2, 4}, Floats(8, 0.0),
              0);
}

TEST(TfIdfVectorizer, SaysWhatIsWrong) {
  const TestTensor x = tensor<int64_t>({1}, {1});
  const auto changed = [](const char* name, AttributeValue value) {
    Attributes out = grams("TF", 1, 2, 0);
    std::erase_if(out, [&](const auto& a) { return a.first == name; });
    out.emplace_back(name, std::move(value));
    return out;
  };
  const auto message = [&](const char* name, AttributeValue value) {
    return message_of("TfIdfVectorizer", changed(name, std::move(value)), {x});
  };
  EXPECT_NE(message("ngram_counts", Ints{0, 99}).find("of 10"), std::string::npos);
  EXPECT_NE(message("ngram_counts", Ints{0, 3}).find("n-grams of 2"), std::string::npos);
  EXPECT_NE(message("ngram_indexes", Ints{0}).find("the pool has 7"), std::string::npos);
  EXPECT_NE(message("ngram_indexes", Ints{0, 1, 2, 3, 4, 5, -6}).find("-6"), std::string::npos);
  EXPECT_NE(message("weights", Floats{1}).find("\"weights\" has 1"), std::string::npos);
  EXPECT_NE(message("max_gram_length", int64_t{3}).find("1 to 3"), std::string::npos);
  EXPECT_NE(message("min_gram_length", int64_t{0}).find("0 to 2"), std::string::npos);
  EXPECT_NE(message("pool_int64s", Ints{2, 2, 5, 4, 5, 6, 7, 8, 6, 7}).find("twice"),
            std::string::npos);
  EXPECT_NE(
      message_of("TfIdfVectorizer", grams("TF", 1, 2, 0), {strings({1}, {"a"})}).find("integers"),
      std::string::npos);
  EXPECT_EQ(verdict_of("TfIdfVectorizer", changed("mode", std::string("BM25")), {x}),
            uint32_t{HY_REASON_ATTRIBUTE});
}

}  // namespace
}  // namespace halyard::cpu::testing
