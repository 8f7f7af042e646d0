// Rules 2 and 4 of the plugin ABI: sizes and strides of the other side.
#include "halyard/plugin.hpp"

#include <gtest/gtest.h>

#include "halyard/abi/layout_check.h"

namespace halyard::plugin {
namespace {

/// A struct as a later version would have it: known fields, then some more.
struct LargerVerdict {
  hy_verdict known;
  uint64_t more[4];
};

TEST(HyInit, WritesTheSizeAndZeroes) {
  const hy_verdict v = HY_INIT(hy_verdict);
  EXPECT_EQ(v.struct_size, sizeof(hy_verdict));
  EXPECT_EQ(v.node, 0u);
  EXPECT_EQ(v.got.data, nullptr);
  EXPECT_EQ(v.est_us, 0.0);
}

TEST(CopyIn, TakesItsOwnPartOfALargerStruct) {
  LargerVerdict theirs{HY_INIT(hy_verdict), {~0ull, ~0ull, ~0ull, ~0ull}};
  theirs.known.struct_size = sizeof theirs;
  theirs.known.node = 7;
  theirs.known.est_us = 2.5;
  const hy_verdict v = copy_in(&theirs.known);
  EXPECT_EQ(v.struct_size, sizeof(hy_verdict));
  EXPECT_EQ(v.node, 7u);
  EXPECT_EQ(v.est_us, 2.5);
}

TEST(CopyIn, ZeroesWhatAShorterStructLacks) {
  // On the heap and exactly that short, so that a sanitizer sees any byte read past it.
  const size_t size = offsetof(hy_verdict, cluster);
  std::vector<unsigned char> memory(size, 0xff);
  const uint32_t fields[2] = {static_cast<uint32_t>(size), 7};
  std::memcpy(memory.data(), fields, sizeof fields);
  const hy_verdict v = copy_in(reinterpret_cast<const hy_verdict*>(memory.data()));
  EXPECT_EQ(v.node, 7u);
  EXPECT_EQ(v.reason, 0xffffffffu);
  EXPECT_EQ(v.cluster, 0u);
  EXPECT_EQ(v.got.data, nullptr);
  EXPECT_EQ(v.est_us, 0.0);
}

TEST(CopyIn, NullIsZeros) {
  EXPECT_EQ(copy_in<hy_open_args>(nullptr).struct_size, sizeof(hy_open_args));
  EXPECT_EQ(copy_in<hy_open_args>(nullptr).threads, 0u);
}

TEST(RecordAt, StepsByTheirStride) {
  struct Larger {
    hy_option known;
    uint64_t more;
  };
  Larger list[3] = {};
  for (uint32_t i = 0; i < 3; ++i) list[i].known.value.size = i + 10;
  const hy_array array{list, 3, sizeof(Larger)};
  EXPECT_EQ(record_at<hy_option>(array, 2).value.size, 12u);
}

TEST(RecordAt, ZeroesWhatAShorterRecordLacks) {
  const size_t stride = offsetof(hy_option, value);
  std::vector<unsigned char> memory(2 * stride, 0xff);
  const hy_array array{memory.data(), 2, static_cast<uint32_t>(stride)};
  EXPECT_EQ(record_at<hy_option>(array, 1).key.size, ~0ull);
  EXPECT_EQ(record_at<hy_option>(array, 1).value.size, 0u);
}

}  // namespace
}  // namespace halyard::plugin
