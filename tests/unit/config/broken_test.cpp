// Broken files, each with the words that are expected about it.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "core/config/config.hpp"
#include "halyard_test_paths.hpp"

namespace halyard::core::config {
namespace {

namespace fs = std::filesystem;

const std::string kFolder = HALYARD_TEST_SOURCE_DIR "/tests/unit/config/broken/";

/// By file: the lines of expected.txt, which are what a user reads.
std::map<std::string, std::string> expectations() {
  std::map<std::string, std::string> out;
  std::ifstream in(kFolder + "expected.txt");
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && !line.starts_with('#')) out[line.substr(0, line.find(':'))] += line + "\n";
  return out;
}

/// What a user reads about a file, with the folder cut off.
std::string words_about(const std::string& name) {
  std::string folder = kFolder, text, out;
  Config config;
  config.add_file(kFolder + name);
  for (const Issue& issue : config.issues()) out += issue.text() + "\n";
  for (size_t at; (at = out.find(folder)) != std::string::npos;) out.erase(at, folder.size());
  return out;
}

TEST(BrokenFiles, SayWhatIsExpected) {
  const auto expected = expectations();
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".yaml") continue;
    found.insert(name);
    ASSERT_TRUE(expected.contains(name)) << name << " has no line in expected.txt; it says\n"
                                         << words_about(name);
    EXPECT_EQ(words_about(name), expected.at(name)) << name;
    Config config;
    config.add_file(kFolder + name);
    EXPECT_EQ(config.status().code(), HY_ERROR_CONFIG) << name;
  }
  for (const auto& [name, words] : expected)
    EXPECT_TRUE(found.contains(name))
        << "expected.txt speaks of " << name << ", which is not there";
  EXPECT_GE(found.size(), 100u);
}

}  // namespace
}  // namespace halyard::core::config
