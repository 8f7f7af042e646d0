// Real models, whole and broken. Nothing here may crash; run it under the address sanitizer too.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>

#include "halyard_test_paths.hpp"
#include "opened.hpp"

namespace halyard::onnx::test {
namespace {

namespace fs = std::filesystem;

constexpr int kCuts = 50;
constexpr int kFlips = 1000;
constexpr uint32_t kSeed = 20240607;

std::vector<fs::path> shared_models() {
  std::vector<fs::path> out;
  const fs::path folder = fs::path(HALYARD_TEST_SHARED) / "models";
  std::error_code missing;
  for (const auto& entry : fs::recursive_directory_iterator(folder, missing))
    if (entry.path().extension() == ".onnx") out.push_back(entry.path());
  return out;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Loads, or fails with words; the validator sees every graph.
void expect_sane(const std::string& bytes, const std::string& what) {
  const auto m = open_bytes(bytes);
  EXPECT_TRUE(m->status.ok() || !m->error().empty()) << what;
}

TEST(SharedModels, AllLoad) {
  const auto models = shared_models();
  if (models.empty()) GTEST_SKIP() << "no models in " << HALYARD_TEST_SHARED;
  for (const fs::path& path : models) {
    const auto m = open_file(path.string());
    EXPECT_TRUE(m->status.ok()) << m->error();
  }
}

TEST(SharedModels, CutShortTheyFailWithWords) {
  const auto models = shared_models();
  if (models.empty()) GTEST_SKIP() << "no models in " << HALYARD_TEST_SHARED;
  for (const fs::path& path : models) {
    const std::string whole = read_file(path);
    for (size_t i = 0; i < kCuts; ++i)
      expect_sane(whole.substr(0, whole.size() * i / kCuts),
                  path.string() + " cut " + std::to_string(i));
  }
}

TEST(DemoModel, WithFlippedBytesLoadsOrFailsWithWords) {
  const fs::path path = fs::path(HALYARD_TEST_SOURCE_DIR) / "tools/demo_data/shapes.onnx";
  const std::string whole = read_file(path);
  ASSERT_FALSE(whole.empty()) << path;
  ASSERT_TRUE(open_bytes(whole)->status.ok());
  std::mt19937 random(kSeed);
  for (int i = 0; i < kFlips; ++i) {
    std::string broken = whole;
    // Half of the flips in the first kilobytes, where the structure is; weights are most of a file.
    const size_t span = i % 2 == 0 ? std::min<size_t>(whole.size(), 4096) : whole.size();
    for (uint32_t n = random() % 3 + 1; n > 0; --n)
      broken[random() % span] = static_cast<char>(random());
    expect_sane(broken, "flip " + std::to_string(i) + " of seed " + std::to_string(kSeed));
  }
}

}  // namespace
}  // namespace halyard::onnx::test
