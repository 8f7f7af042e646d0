#include "core/config/value.hpp"

#include <gtest/gtest.h>

namespace halyard::core::config {
namespace {

Value parsed(const char* path, const std::string& text) {
  std::vector<Issue> issues;
  const YamlNode node = read_yaml(text, "t", &issues);
  EXPECT_TRUE(issues.empty()) << text;
  Value value;
  const auto problem = parse_value(*find_key(path), node, &value);
  EXPECT_FALSE(problem) << text << ": " << problem->message;
  return value;
}

std::string message(const char* path, const std::string& text) {
  std::vector<Issue> issues;
  const YamlNode node = read_yaml(text, "t", &issues);
  Value value;
  const auto problem = parse_value(*find_key(path), node, &value);
  return problem ? problem->message + " | " + problem->suggestion : "no problem";
}

TEST(Value, Sizes) {
  EXPECT_EQ(parse_size("0"), 0);
  EXPECT_EQ(parse_size("4096"), 4096);
  EXPECT_EQ(parse_size("512MiB"), 512ll << 20);
  EXPECT_EQ(parse_size("1.5KiB"), 1536);
  EXPECT_EQ(parse_size("2 GiB"), 2ll << 30);
  EXPECT_EQ(parse_size("3TiB"), 3ll << 40);
  EXPECT_EQ(parse_size("2kB"), 2000);
  EXPECT_EQ(parse_size("2GB"), 2'000'000'000);
  EXPECT_EQ(parse_size("7B"), 7);
  for (const char* bad :
       {"", "B", "MiB", "5M", "5 parsecs", "--5", "5e", "1e300GiB", "nan", "infB"})
    EXPECT_FALSE(parse_size(bad)) << bad;
}

TEST(Value, Numbers) {
  EXPECT_EQ(parse_int("+7"), 7);
  EXPECT_EQ(parse_int("-7"), -7);
  for (const char* bad : {"", "+", "7x", "0x7", "7.0", "99999999999999999999"})
    EXPECT_FALSE(parse_int(bad)) << bad;
  EXPECT_EQ(parse_number("1e3"), 1000.0);
  for (const char* bad : {"", "inf", "nan", "-inf", "1,5"}) EXPECT_FALSE(parse_number(bad)) << bad;
}

TEST(Value, EachKindHasItsType) {
  EXPECT_EQ(parsed("threads", "8"), Value(int64_t{8}));
  EXPECT_EQ(parsed("cache.enabled", "false"), Value(false));
  EXPECT_EQ(parsed("policy.min_gain_us", "2.5"), Value(2.5));
  EXPECT_EQ(parsed("require.min_share", "50%"), Value(0.5));
  EXPECT_EQ(parsed("require.min_share", "0.25"), Value(0.25));
  EXPECT_EQ(parsed("cache.max", "1GiB"), Value(int64_t{1} << 30));
  EXPECT_EQ(parsed("log.level", "debug"), Value(std::string("debug")));
  EXPECT_EQ(parsed("providers[].device", "0"), Value(std::string("0")));
  EXPECT_EQ(parsed("plugins.allow", "[a, b*]"), Value(std::vector<std::string>{"a", "b*"}));
  EXPECT_EQ(parsed("plugins.allow", "a"), Value(std::vector<std::string>{"a"}));
  EXPECT_EQ(parsed("plugins.allow", "'a, b'"), Value(std::vector<std::string>{"a, b"}));
}

TEST(Value, ComputeUnitsHaveOtherNames) {
  for (const char* name : {"cpu_only", "cpuOnly", "MLComputeUnitsCPUOnly", "CPU_ONLY"})
    EXPECT_EQ(parsed("compute_units", name), Value(std::string("cpu_only"))) << name;
  for (const char* name : {"cpuAndGPU", "MLComputeUnitsCPUAndGPU", "CPU_AND_GPU"})
    EXPECT_EQ(parsed("compute_units", name), Value(std::string("cpu_and_gpu"))) << name;
  for (const char* name : {"cpuAndNeuralEngine", "MLComputeUnitsCPUAndNeuralEngine", "CPU_AND_NE"})
    EXPECT_EQ(parsed("compute_units", name), Value(std::string("cpu_and_npu"))) << name;
  for (const char* name : {"all", "ALL", "MLComputeUnitsAll"})
    EXPECT_EQ(parsed("compute_units", name), Value(std::string("all"))) << name;
}

TEST(Value, ProblemsNameTheValueAndTheWayOut) {
  EXPECT_EQ(message("policy.memory_limit", "512M"),
            "a size in bytes such as 4096, 512MiB or 2GB is wanted; \"512M\" stands here | write "
            "512MiB");
  EXPECT_EQ(message("require.min_share", "90"),
            "90 is too large; a share from 0 to 1, or a percentage is wanted | write 90%");
  EXPECT_EQ(message("cache.enabled", "on"),
            "true or false is wanted; \"on\" stands here | write true");
}

TEST(Value, TextsAreThoseOfAFile) {
  EXPECT_EQ(value_text(*find_key("cache.max"), int64_t{4} << 30), "4GiB");
  EXPECT_EQ(value_text(*find_key("cache.max"), int64_t{1025}), "1025");
  EXPECT_EQ(value_text(*find_key("cache.max"), int64_t{0}), "0");
  EXPECT_EQ(value_text(*find_key("threads"), int64_t{1024}), "1024");
  EXPECT_EQ(value_text(*find_key("cache.enabled"), true), "true");
  EXPECT_EQ(value_text(*find_key("policy.min_gain_us"), 2.5), "2.5");
  EXPECT_EQ(value_text(*find_key("plugins.deny"), std::vector<std::string>{"a", "b"}), "[a, b]");
}

}  // namespace
}  // namespace halyard::core::config
