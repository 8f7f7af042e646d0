// The configuration through the C++ layer over the C API.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "halyard/halyard.hpp"

namespace halyard {
namespace {

using Json = nlohmann::json;

Config made() {
  auto out = Config::create();
  EXPECT_TRUE(out.ok());
  return std::move(out).value();
}

TEST(ConfigApi, ErrorsAreLinesAndKept) {
  Config c = made();
  const Status first = c.add_text("threads: many\npolcy: 1\n", "a.yaml");
  EXPECT_EQ(first.code(), HY_ERROR_CONFIG);
  EXPECT_EQ(first.message(),
            "a.yaml:1:10: error: threads: a whole number from 0 to 4096 is wanted; \"many\" stands "
            "here\n"
            "a.yaml:2:1: error: polcy: there is no key \"polcy\"; did you mean \"policy\"?");
  EXPECT_TRUE(c.set("log.level", "info").ok());
  EXPECT_EQ(c.set("log.level", "loud", "the menu").message(),
            "the menu: error: log.level: \"loud\" is none of trace, debug, info, warn, error");
  EXPECT_EQ(c.check().code(), HY_ERROR_CONFIG);
  const auto report = c.report(HY_CONFIG_ISSUES);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(Json::parse(*report)["errors"].size(), 3u);
}

TEST(ConfigApi, WhatIsRightCounts) {
  Config c = made();
  ASSERT_TRUE(c.add_text("threads: 3\npolicy: {objective: power}\n").ok());
  ASSERT_TRUE(c.set("threads", "4").ok());
  const auto report = c.report(HY_CONFIG_EFFECTIVE);
  ASSERT_TRUE(report.ok());
  int seen = 0;
  const Json values = Json::parse(*report);
  for (const Json& row : values["values"]) {
    if (row["key"] == "threads") {
      ++seen;
      EXPECT_EQ(row["value"], 4);
    }
    if (row["key"] == "policy.objective") {
      ++seen;
      EXPECT_EQ(row["origin"]["line"], 2);
    }
  }
  EXPECT_EQ(seen, 2);
  const auto schema = c.report(HY_CONFIG_SCHEMA);
  ASSERT_TRUE(schema.ok());
  EXPECT_TRUE(Json::parse(*schema)["properties"].contains("policy"));
  EXPECT_EQ(c.report(99).status().code(), HY_ERROR_INVALID_ARGUMENT);
}

TEST(ConfigApi, ARuntimeRefusesOneWithErrorsAndKeepsACopyOfAGoodOne) {
  Config bad = made();
  EXPECT_FALSE(bad.add_text("polcy: 1\n").ok());
  RuntimeOptions options;
  options.default_plugins = false;
  options.plugin_path = "/nonexistent";
  options.config = &bad;
  EXPECT_EQ(Runtime::create(options).status().code(), HY_ERROR_CONFIG);

  std::vector<std::string> lines;
  options.log = [&](uint32_t, std::string_view line) { lines.emplace_back(line); };
  Result<Runtime> runtime = internal_error("");
  {
    Config good = made();
    ASSERT_TRUE(good.add_text("place: [{match: {op: Y}, provider: b}]\n", "g.yaml").ok());
    ASSERT_TRUE(good.set("providers", "nobody", "the menu").ok());
    ASSERT_TRUE(good.set("require.provider", "nobody", "the menu").ok());
    options.config = &good;
    runtime = Runtime::create(options);
    ASSERT_TRUE(runtime.ok());
    // What concerns plugins is known with a runtime alone.
    EXPECT_TRUE(good.check().ok());
    EXPECT_NE(good.check(&*runtime).message().find(
                  "the menu: error: require.provider: there is no plugin \"nobody\" here; no "
                  "providers are here"),
              std::string::npos)
        << good.check(&*runtime).message();
  }
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("note: place[0].provider"), std::string::npos) << lines[0];
}

TEST(ConfigApi, TheLevelOfTheConfigurationIsStronger) {
  Config c = made();
  ASSERT_TRUE(c.set("log.level", "error").ok());
  ASSERT_TRUE(c.add_text("place: [{match: {op: Y}, provider: b}]\n").ok());
  ASSERT_TRUE(c.set("providers", "a").ok());  // which gives a note
  RuntimeOptions options;
  options.default_plugins = false;
  options.config = &c;
  options.log_level = 0;
  int lines = 0;
  options.log = [&](uint32_t, std::string_view) { ++lines; };
  ASSERT_TRUE(Runtime::create(options).ok());
  EXPECT_EQ(lines, 0);
}

TEST(ConfigApi, ALogFileThatCannotBeWritten) {
  Config c = made();
  ASSERT_TRUE(c.set("log.file", testing::TempDir()).ok());
  RuntimeOptions options;
  options.config = &c;
  const auto runtime = Runtime::create(options);
  EXPECT_EQ(runtime.status().code(), HY_ERROR_IO);
  EXPECT_NE(runtime.status().message().find("log.file " + testing::TempDir()), std::string::npos);
}

TEST(ConfigApi, NullsAreArguments) {
  hy_str text{};
  EXPECT_EQ(hy_config_create(nullptr), HY_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(hy_config_add_file(nullptr, "x"), HY_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(hy_config_check(nullptr, nullptr), HY_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(hy_config_report(nullptr, nullptr, HY_CONFIG_ISSUES, &text), HY_ERROR_INVALID_ARGUMENT);
  hy_config_destroy(nullptr);
  const Config c = made();
  EXPECT_EQ(hy_config_add_file(c.raw(), nullptr), HY_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(hy_config_add_text(c.raw(), nullptr, "x"), HY_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(hy_config_set(c.raw(), "threads", nullptr, nullptr), HY_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(hy_config_report(c.raw(), nullptr, HY_CONFIG_ISSUES, nullptr),
            HY_ERROR_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace halyard
