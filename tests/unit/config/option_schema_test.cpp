#include "core/config/option_schema.hpp"

#include <gtest/gtest.h>

#include "core/config/config.hpp"
#include "halyard/abi/plugin.h"

namespace halyard::core::config {
namespace {

std::vector<OptionSchema> schema() {
  return {{"tile", HY_OPTION_INT, {}, 1, 64, "8", "The tile", true},
          {"mode", HY_OPTION_CHOICE, {"fast", "exact"}, {}, {}, "fast", "How", true},
          {"scratch", HY_OPTION_BYTES, {}, {}, {}, "1MiB", "Memory", false},
          {"gain", HY_OPTION_FLOAT, {}, {}, {}, "", "", true},
          {"log", HY_OPTION_BOOL, {}, {}, {}, "", "", true},
          {"name", HY_OPTION_STRING, {}, {}, {}, "", "", true}};
}

std::string canonical(size_t option, const char* text) {
  std::string out;
  const auto problem = check_option(schema()[option], text, &out);
  return problem ? "! " + problem->message : out;
}

TEST(OptionSchema, TextsBecomeCanonical) {
  EXPECT_EQ(canonical(0, "+16"), "16");
  EXPECT_EQ(canonical(1, "exact"), "exact");
  EXPECT_EQ(canonical(2, "2MiB"), "2097152");
  EXPECT_EQ(canonical(3, "-0.5"), "-0.5");
  EXPECT_EQ(canonical(4, "true"), "true");
  EXPECT_EQ(canonical(5, "any thing: at all"), "any thing: at all");
}

TEST(OptionSchema, WrongOnesAreNamed) {
  EXPECT_EQ(canonical(0, "65"), "! 65 is too large; a whole number from 1 to 64 is wanted");
  EXPECT_EQ(canonical(0, "x"), "! a whole number from 1 to 64 is wanted; \"x\" stands here");
  EXPECT_EQ(canonical(1, "slow"), "! \"slow\" is none of fast, exact");
  EXPECT_EQ(canonical(2, "-1"),
            "! -1 is too small; a size in bytes such as 4096, 512MiB or 2GB is wanted");
  EXPECT_EQ(canonical(3, "much"), "! a number is wanted; \"much\" stands here");
  EXPECT_EQ(canonical(4, "yes"), "! true or false is wanted; \"yes\" stands here");
}

TEST(OptionSchema, TypesHaveNames) {
  for (const OptionSchema& o : schema())
    EXPECT_EQ(option_type_from_name(option_type_name(o.type)), o.type);
  EXPECT_EQ(option_type_from_name("nonsense"), 0u);
}

std::string issues(const char* yaml) {
  Config c;
  c.add_text(yaml, "t");
  EXPECT_TRUE(c.status().ok());
  const std::vector<PluginInfo> plugins = {{"acme", true, "", schema()},
                                           {"plain", true, "", std::nullopt},
                                           {"none", true, "", std::vector<OptionSchema>()},
                                           {"broken", true, "ARCH: made for another", std::nullopt},
                                           {"paper", false, "", std::nullopt}};
  std::string out;
  for (const Issue& i : c.plugin_issues(plugins)) out += i.text() + "\n";
  return out;
}

TEST(PluginIssues, OptionsAreCheckedByTheirSchema) {
  EXPECT_EQ(issues("providers:\n  - {id: acme, options: {tile: 8, mode: exact, scratch: 1KiB}}\n"),
            "");
  EXPECT_EQ(
      issues("providers:\n  - {id: acme, options: {tiles: 8}}\n"),
      "t:2:33: error: providers[0].options.tiles: the provider has no option \"tiles\"; did you "
      "mean \"tile\"?\n");
  EXPECT_EQ(
      issues("providers:\n  - id: acme\n    options:\n      tile: 99\n      mode: fats\n"),
      "t:5:13: error: providers[0].options.mode: \"fats\" is none of fast, exact; did you mean "
      "\"fast\"?\n"
      "t:4:13: error: providers[0].options.tile: 99 is too large; a whole number from 1 to 64 is "
      "wanted; the most is 64\n");
  EXPECT_EQ(
      issues("providers:\n  - {id: none, options: {x: 1}}\n"),
      "t:2:29: error: providers[0].options.x: the provider has no option \"x\"; it has none at "
      "all\n");
  EXPECT_EQ(issues("providers:\n  - {id: plain, options: {x: 1}}\n"), "");
}

TEST(PluginIssues, AProviderThatIsNotHereIsANoteInAFile) {
  EXPECT_EQ(
      issues("providers: [acne, plain]\n"),
      "t:1:13: note: providers[0].id: there is no plugin \"acne\" here; did you mean \"acme\"?\n");
  EXPECT_EQ(issues("providers: [broken]\n"),
            "t:1:13: note: providers[0].id: \"broken\" is not used: ARCH: made for another\n");
  EXPECT_EQ(
      issues("providers: [paper]\n"),
      "t:1:13: error: providers[0].id: \"paper\" is a format plugin and no provider; providers "
      "here are: acme, plain, none, broken\n");
  EXPECT_EQ(issues("place:\n  - {match: {op: X}, provider: gone}\n"),
            "t:2:32: note: place[0].provider: there is no plugin \"gone\" here; did you mean "
            "\"none\"?\n");
}

TEST(PluginIssues, WhatIsNamedForThisRunMustBeHere) {
  EXPECT_EQ(
      issues("require: gone4\n"),
      "t:1:10: note: require.provider: there is no plugin \"gone4\" here; providers here are: "
      "acme, plain, none, broken\n");
  Config c;
  c.set("providers", "zzz", "--providers");
  const auto found = c.plugin_issues({});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FALSE(found[0].note);
  EXPECT_EQ(found[0].suggestion, "no providers are here");
}

TEST(PluginIssues, WhatIsSaidOfAnUnlistedProviderIsCheckedToo) {
  Config c;
  c.set("providers.acme.options.tile", "0", "--set");
  const std::vector<PluginInfo> plugins = {{"acme", true, "", schema()}};
  const auto found = c.plugin_issues(plugins);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].key, "providers.acme.options.tile");
}

}  // namespace
}  // namespace halyard::core::config
