#include "core/config/settings.hpp"

#include <gtest/gtest.h>

namespace halyard::core {
namespace {

TEST(Settings, ComputeUnitsAllowTypes) {
  Settings s;
  const auto allowed = [&](const char* units) {
    s.compute_units = units;
    std::string out;
    for (const uint32_t type :
         {HY_DEVICE_TYPE_CPU, HY_DEVICE_TYPE_GPU, HY_DEVICE_TYPE_NPU, HY_DEVICE_TYPE_OTHER})
      out += s.allows_type(type) ? '1' : '0';
    return out;
  };
  EXPECT_EQ(allowed("all"), "1111");
  EXPECT_EQ(allowed("cpu_only"), "1000");
  EXPECT_EQ(allowed("cpu_and_gpu"), "1100");
  EXPECT_EQ(allowed("cpu_and_npu"), "1010");
}

TEST(Settings, Globs) {
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("/layer*/conv?", "/layer1/block/conv2"));
  EXPECT_TRUE(glob_matches("[ab]*", "b12"));
  EXPECT_FALSE(glob_matches("Conv", "ConvTranspose"));
  EXPECT_TRUE(glob_matches("a\\*", "a*"));
  EXPECT_FALSE(glob_matches("a\\*", "ab"));
  EXPECT_TRUE(any_glob_matches({}, "x"));
  EXPECT_FALSE(any_glob_matches({"a", "b*"}, "x"));
}

TEST(Settings, TheFirstPinThatMatchesCounts) {
  Settings s;
  s.place = {{{"Conv"}, {"head*"}, {}, "a"}, {{"Conv*"}, {}, {}, "b"}, {{}, {}, {"body"}, "c"}};
  EXPECT_EQ(pin_of(s, "Conv", "head/1", "main")->provider, "a");
  EXPECT_EQ(pin_of(s, "Conv", "tail", "main")->provider, "b");
  EXPECT_EQ(pin_of(s, "Relu", "tail", "body")->provider, "c");
  EXPECT_EQ(pin_of(s, "Relu", "tail", "main"), nullptr);
}

}  // namespace
}  // namespace halyard::core
