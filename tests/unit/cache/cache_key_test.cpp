#include "core/cache/cache_key.hpp"

#include <gtest/gtest.h>

#include "tests/unit/cache/folder.hpp"

namespace halyard::core {
namespace {

using test::key_of;

TEST(CacheKey, ComesBackFromItsBytes) {
  const CacheKey key = key_of(std::string("g\0h", 3), "");
  const auto back = CacheKey::decode(bytes_of(key.encode()));
  ASSERT_TRUE(back.ok()) << back.status().message();
  EXPECT_EQ(*back, key);
  EXPECT_EQ(back->digest(), key.digest());
}

TEST(CacheKey, WhereAPartEndsIsPartOfTheKey) {
  CacheKey a, b;
  a.add("x", "12");
  a.add("y", "3");
  b.add("x", "1");
  b.add("y", "23");
  EXPECT_NE(a.digest(), b.digest());
}

TEST(CacheKey, NamesTheFirstPartThatDiffers) {
  const auto difference = key_of("g", "1.0").first_difference(key_of("h", "2.0"));
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->part, "driver");
  EXPECT_EQ(difference->ours, "1.0");
  EXPECT_EQ(difference->theirs, "2.0");
  EXPECT_FALSE(key_of("g").first_difference(key_of("g")).has_value());
}

TEST(CacheKey, APartThatOneSideLacksDiffers) {
  CacheKey more = key_of("g");
  more.add("options", "fast");
  EXPECT_EQ(more.first_difference(key_of("g"))->theirs, "(none)");
  EXPECT_EQ(key_of("g").first_difference(more)->ours, "(none)");
  EXPECT_EQ(more.common_parts(key_of("g")), 3u);
}

TEST(CacheKey, NoBytesThatAreCutOrTooLongAreAKey) {
  const std::string bytes = key_of("graph").encode();
  for (size_t n = 0; n < bytes.size(); ++n)
    EXPECT_FALSE(CacheKey::decode(bytes_of(std::string_view(bytes).substr(0, n))).ok()) << n;
  EXPECT_FALSE(CacheKey::decode(bytes_of(bytes + "x")).ok());
  EXPECT_FALSE(CacheKey::decode(bytes_of("\xff\xff\xff\xff")).ok());
}

TEST(Digest, PiecesGiveWhatTheWholeGives) {
  Hasher hasher;
  hasher.add(bytes_of("hal"));
  hasher.add(bytes_of("yard"));
  EXPECT_EQ(hasher.digest(), digest_of(bytes_of("halyard")));
  EXPECT_EQ(digest_of(bytes_of("halyard")).hex().size(), 32u);
  EXPECT_NE(digest_of(bytes_of("halyard")), digest_of(bytes_of("Halyard")));
}

}  // namespace
}  // namespace halyard::core
