#include "core/isolation/channel.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <numeric>

#include "core/isolation/shared_memory.hpp"
#include "core/isolation/wire.hpp"

namespace halyard::core {
namespace {

std::pair<Channel, Channel> ends() {
  auto made = Channel::pair();
  EXPECT_TRUE(made.ok()) << made.status().message();
  return std::move(made).value();
}

TEST(Channel, CarriesMessagesInOrder) {
  auto [a, b] = ends();
  ASSERT_TRUE(a.send(7, bytes_of("first")));
  ASSERT_TRUE(a.send(8, {}));
  Message m;
  ASSERT_EQ(b.receive(&m), Channel::Got::kMessage);
  EXPECT_EQ(m.kind, 7u);
  EXPECT_EQ(std::string(m.payload.begin(), m.payload.end()), "first");
  ASSERT_EQ(b.receive(&m), Channel::Got::kMessage);
  EXPECT_EQ(m.kind, 8u);
  EXPECT_TRUE(m.payload.empty());
}

TEST(Channel, CarriesWhatNoSocketTakesAtOnce) {
  auto [a, b] = ends();
  std::vector<unsigned char> large(5 << 20);
  std::iota(large.begin(), large.end(), static_cast<unsigned char>(0));
  ASSERT_TRUE(a.send(1, large));
  Message m;
  ASSERT_EQ(b.receive(&m), Channel::Got::kMessage);
  EXPECT_EQ(m.payload, large);
  EXPECT_TRUE(m.files.empty());
}

TEST(Channel, CarriesFilesThatBothSidesSee) {
  auto [a, b] = ends();
  auto memory = SharedMemory::create(10000);
  ASSERT_TRUE(memory.ok()) << memory.status().message();
  const int fd = memory->file();
  ASSERT_TRUE(a.send(1, bytes_of("memory"), {&fd, 1}));
  Message m;
  ASSERT_EQ(b.receive(&m), Channel::Got::kMessage);
  ASSERT_EQ(m.files.size(), 1u);
  auto theirs = SharedMemory::map(std::move(m.files[0]), 10000);
  ASSERT_TRUE(theirs.ok()) << theirs.status().message();
  memory->data()[9999] = 42;
  EXPECT_EQ(theirs->data()[9999], 42);
}

TEST(Channel, TellsThatTheOtherEndIsGone) {
  auto [a, b] = ends();
  ASSERT_TRUE(a.send(1, bytes_of("last words")));
  { const Descriptor closed = std::move(a).take(); }
  Message m;
  EXPECT_EQ(b.receive(&m), Channel::Got::kMessage);
  EXPECT_EQ(b.receive(&m), Channel::Got::kClosed);
  EXPECT_FALSE(b.send(1, bytes_of("anybody?")));
}

TEST(Channel, GivesUpWhenTheTimeIsOver) {
  auto [a, b] = ends();
  Message m;
  EXPECT_EQ(b.receive(&m, Channel::Clock::now()), Channel::Got::kTimeout);
}

TEST(SharedMemory, RefusesAFileThatCouldShrink) {
  const Descriptor plain(memfd_create("plain", MFD_CLOEXEC));
  ASSERT_EQ(ftruncate(plain.get(), 4096), 0);
  EXPECT_FALSE(SharedMemory::map(Descriptor(dup(plain.get())), 4096).ok());
  auto memory = SharedMemory::create(100);
  ASSERT_TRUE(memory.ok());
  EXPECT_FALSE(SharedMemory::map(Descriptor(dup(memory->file())), 101).ok());
  EXPECT_NE(ftruncate(memory->file(), 50), 0);
}

TEST(Wire, ReadsWhatWasWritten) {
  WireWriter w;
  w.number<uint32_t>(7);
  w.text("seven");
  w.number(-0.5);
  WireReader r(w.bytes());
  EXPECT_EQ(r.number<uint32_t>(), 7u);
  EXPECT_EQ(r.text(), "seven");
  EXPECT_EQ(r.number<double>(), -0.5);
  EXPECT_TRUE(r.ok() && r.done());
}

TEST(Wire, NeverReadsPastTheEnd) {
  WireWriter w;
  w.number<uint64_t>(~uint64_t{0});  // the length of a text that is not there
  WireReader r(w.bytes());
  EXPECT_EQ(r.text(), "");
  EXPECT_FALSE(r.ok());
  EXPECT_EQ(r.number<uint32_t>(), 0u);
}

}  // namespace
}  // namespace halyard::core
