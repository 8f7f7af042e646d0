#include "core/isolation/process.hpp"

#include <fcntl.h>

#include "core/isolation/channel.hpp"
#include "tests/unit/isolation/folder.hpp"

namespace halyard::core {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPatience{60000};

class ProcessTest : public test::Folder {
 protected:
  /// A shell script as the program.
  Ending run(std::string_view script, milliseconds patience = kPatience) {
    auto ends = Channel::pair();
    EXPECT_TRUE(ends.ok());
    const auto file = write("program", "#!/bin/sh\n" + std::string(script) + "\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    const Descriptor theirs = std::move(ends->second).take();
    auto process = Process::start(file.string(), theirs);
    EXPECT_TRUE(process.ok()) << process.status().message();
    return (*process)->end(patience);
  }
};

TEST_F(ProcessTest, TellsHowItEnded) {
  const Ending exited = run("echo first; echo the reason >&2; exit 3");
  EXPECT_EQ(exited.text(), "exit code 3; it wrote \"the reason\"");
  EXPECT_FALSE(exited.from_outside());
  const Ending crashed = run("kill -SEGV $$");
  EXPECT_EQ(crashed.text(), "signal 11 (Segmentation fault)");
  EXPECT_FALSE(crashed.from_outside());
  EXPECT_TRUE(run("kill -TERM $$").from_outside());
}

TEST_F(ProcessTest, KillsWhatDoesNotEnd) {
  const Ending ending = run("while :; do sleep 100; done", milliseconds(0));
  EXPECT_TRUE(ending.by_signal);
  EXPECT_EQ(ending.number, 9);
}

TEST_F(ProcessTest, PassesOnTheSocketAndNothingElse) {
  const auto secret = write("secret", "secret");
  const int leaking =
      ::open(secret.c_str(), O_RDONLY);  // as a careless host would: not closed by exec
  const Ending ending = run("ls /proc/self/fd | grep -v -e 0 -e 1 -e 2 | tr '\\n' ' ' >&2");
  ::close(leaking);
  // 3 is the socket; `ls` itself holds its folder open as 4 at most.
  EXPECT_TRUE(ending.last_words == "3 " || ending.last_words == "3 4 ") << ending.text();
}

TEST_F(ProcessTest, AFloodOfOutputIsCutOff) {
  EXPECT_EQ(run("yes | head -c 1000000; exit 4").number, 4);
}

TEST_F(ProcessTest, AProgramThatIsNotThereIsAnError) {
  auto ends = Channel::pair();
  ASSERT_TRUE(ends.ok());
  const Descriptor theirs = std::move(ends->second).take();
  const auto process = Process::start("/nowhere/program", theirs);
  ASSERT_FALSE(process.ok());
  EXPECT_NE(process.status().message().find("/nowhere/program"), std::string::npos);
}

}  // namespace
}  // namespace halyard::core
