#include "core/config/keys.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/config/value.hpp"

namespace halyard::core::config {
namespace {

std::string parent_of(std::string_view path) {
  const size_t dot = path.rfind('.');
  std::string out(dot == std::string_view::npos ? "" : path.substr(0, dot));
  if (out.ends_with("[]")) out.resize(out.size() - 2);
  return out;
}

TEST(Keys, RowsAreWhole) {
  std::set<std::string_view> seen;
  for (const Key& key : key_table()) {
    EXPECT_TRUE(seen.insert(key.path).second) << key.path << " has two rows";
    EXPECT_FALSE(key.doc.empty()) << key.path;
    EXPECT_FALSE(key.doc.ends_with('.')) << key.path;
    const std::string parent = parent_of(key.path);
    EXPECT_TRUE(parent.empty() || seen.contains(parent)) << key.path << " precedes its group";
    const bool chooses = key.kind == KeyKind::kChoice || key.kind == KeyKind::kChoiceList;
    EXPECT_EQ(chooses, !key.choices.empty()) << key.path;
    const bool number = key.kind == KeyKind::kInt || key.kind == KeyKind::kNumber ||
                        key.kind == KeyKind::kSize || key.kind == KeyKind::kShare;
    EXPECT_EQ(number, key.max > key.min) << key.path;
  }
}

TEST(Keys, DefaultsAreValid) {
  for (const Key& key : key_table()) {
    if (key.preset.empty()) continue;
    std::vector<Issue> issues;
    Value value;
    const YamlNode node = read_yaml(key.preset, "preset", &issues);
    EXPECT_TRUE(issues.empty()) << key.path;
    const auto problem = parse_value(key, node, &value);
    EXPECT_FALSE(problem) << key.path << ": " << problem->message;
    if (problem) continue;
    EXPECT_EQ(value_text(key, value), key.preset) << key.path;
  }
}

TEST(Keys, NamesOfAChoiceAreNotShared) {
  for (const Key& key : key_table())
    for (const std::string_view name : choice_names(key.choices))
      EXPECT_EQ(choice_meant(key.choices, name), name) << key.path;
}

TEST(Keys, Variables) {
  EXPECT_EQ(variable_of(*find_key("policy.placement")), "HALYARD_POLICY_PLACEMENT");
  EXPECT_EQ(variable_of(*find_key("compute_units")), "HALYARD_COMPUTE_UNITS");
  EXPECT_EQ(variable_of(*find_key("policy.precision")), "HALYARD_PRECISION");
  EXPECT_EQ(variable_of(*find_key("require.provider")), "HALYARD_REQUIRE");
  EXPECT_EQ(variable_of(*find_key("plugins.path")), "HALYARD_PLUGIN_PATH");
  EXPECT_EQ(variable_of(*find_key("policy")), "");
  EXPECT_EQ(variable_of(*find_key("providers[].threads")), "");
  std::set<std::string> seen;
  for (const Key& key : key_table()) {
    const std::string name = variable_of(key);
    EXPECT_TRUE(name.empty() || seen.insert(name).second) << name;
  }
}

TEST(Keys, PathsWithoutNumbers) {
  EXPECT_EQ(without_numbers("providers[12].options.x"), "providers[].options.x");
  EXPECT_EQ(without_numbers("policy.placement"), "policy.placement");
}

}  // namespace
}  // namespace halyard::core::config
