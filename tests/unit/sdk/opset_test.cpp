// The operator table: every row means something, and means it once.
#include "halyard/opset.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

namespace halyard::test {
namespace {

TEST(Opset, EveryRowParses) {
  for (const hy_operator& row : hy_operators) {
    SCOPED_TRACE(row.name);
    const OperatorDecl op = detail::parse_operator(row);
    EXPECT_FALSE(op.outputs.empty());
    for (const auto* list : {&op.inputs, &op.outputs})
      for (const OperandDecl& o : *list) {
        EXPECT_FALSE(o.name.empty());
        EXPECT_NE(o.types, 0u) << o.name << " has an unknown type " << o.type;
        EXPECT_TRUE(!o.variadic || &o == &list->back()) << o.name << " is variadic and not last";
      }
    bool optional = false;
    for (const OperandDecl& o : op.inputs) {
      EXPECT_TRUE(!optional || o.optional || o.variadic)
          << o.name << " is mandatory after an optional one";
      optional = optional || o.optional;
    }
  }
}

TEST(Opset, AttributesHaveKnownKindsAndReadableDefaults) {
  const std::set<std::string_view> kinds = {"int",    "float",   "string", "ints",
                                            "floats", "strings", "tensor", "graph"};
  for (const hy_operator& row : hy_operators) {
    SCOPED_TRACE(row.name);
    std::istringstream words(row.attributes);
    for (std::string word; words >> word;) {
      std::string kind = word.substr(word.find(':') + 1);
      kind = kind.substr(0, kind.find('='));
      if (kind.ends_with("?")) kind.pop_back();
      EXPECT_TRUE(kinds.contains(kind)) << word;
    }
    for (const AttributeDecl& a : detail::parse_operator(row).attributes) {
      if (!a.has_default) continue;
      const std::string text(a.text);
      char* end = nullptr;
      if (a.type == HY_ATTR_INT) std::strtoll(text.c_str(), &end, 10);
      if (a.type == HY_ATTR_FLOAT) std::strtod(text.c_str(), &end);
      EXPECT_TRUE(end == nullptr || (end != text.c_str() && *end == 0)) << a.name << "=" << text;
      EXPECT_TRUE(a.type == HY_ATTR_INT || a.type == HY_ATTR_FLOAT || a.type == HY_ATTR_STRING)
          << a.name << ": the builder writes defaults of int, float and string alone";
    }
  }
}

TEST(Opset, RandomOperatorsAreKnownByTheirSeed) {
  std::set<std::string_view> random;
  for (const hy_operator& row : hy_operators)
    if (detail::parse_operator(row).random()) random.insert(row.name);
  EXPECT_EQ(random, (std::set<std::string_view>{"Bernoulli", "Multinomial", "RandomNormal",
                                                "RandomNormalLike", "RandomUniform",
                                                "RandomUniformLike"}));
}

TEST(Opset, NamesAndDigestsAreUnique) {
  std::set<std::string> names;
  std::set<uint64_t> digests;
  for (const hy_operator& row : hy_operators) {
    EXPECT_TRUE(names.insert(std::string(row.domain) + ":" + row.name).second) << row.name;
    EXPECT_TRUE(digests.insert(hy_operator_digest(&row)).second) << row.name;
    EXPECT_NE(hy_operator_digest(&row), 0u);
  }
}

TEST(Opset, DigestIsFnv1a) {
  // Computed once by hand for the row ("", "a", "", "", ""): bytes 0, 'a', 0, 0, 0, 0.
  uint64_t hash = 14695981039346656037ull;
  for (unsigned char c : {0, int{'a'}, 0, 0, 0, 0}) hash = (hash ^ c) * 1099511628211ull;
  const hy_operator row{"", "a", "", "", ""};
  EXPECT_EQ(hy_operator_digest(&row), hash);
}

TEST(Opset, FindsByDomainAndName) {
  ASSERT_NE(find_operator("", "Relu"), nullptr);
  EXPECT_EQ(find_operator("", "Relu")->name, "Relu");
  EXPECT_EQ(find_operator("acme", "Relu"), nullptr);
  EXPECT_EQ(find_operator("", "relu"), nullptr);
}

TEST(Opset, OperandsPastAVariadicOneAreItsOwn) {
  const OperatorDecl* concat = find_operator("", "Concat");
  ASSERT_NE(concat, nullptr);
  EXPECT_EQ(OperatorDecl::at(concat->inputs, 7), &concat->inputs.back());
  EXPECT_EQ(OperatorDecl::at(concat->outputs, 1), nullptr);
}

TEST(Opset, DtypeNamesComeBack) {
  int known = 0;
  for (uint32_t d = 0; d < 64; ++d) {
    const std::string name = dtype_name(d);
    EXPECT_EQ(dtype_from_name(name), name == "undefined" ? 0u : d);
    if (name == "undefined") continue;
    ++known;
    EXPECT_EQ(dtype_bits(d) == 0, d == HY_DTYPE_STRING) << name;
  }
  EXPECT_EQ(known, 29);
}

}  // namespace
}  // namespace halyard::test
