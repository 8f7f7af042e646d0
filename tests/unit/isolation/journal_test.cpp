#include "core/isolation/journal.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/unit/isolation/folder.hpp"

namespace halyard::core {
namespace {

class JournalTest : public test::Folder {
 protected:
  Logger logger_ = make_logger(nullptr, nullptr, 0);

  /// A process that ends in the middle of two calls.
  void leave_notes() const {
    const pid_t child = fork();
    if (child == 0) {
      Journal journal(folder_, logger_);
      auto done = journal.begin({"/lib/ended well.so", "create", ""});
      const auto a = journal.begin({"/lib/a b.so", "compile", "0123abcd"});
      const auto b = journal.begin({"/lib/c.so", "create", ""});
      done = {};
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
  }
};

TEST_F(JournalTest, FindsWhatADeadProcessLeft) {
  leave_notes();
  const Journal journal(folder_, logger_);
  const auto notes = journal.take_left_behind();
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0].library, "/lib/a b.so");
  EXPECT_EQ(notes[0].stage, "compile");
  EXPECT_EQ(notes[0].graph, "0123abcd");
  EXPECT_GT(notes[0].process, 0);
  EXPECT_EQ(notes[1].library, "/lib/c.so");
  EXPECT_EQ(notes[1].graph, "");
  EXPECT_TRUE(journal.take_left_behind().empty());  // each is given once
}

TEST_F(JournalTest, ALivingProcessIsLeftAlone) {
  Journal living(folder_, logger_);
  const auto note = living.begin({"/lib/a.so", "compile", "00"});
  const Journal other(folder_, logger_);
  EXPECT_TRUE(other.take_left_behind().empty());
}

TEST_F(JournalTest, LeavesNothingWhenAllEndedWell) {
  {
    Journal journal(folder_, logger_);
    for (int i = 0; i < 1000; ++i) const auto note = journal.begin({"/lib/a.so", "open", ""});
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(JournalTest, TakesNotesOfManyThreads) {
  Journal journal(folder_, logger_);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) const auto note = journal.begin({"/lib/a.so", "compile", "00"});
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(JournalTest, AFolderThatCannotBeMadeIsNoError) {
  Journal journal("/proc/no/such", logger_);
  const auto note = journal.begin({"/lib/a.so", "open", ""});
  EXPECT_TRUE(journal.take_left_behind().empty());
}

}  // namespace
}  // namespace halyard::core
