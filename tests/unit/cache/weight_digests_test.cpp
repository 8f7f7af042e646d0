#include "core/cache/weight_digests.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include "core/base/descriptor.hpp"
#include "tests/unit/cache/folder.hpp"

namespace halyard::core {
namespace {

using test::Lines;
using test::TemporaryFolder;

struct SomeWeights : hy_weights {
  std::vector<hy_bytes> list;
  int asked = 0;
  Result<hy_bytes> get(uint64_t id, uint32_t) override {
    ++asked;
    if (id >= list.size()) return not_found("no such weight");
    return list[id];
  }
};

/// The test's own executable: a file of more than a megabyte that nobody has written to just now.
class OwnFile {
 public:
  OwnFile() : fd_(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)) {
    map_ = mmap(nullptr, kBytes, PROT_READ, MAP_PRIVATE, fd_.get(), 0);
  }
  ~OwnFile() { munmap(map_, kBytes); }
  static constexpr size_t kBytes = size_t{2} << 20;
  const unsigned char* data() const { return static_cast<const unsigned char*>(map_); }

 private:
  Descriptor fd_;
  void* map_;
};

TEST(WeightDigests, AreThoseOfTheBytesAndAskedForOnce) {
  SomeWeights weights;
  const std::string text = "weights";
  weights.list = {{text.data(), text.size()}, {text.data(), 3}};
  WeightDigests digests(weights, nullptr);
  EXPECT_EQ(*digests.of(0), digest_of(bytes_of("weights")));
  EXPECT_EQ(*digests.of(1), digest_of(bytes_of("wei")));
  EXPECT_TRUE(digests.of(0).ok());
  EXPECT_EQ(weights.asked, 2);
  EXPECT_EQ(digests.of(5).status().code(), HY_ERROR_NOT_FOUND);
}

TEST(WeightDigests, WhatSomebodyKnowsIsNotRead) {
  SomeWeights weights;
  WeightDigests digests(weights, nullptr, [](uint64_t id) {
    return id == 4 ? std::optional(Digest{1, 2}) : std::nullopt;
  });
  EXPECT_EQ(*digests.of(4), (Digest{1, 2}));
  EXPECT_EQ(weights.asked, 0);
}

TEST(WeightDigests, OfAFilesLargePiecesAreKept) {
  TemporaryFolder folder;
  Lines log;
  ContentStore store(folder.path() / "cache", {}, log.logger);
  const OwnFile file;
  SomeWeights weights;
  weights.list = {{file.data() + 64, OwnFile::kBytes - 64}, {file.data(), 100}};
  {
    WeightDigests digests(weights, &store);
    EXPECT_EQ(*digests.of(0), digest_of({file.data() + 64, OwnFile::kBytes - 64}));
    EXPECT_TRUE(digests.of(1).ok());  // small: not kept
    digests.flush();
  }
  const auto entries = store.list();
  ASSERT_EQ(entries.size(), 1u) << "a piece of /proc/self/exe was not kept";
  EXPECT_EQ(*entries[0].key.find("format"), "file digests 1");
  // What is kept is believed: here a digest that is not the right one.
  const Digest wrong{3, 4};
  std::string record;
  const uint64_t piece[2] = {64, OwnFile::kBytes - 64};
  record.append(reinterpret_cast<const char*>(piece), sizeof piece);
  record.append(reinterpret_cast<const char*>(&wrong), sizeof wrong);
  store.publish(entries[0].key, "", bytes_of(record));
  WeightDigests digests(weights, &store);
  EXPECT_EQ(*digests.of(0), wrong);
}

TEST(WeightDigests, OfMemoryThatIsNoFileAreNotKept) {
  TemporaryFolder folder;
  Lines log;
  ContentStore store(folder.path() / "cache", {}, log.logger);
  const std::vector<unsigned char> memory(OwnFile::kBytes, 5);
  SomeWeights weights;
  weights.list = {{memory.data(), memory.size()}};
  WeightDigests digests(weights, &store);
  EXPECT_EQ(*digests.of(0), digest_of(memory));
  digests.flush();
  EXPECT_TRUE(store.list().empty());
}

}  // namespace
}  // namespace halyard::core
