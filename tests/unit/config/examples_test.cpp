// The examples of configs/, and the reference of the keys.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/config/config.hpp"
#include "halyard_test_paths.hpp"

namespace halyard::core::config {
namespace {

namespace fs = std::filesystem;

const std::string kFolder = HALYARD_TEST_SOURCE_DIR "/configs/";

std::string read(const std::string& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

Config config_of(const std::string& name) {
  Config out;
  out.add_file(kFolder + name);
  return out;
}

TEST(Examples, AllAreValidAndListed) {
  const std::string readme = read(kFolder + "README.md");
  size_t count = 0;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string name = entry.path().filename().string();
    ++count;
    EXPECT_EQ(config_of(name).status().message(), "") << name;
    EXPECT_NE(readme.find("`" + name + "`"), std::string::npos) << name << " is not in README.md";
    EXPECT_TRUE(read(entry.path().string()).starts_with("# ")) << name << " says nothing of itself";
  }
  EXPECT_GE(count, 8u);
}

TEST(Examples, TheDefaultsAreTheDefaults) {
  const Resolved stated = config_of("default.yaml").resolved(), plain = Config().resolved();
  for (const auto& [path, value] : plain.scalars) {
    ASSERT_TRUE(stated.scalars.contains(path)) << path;
    EXPECT_EQ(stated.scalars.at(path).layer, Layer::kFile) << path << " is not in default.yaml";
    EXPECT_TRUE(stated.scalars.at(path).value == value.value) << path;
  }
  // What has no default is there as a comment.
  const std::string text = read(kFolder + "default.yaml");
  for (const Key& key : key_table()) {
    const std::string name(key.path.substr(key.path.find_last_of(".]") + 1));
    EXPECT_NE(text.find(name + ":"), std::string::npos) << key.path;
  }
}

TEST(Examples, SayWhatTheyAreFor) {
  EXPECT_EQ(config_of("cpu-only.yaml").settings().compute_units, "cpu_only");
  const Settings gpu = config_of("gpu-first.yaml").settings();
  ASSERT_EQ(gpu.providers.size(), 3u);
  EXPECT_FALSE(gpu.providers[0].must_exist);
  EXPECT_EQ(gpu.policy.relaxed_types, std::vector<uint32_t>{HY_DTYPE_F16});
  EXPECT_EQ(config_of("npu-strict.yaml").settings().require.min_share, 0.95);
  EXPECT_EQ(config_of("low-power.yaml").settings().policy.objective,
            PolicySettings::Objective::kPower);
  EXPECT_EQ(config_of("server.yaml").settings().policy.memory_limit, uint64_t{8} << 30);
  EXPECT_EQ(pin_of(config_of("pins.yaml").settings(), "Softmax", "x", "main")->provider, "cpu");
  EXPECT_EQ(config_of("debugging.yaml").settings().log.level, 1u);
}

/// The reference as it must be.
std::string reference() {
  std::string out =
      "# Keys of the configuration\n\n"
      "Made from the table in `core/config/keys.cpp`, and held to it by a test. `[]` is an entry "
      "of a list. A group, a\n"
      "list or options may be left empty. `halyard config schema` has the same for machines, with "
      "the options of the\n"
      "providers that are installed.\n\n"
      "| key | what | value | default | environment, flag |\n|---|---|---|---|---|\n";
  for (const Key& key : key_table()) {
    std::string also = variable_of(key);
    if (!key.flag.empty()) also += fmt::format("{}`{}`", also.empty() ? "" : ", ", key.flag);
    std::string doc(key.doc);
    if (key.required) doc += ". Must be given";
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", key.path, doc, wanted_words(key),
                       key.preset, also);
  }
  out +=
      "\nOther names of `compute_units`: Core ML's `all`, `cpuOnly`, `cpuAndGPU`, "
      "`cpuAndNeuralEngine`, with or without\n"
      "`MLComputeUnits` before them, and `ALL`, `CPU_ONLY`, `CPU_AND_GPU`, `CPU_AND_NE`.\n\n"
      "Further variables: `HALYARD_CONFIG` (files, separated by `:`, where no `--config` is "
      "given), `HALYARD_SET`\n"
      "(`key=value;key=value`), `HALYARD_SYSTEM_CONFIG` (instead of `/etc/halyard/config.yaml`; "
      "empty: none).\n";
  return out;
}

TEST(Examples, TheReferenceIsThatOfTheTable) {
  EXPECT_EQ(read(kFolder + "keys.md"), reference()) << "configs/keys.md must be\n" << reference();
}

}  // namespace
}  // namespace halyard::core::config
