#include "core/cache/container.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/unit/cache/folder.hpp"

namespace halyard::core {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

class ContainerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto writer = ContainerWriter::create(file());
    ASSERT_TRUE(writer.ok()) << writer.status().message();
    ASSERT_TRUE((*writer)->add(2, 7, {bytes_of("second "), bytes_of("section")}).ok());
    ASSERT_TRUE((*writer)->add(1, 0, {bytes_of("first")}).ok());
    ASSERT_TRUE((*writer)->add(2, 3, {}).ok());
    ASSERT_TRUE((*writer)->finish().ok());
    good = test::read_file(file());
  }
  fs::path file() const { return folder.path() / "c"; }

  /// Of bytes at an address that is aligned as a map's is.
  static Status parse(ByteSpan bytes) { return Container::parse(bytes).status(); }
  /// The file with a number written over it, and the checksum of the directory made right again.
  std::vector<unsigned char> with(size_t at, uint64_t value, size_t size) const {
    auto bytes = good;
    std::memcpy(bytes.data() + at, &value, size);
    uint64_t directory = 0;
    std::memcpy(&directory, bytes.data() + 24, sizeof directory);
    Hasher hasher;
    hasher.add(ByteSpan(bytes).first(40));
    if (directory <= bytes.size()) hasher.add(ByteSpan(bytes).subspan(directory));
    const Digest d = hasher.digest();
    std::memcpy(bytes.data() + 40, &d, sizeof d);
    return bytes;
  }
  size_t record(size_t i) const { return good.size() - (3 - i) * 48; }

  TemporaryFolder folder;
  std::vector<unsigned char> good;
};

TEST_F(ContainerTest, GivesWhatWasWritten) {
  const auto c = Container::open(file());
  ASSERT_TRUE(c.ok()) << c.status().message();
  ASSERT_EQ((*c)->sections().size(), 3u);
  const Section* s = (*c)->find(2, 7);
  ASSERT_NE(s, nullptr);
  EXPECT_EQ(std::string(s->bytes.begin(), s->bytes.end()), "second section");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(s->bytes.data()) % kSectionAlignment, 0u);
  EXPECT_EQ(s->digest, digest_of(bytes_of("second section")));
  EXPECT_TRUE((*c)->find(2, 3)->bytes.empty());
  EXPECT_EQ((*c)->find(2, 4), nullptr);
  EXPECT_EQ((*c)->find(3, 0), nullptr);
  EXPECT_EQ((*c)->all(2).size(), 2u);
}

TEST_F(ContainerTest, AnUnfinishedOneLeavesTheOldFile) {
  {
    auto writer = ContainerWriter::create(file());
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->add(1, 0, {bytes_of("new")}).ok());
  }
  EXPECT_EQ(test::read_file(file()), good);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST_F(ContainerTest, NoByteThatCountsMayChange) {
  for (size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] ^= static_cast<unsigned char>(1u << (i % 8));
    // What is not covered is the padding between sections, and the header's reserved bytes.
    if (parse(bad).ok()) {
      EXPECT_EQ(good[i], 0) << "byte " << i;
    }
  }
}

TEST_F(ContainerTest, NoLengthButItsOwnWillDo) {
  for (size_t n = 0; n < good.size(); ++n) {
    const Status s = parse(ByteSpan(good).first(n));
    EXPECT_EQ(s.code(), HY_ERROR_INVALID_MODEL) << n;
  }
  auto longer = good;
  longer.resize(longer.size() + 64);
  EXPECT_FALSE(parse(longer).ok());
}

TEST_F(ContainerTest, NumbersThatLieAreFoundOut) {
  EXPECT_NE(parse(with(8, 2, 4)).message().find("version 2"), std::string::npos);
  EXPECT_NE(parse(with(16, 1 << 20, 8)).message().find("says that it has"), std::string::npos);
  EXPECT_NE(parse(with(24, ~uint64_t{0}, 8)).message().find("outside"), std::string::npos);
  EXPECT_NE(parse(with(32, 0xffffffff, 4)).message().find("outside"), std::string::npos);
  EXPECT_NE(parse(with(32, 4, 4)).message().find("outside"), std::string::npos);
  const size_t offset = record(0) + 16, bytes = record(0) + 24;
  EXPECT_NE(parse(with(offset, ~uint64_t{63}, 8)).message().find("outside"), std::string::npos);
  EXPECT_NE(parse(with(offset, 65, 8)).message().find("not aligned"), std::string::npos);
  EXPECT_NE(parse(with(offset, 0, 8)).message().find("outside"), std::string::npos);
  EXPECT_NE(parse(with(bytes, ~uint64_t{0}, 8)).message().find("outside"), std::string::npos);
  EXPECT_NE(parse(with(bytes, 3, 8)).message().find("checksum"), std::string::npos);
  EXPECT_NE(parse(with(record(0) + 8, 3, 8)).message().find("two sections"), std::string::npos);
}

TEST_F(ContainerTest, WhatIsNoFileIsAnErrorThatNamesIt) {
  EXPECT_EQ(Container::open(folder.path() / "absent").status().code(), HY_ERROR_IO);
  EXPECT_EQ(Container::open(folder.path()).status().code(), HY_ERROR_INVALID_MODEL);
  test::write_file(file(), {});
  EXPECT_NE(Container::open(file()).status().message().find(file().string()), std::string::npos);
  EXPECT_FALSE(ContainerWriter::create(folder.path() / "no" / "folder").ok());
}

}  // namespace
}  // namespace halyard::core
