#include "core/cache/content_store.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <thread>

#include "core/base/descriptor.hpp"
#include "core/cache/cache_location.hpp"
#include "tests/unit/cache/folder.hpp"

namespace halyard::core {
namespace {

namespace fs = std::filesystem;
using test::key_of;
using test::Lines;
using test::TemporaryFolder;

std::string text(const StoredEntry& e) {
  return {reinterpret_cast<const char*>(e.payload().data()), e.payload().size()};
}

class ContentStoreTest : public testing::Test {
 protected:
  ContentStore store(uint64_t max_bytes = uint64_t{1} << 30) {
    return ContentStore(folder.path() / "cache", {max_bytes, std::chrono::milliseconds(20), false},
                        log.logger);
  }
  fs::path only_entry() const {
    for (const auto& f : fs::directory_iterator(folder.path() / "cache" / "entries"))
      return f.path();
    return {};
  }
  size_t file_count() const {
    size_t n = 0;
    for (const auto& f : fs::directory_iterator(folder.path() / "cache" / "entries"))
      n += f.is_regular_file() ? 1 : 0;
    return n;
  }

  TemporaryFolder folder;
  Lines log;
};

TEST_F(ContentStoreTest, FindsWhatWasPublishedUnderTheSameKeyAlone) {
  auto s = store();
  EXPECT_FALSE(s.find(key_of("a")).has_value());
  EXPECT_TRUE(s.publish(key_of("a"), "{}", bytes_of("artefact")));
  ASSERT_TRUE(s.find(key_of("a")).has_value());
  EXPECT_EQ(text(*s.find(key_of("a"))), "artefact");
  EXPECT_TRUE(s.contains(key_of("a")));
  EXPECT_FALSE(s.find(key_of("b")).has_value());
  EXPECT_FALSE(s.find(key_of("a", "2.0")).has_value());
  EXPECT_TRUE(log.lines.empty());
}

TEST_F(ContentStoreTest, TheLatterOfTwoUnderOneKeyStays) {
  auto s = store();
  s.publish(key_of("a"), "", bytes_of("one"));
  s.publish(key_of("a"), "", bytes_of("two"));
  EXPECT_EQ(text(*s.find(key_of("a"))), "two");
  EXPECT_EQ(file_count(), 1u);
}

TEST_F(ContentStoreTest, AnEmptyArtefactIsAnArtefact) {
  auto s = store();
  s.publish(key_of("a"), "", {});
  ASSERT_TRUE(s.find(key_of("a")).has_value());
  EXPECT_TRUE(s.find(key_of("a"))->payload().empty());
}

TEST_F(ContentStoreTest, NoByteOfAnEntryMayChange) {
  auto s = store();
  s.publish(key_of("a"), "{\"x\":1}", bytes_of("artefact"));
  const fs::path file = only_entry();
  const auto good = test::read_file(file);
  for (size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] ^= static_cast<unsigned char>(1u << (i % 8));
    test::write_file(file, bad);
    const auto found = s.find(key_of("a"));
    // Between the head and the artefact lies padding, which says nothing.
    if (found) {
      EXPECT_EQ(text(*found), "artefact") << "byte " << i;
      EXPECT_EQ(good[i], 0) << "byte " << i;
    } else {
      EXPECT_FALSE(fs::exists(file)) << "byte " << i;
    }
  }
  EXPECT_TRUE(log.has("it is removed"));
}

TEST_F(ContentStoreTest, NorMayAnyBeMissingOrTooMany) {
  auto s = store();
  s.publish(key_of("a"), "", bytes_of("artefact"));
  const fs::path file = only_entry();
  const auto good = test::read_file(file);
  for (size_t n = 0; n < good.size(); ++n) {
    test::write_file(file, ByteSpan(good).first(n));
    EXPECT_FALSE(s.find(key_of("a")).has_value()) << n;
  }
  auto longer = good;
  longer.push_back(0);
  test::write_file(file, longer);
  EXPECT_FALSE(s.find(key_of("a")).has_value());
}

TEST_F(ContentStoreTest, AFileOfAnotherKeyUnderThisNameIsAMiss) {
  auto s = store();
  s.publish(key_of("a"), "", bytes_of("of a"));
  const fs::path a = only_entry();
  fs::rename(a, a.parent_path() / (key_of("b").digest().hex() + ".entry"));
  EXPECT_FALSE(s.find(key_of("b")).has_value());
}

TEST_F(ContentStoreTest, ThrowsOutWhatWasUsedLongestAgo) {
  auto s = store(2500);
  const std::vector<unsigned char> kilobyte(900, 7);
  const auto age = [&](const std::string& graph, int seconds) {
    const fs::path f =
        folder.path() / "cache" / "entries" / (key_of(graph).digest().hex() + ".entry");
    fs::last_write_time(f, fs::file_time_type::clock::now() - std::chrono::seconds(seconds));
  };
  s.publish(key_of("a"), "", kilobyte);
  s.publish(key_of("b"), "", kilobyte);
  age("a", 100);
  age("b", 50);
  EXPECT_TRUE(s.find(key_of("a")).has_value());  // now b is the older one
  s.publish(key_of("c"), "", kilobyte);
  EXPECT_TRUE(s.contains(key_of("a")));
  EXPECT_FALSE(s.contains(key_of("b")));
  EXPECT_TRUE(s.contains(key_of("c")));
}

TEST_F(ContentStoreTest, AnEntryThatIsLargerThanTheLimitIsNotKept) {
  auto s = store(1000);
  s.publish(key_of("small"), "", bytes_of("x"));
  EXPECT_FALSE(s.publish(key_of("large"), "", std::vector<unsigned char>(1000)));
  EXPECT_TRUE(s.contains(key_of("small")));
}

TEST_F(ContentStoreTest, ListsKeysAndNotesLatestFirst) {
  auto s = store();
  s.publish(key_of("a"), "first", bytes_of("1"));
  fs::last_write_time(only_entry(), fs::file_time_type::clock::now() - std::chrono::hours(1));
  s.publish(key_of("b"), "second", bytes_of("22"));
  test::write_file(only_entry().parent_path() / "junk.entry", bytes_of("no entry"));
  fs::last_write_time(only_entry().parent_path() / "junk.entry",
                      fs::file_time_type::clock::now() - std::chrono::hours(2));
  const auto list = s.list();
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].key, key_of("b"));
  EXPECT_EQ(list[0].notes, "second");
  EXPECT_EQ(list[1].notes, "first");
  EXPECT_FALSE(list[2].problem.empty());
}

TEST_F(ContentStoreTest, PruningToNothingLeavesNothing) {
  auto s = store();
  s.publish(key_of("a"), "", bytes_of("1"));
  s.publish(key_of("b"), "", bytes_of("2"));
  const auto pruned = s.prune(0);
  EXPECT_EQ(pruned.entries, 2u);
  EXPECT_EQ(pruned.left_entries, 0u);
  EXPECT_EQ(pruned.left_bytes, 0u);
  EXPECT_EQ(file_count(), 0u);
}

TEST_F(ContentStoreTest, WhatADeadWriterLeftIsRemovedAndALiveOnesFileStays) {
  auto s = store();
  s.publish(key_of("a"), "", bytes_of("1"));
  const fs::path entries = only_entry().parent_path();
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (const char* name : {".new-dead", ".new-live", ".new-young"})
    test::write_file(entries / name, bytes_of("half"));
  const Descriptor live(open((entries / ".new-live").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(FileLock::try_lock(live.get()));
  fs::last_write_time(entries / ".new-dead", old);
  fs::last_write_time(entries / ".new-live", old);
  s.prune(1 << 20);
  EXPECT_FALSE(fs::exists(entries / ".new-dead"));
  EXPECT_TRUE(fs::exists(entries / ".new-live"));
  EXPECT_TRUE(fs::exists(entries / ".new-young"));
}

TEST_F(ContentStoreTest, OneThatIsOnlyReadIsLeftAsItIs) {
  store().publish(key_of("a"), "", bytes_of("1"));
  const fs::path file = only_entry();
  const auto time = fs::last_write_time(file);
  ContentStore s(folder.path() / "cache", {1 << 20, std::chrono::milliseconds(20), true},
                 log.logger);
  EXPECT_EQ(text(*s.find(key_of("a"))), "1");
  EXPECT_EQ(fs::last_write_time(file), time);
  EXPECT_FALSE(s.publish(key_of("b"), "", bytes_of("1")));
  EXPECT_FALSE(s.lock(key_of("b")).held());
  s.remove(key_of("a"));
  test::write_file(file, bytes_of("broken"));
  EXPECT_FALSE(s.find(key_of("a")).has_value());
  EXPECT_TRUE(fs::exists(file));
}

TEST_F(ContentStoreTest, AFolderThatCannotBeMadeIsOneWarning) {
  test::write_file(folder.path() / "cache", bytes_of("a file in its place"));
  auto s = store();
  EXPECT_FALSE(s.publish(key_of("a"), "", bytes_of("1")));
  EXPECT_FALSE(s.publish(key_of("b"), "", bytes_of("1")));
  EXPECT_FALSE(s.find(key_of("a")).has_value());
  EXPECT_FALSE(s.lock(key_of("a")).held());
  EXPECT_TRUE(s.list().empty());
  EXPECT_TRUE(log.has("going on without it"));
}

TEST_F(ContentStoreTest, AFullDiskKeepsWhatIsThereAndLeavesNoPieces) {
  const fs::path disk = folder.path() / "cache";
  fs::create_directory(disk);
  if (mount("none", disk.c_str(), "tmpfs", 0, "size=64k") != 0)
    GTEST_SKIP() << "no tmpfs can be mounted here";
  {
    auto s = store();
    EXPECT_TRUE(s.publish(key_of("small"), "", bytes_of("fits")));
    EXPECT_FALSE(s.publish(key_of("large"), "", std::vector<unsigned char>(1 << 20, 3)));
    EXPECT_EQ(text(*s.find(key_of("small"))), "fits");
    EXPECT_FALSE(s.find(key_of("large")).has_value());
    EXPECT_EQ(file_count(), 1u);
    EXPECT_TRUE(log.has("No space left"));
  }
  EXPECT_EQ(umount(disk.c_str()), 0);
}

TEST_F(ContentStoreTest, OneHoldsTheLockTheOtherLosesPatience) {
  auto s = store();
  FileLock first = s.lock(key_of("a"));
  EXPECT_TRUE(first.held());
  EXPECT_FALSE(s.lock(key_of("a")).held());
  EXPECT_TRUE(s.lock(key_of("b")).held());
  first = FileLock();
  EXPECT_TRUE(s.lock(key_of("a")).held());
}

TEST_F(ContentStoreTest, OfManyThreadsOneComputes) {
  ContentStore s(folder.path() / "cache", {uint64_t{1} << 30, std::chrono::seconds(100), false},
                 log.logger);
  std::atomic<int> computed{0}, right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      const FileLock lock = s.lock(key_of("a"));
      if (!s.find(key_of("a"))) {
        ++computed;
        s.publish(key_of("a"), "", bytes_of("result"));
      }
      right += text(*s.find(key_of("a"))) == "result" ? 1 : 0;
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(computed, 1);
  EXPECT_EQ(right, 8);
}

TEST(CacheLocation, ReadsSizes) {
  EXPECT_EQ(parse_bytes("4GiB"), uint64_t{4} << 30);
  EXPECT_EQ(parse_bytes("512MiB"), uint64_t{512} << 20);
  EXPECT_EQ(parse_bytes("100"), 100u);
  EXPECT_FALSE(parse_bytes("4GB").has_value());
  EXPECT_FALSE(parse_bytes("").has_value());
  EXPECT_FALSE(parse_bytes("-1").has_value());
  EXPECT_FALSE(parse_bytes("99999999999999TiB").has_value());
}

TEST(CacheLocation, WhatWasAskedForComesBeforeTheEnvironment) {
  Lines log;
  setenv("HALYARD_CACHE_DIR", "/from/environment", 1);
  setenv("HALYARD_CACHE_MAX", "1KiB", 1);
  EXPECT_EQ(locate_cache({}, log.logger).folder, "/from/environment");
  EXPECT_EQ(locate_cache({}, log.logger).limits.max_bytes, 1024u);
  EXPECT_EQ(locate_cache({false, false, "/asked", 7}, log.logger).folder, "/asked");
  EXPECT_EQ(locate_cache({false, false, "/asked", 7}, log.logger).limits.max_bytes, 7u);
  setenv("HALYARD_CACHE_MAX", "much", 1);
  EXPECT_EQ(locate_cache({}, log.logger).limits.max_bytes, uint64_t{4} << 30);
  EXPECT_TRUE(log.has("HALYARD_CACHE_MAX is \"much\""));
  unsetenv("HALYARD_CACHE_DIR");
  unsetenv("HALYARD_CACHE_MAX");
}

TEST(CacheLocation, TheDefaultIsTheUsersCacheFolder) {
  Lines log;
  const char* home = getenv("HOME");
  const std::string old_home = home != nullptr ? home : "";
  unsetenv("HALYARD_CACHE_DIR");
  setenv("HOME", "/home/somebody", 1);
  unsetenv("XDG_CACHE_HOME");
  EXPECT_EQ(locate_cache({}, log.logger).folder, "/home/somebody/.cache/halyard");
  setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(locate_cache({}, log.logger).folder, "/home/somebody/.cache/halyard");
  setenv("XDG_CACHE_HOME", "/xdg", 1);
  EXPECT_EQ(locate_cache({}, log.logger).folder, "/xdg/halyard");
  unsetenv("XDG_CACHE_HOME");
  unsetenv("HOME");
  EXPECT_TRUE(locate_cache({}, log.logger).folder.empty());
  EXPECT_FALSE(locate_cache({}, log.logger).why_off.empty());
  EXPECT_EQ(open_cache(locate_cache({}, log.logger), log.logger), nullptr);
  setenv("HOME", old_home.c_str(), 1);
  setenv("HALYARD_CACHE", "off", 1);
  EXPECT_TRUE(locate_cache({false, false, "/asked", 0}, log.logger).folder.empty());
  unsetenv("HALYARD_CACHE");
}

TEST(CacheLocation, AFolderThatAnybodyMayWriteIntoIsNotUsed) {
  Lines log;
  TemporaryFolder folder;
  CacheLocation settings;
  settings.folder = folder.path();
  EXPECT_NE(open_cache(settings, log.logger), nullptr);
  fs::permissions(folder.path(), fs::perms::all);
  EXPECT_EQ(open_cache(settings, log.logger), nullptr);
  EXPECT_TRUE(log.has("may be written by anybody"));
}

}  // namespace
}  // namespace halyard::core
