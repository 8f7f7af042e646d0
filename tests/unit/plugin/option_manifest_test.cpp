#include "core/plugin/option_manifest.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "halyard/abi/plugin.h"

namespace halyard::core {
namespace {

std::vector<config::OptionSchema> read(const char* text) {
  std::vector<config::OptionSchema> out;
  std::string problem;
  EXPECT_TRUE(read_option_list(nlohmann::json::parse(text), &out, &problem)) << problem;
  return out;
}

std::string problem_of(const char* text) {
  std::vector<config::OptionSchema> out;
  std::string problem;
  EXPECT_FALSE(read_option_list(nlohmann::json::parse(text), &out, &problem)) << text;
  return problem;
}

TEST(OptionManifest, EveryMember) {
  const auto list = read(R"([
    {"name": "tile", "type": "int", "min": 1, "max": 64, "default": 8, "doc": "Rows", "affects_artifact": false},
    {"name": "mode", "type": "choice", "choices": ["fast", "exact"], "default": "fast"},
    {"name": "log", "type": "bool", "default": true},
    {"name": "scratch", "type": "bytes", "default": "1MiB"}, {"name": "s", "type": "string"}])");
  ASSERT_EQ(list.size(), 5u);
  EXPECT_EQ(list[0].type, static_cast<uint32_t>(HY_OPTION_INT));
  EXPECT_EQ(list[0].min, 1.0);
  EXPECT_EQ(list[0].max, 64.0);
  EXPECT_EQ(list[0].preset, "8");
  EXPECT_EQ(list[0].doc, "Rows");
  EXPECT_FALSE(list[0].affects_artifact);
  EXPECT_EQ(list[1].choices, (std::vector<std::string>{"fast", "exact"}));
  EXPECT_TRUE(list[1].affects_artifact);
  EXPECT_EQ(list[2].preset, "true");
  EXPECT_EQ(list[3].preset, "1MiB");
  EXPECT_TRUE(read("[]").empty());
}

TEST(OptionManifest, WhatIsWrongIsNamed) {
  EXPECT_EQ(problem_of("{}"), "\"options\" must be a list");
  EXPECT_EQ(problem_of("[1]"), "\"options\": an entry must be {\"name\": ..., \"type\": ...}");
  EXPECT_EQ(problem_of(R"([{"name": "a", "type": "integer"}])"),
            "\"options\": \"a\": \"type\" must be string, int, float, bool, choice or bytes");
  EXPECT_EQ(problem_of(R"([{"name": "a", "type": "int", "min": "x"}])"),
            "\"options\": \"a\": \"min\" and \"max\" must be numbers");
  EXPECT_EQ(problem_of(R"([{"name": "a", "type": "int", "min": 2, "max": 1}])"),
            "\"options\": \"a\": \"min\" is larger than \"max\"");
  EXPECT_EQ(problem_of(R"([{"name": "a", "type": "choice"}])"),
            "\"options\": \"a\": \"choices\" belongs to the type choice");
  EXPECT_EQ(problem_of(R"([{"name": "a", "type": "int", "choices": ["x"]}])"),
            "\"options\": \"a\": \"choices\" belongs to the type choice");
  EXPECT_EQ(problem_of(R"([{"name": "a", "type": "choice", "choices": [1]}])"),
            "\"options\": \"a\": \"choices\" must be a list of texts");
  EXPECT_EQ(
      problem_of(R"([{"name": "a", "type": "int", "max": 4, "default": 5}])"),
      "\"options\": \"a\": \"default\": 5 is too large; a whole number of at most 4 is wanted");
  EXPECT_EQ(problem_of(R"([{"name": "a", "type": "int", "default": [5]}])"),
            "\"options\": \"a\": \"default\" must be one value");
  EXPECT_EQ(problem_of(R"([{"name": "a", "type": "int", "doc": 1}])"),
            "\"options\": \"a\": \"doc\" must be a text");
  EXPECT_EQ(problem_of(R"([{"name": "a", "type": "int", "affects_artifact": 1}])"),
            "\"options\": \"a\": \"affects_artifact\" must be true or false");
  EXPECT_EQ(problem_of(R"([{"name": "a", "type": "int"}, {"name": "a", "type": "bool"}])"),
            "\"options\": \"a\" is there twice");
}

}  // namespace
}  // namespace halyard::core
