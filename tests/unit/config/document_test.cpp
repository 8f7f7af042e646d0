#include "core/config/document.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace halyard::core::config {
namespace {

using Kind = YamlNode::Kind;

TEST(Document, TreeWithPlaces) {
  std::vector<Issue> issues;
  const YamlNode root = read_yaml("# c\na: 1\nb:\n  - 'x'\n  - {c: ~}\n", "t", &issues);
  EXPECT_TRUE(issues.empty());
  ASSERT_TRUE(root.is(Kind::kMap));
  ASSERT_EQ(root.members.size(), 2u);
  const auto& [a, one] = root.members[0];
  EXPECT_EQ(a.text, "a");
  EXPECT_EQ(one.text, "1");
  EXPECT_FALSE(one.quoted);
  EXPECT_EQ(std::pair(one.line, one.column), std::pair(2u, 4u));
  const YamlNode& b = root.members[1].second;
  ASSERT_TRUE(b.is(Kind::kList));
  EXPECT_TRUE(b.items[0].quoted);
  EXPECT_EQ(std::pair(b.items[0].line, b.items[0].column), std::pair(4u, 5u));
  EXPECT_TRUE(b.items[1].members[0].second.is(Kind::kNull));
}

TEST(Document, ColumnsAreCharacters) {
  std::vector<Issue> issues;
  const YamlNode root = read_yaml("{größe: ä, x: 2}\n", "t", &issues);
  EXPECT_EQ(root.members[1].first.column, 12u);
}

TEST(Document, EmptyOnesSayNothing) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n", "\xEF\xBB\xBF", "~\n"}) {
    std::vector<Issue> issues;
    EXPECT_TRUE(read_yaml(text, "t", &issues).is(Kind::kNull)) << text;
    EXPECT_TRUE(issues.empty()) << text;
  }
}

TEST(Document, AByteOrderMarkIsNoPartOfTheFirstKey) {
  std::vector<Issue> issues;
  const YamlNode root = read_yaml("\xEF\xBB\xBFthreads: 1\n", "t", &issues);
  ASSERT_EQ(root.members.size(), 1u);
  EXPECT_EQ(root.members[0].first.text, "threads");
  EXPECT_EQ(root.members[0].first.column, 1u);
}

TEST(Document, HugeOnesAreRefused) {
  std::vector<Issue> issues;
  read_yaml(std::string(kMaxYamlBytes + 1, ' '), "t", &issues);
  ASSERT_EQ(issues.size(), 1u);
  EXPECT_NE(issues[0].message.find("1048577 bytes"), std::string::npos);
}

TEST(Document, ManyValuesAreRefused) {
  std::string text = "[";
  for (size_t i = 0; i <= kMaxYamlNodes; ++i) text += "0,";
  std::vector<Issue> issues;
  read_yaml(text + "]", "t", &issues);
  ASSERT_EQ(issues.size(), 1u);
  EXPECT_EQ(issues[0].message, "more than 100000 values");
}

TEST(Document, DeepNestingIsRefused) {
  for (const char* open : {"[", "{a: ", "- "}) {
    std::string text;
    for (int i = 0; i < 20000; ++i) text += open;
    std::vector<Issue> issues;
    read_yaml(text, "t", &issues);
    ASSERT_FALSE(issues.empty()) << open;
    EXPECT_LT(issues.size(), 3u) << open;
  }
}

// An alias is never followed, so this stays as small as its text.
TEST(Document, ABombOfAliasesIsNotExpanded) {
  std::string text = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 200; ++i)
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
            ", *a" + std::to_string(i - 1) + "]\n";
  std::vector<Issue> issues;
  const YamlNode root = read_yaml(text, "t", &issues);
  EXPECT_EQ(root.members.size(), 200u);
  EXPECT_EQ(issues.size(), 200u + 2 * 199u);
}

// Random damage: nothing escapes, and every complaint has a place within the text.
TEST(Document, DamageIsAnIssueAndNeverMore) {
  const std::string good =
      "providers:\n  - {id: a, threads: 2, options: {x: \"y\\n\"}}\n  - b\npolicy:\n  placement: "
      "cost\n  min_gain_us: 2.5 # c\nplace:\n- match:\n    op: [Conv, 'Mat*']\n  provider: a\n"
      "log: {level: |\n  info\n}\n";
  constexpr std::string_view kPieces = "{}[],:-&*!|>'\"%@`#?\n\t \\~<ax0\x01\xff\xc3";
  std::mt19937 random(20260);
  for (int round = 0; round < 4000; ++round) {
    std::string text = good;
    for (uint32_t k = random() % 4 + 1; k != 0; --k) {
      const size_t at = random() % text.size();
      const char piece = kPieces[random() % kPieces.size()];
      if (random() % 3 == 0)
        text.erase(at, random() % 9 + 1);
      else if (random() % 2 == 0)
        text.insert(at, random() % 5 + 1, piece);
      else
        text[at] = piece;
      if (text.empty()) text = "x";
    }
    std::vector<Issue> issues;
    read_yaml(text, "t", &issues);
    const auto lines = static_cast<uint32_t>(std::count(text.begin(), text.end(), '\n') + 2);
    for (const Issue& issue : issues) {
      EXPECT_FALSE(issue.message.empty());
      EXPECT_LE(issue.where.line, lines) << "round " << round << "\n" << text;
    }
  }
}

}  // namespace
}  // namespace halyard::core::config
