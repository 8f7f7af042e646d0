#include "tools/halyard/sound.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "tests/unit/tools_halyard/bytes.hpp"
#include "tools/halyard/input_value.hpp"

namespace halyard::cli::test {
namespace {

std::string le(uint32_t v, size_t width) {
  std::string out;
  for (size_t i = 0; i < width; ++i) out += static_cast<char>(v >> (8 * i));
  return out;
}

std::string chunk(const std::string& name, const std::string& body) {
  return name + le(static_cast<uint32_t>(body.size()), 4) + body +
         std::string(body.size() % 2, '\0');
}

std::string format(uint32_t tag, uint32_t channels, uint32_t bits, uint32_t rate = 16000) {
  const uint32_t align = channels * bits / 8;
  std::string body =
      le(tag, 2) + le(channels, 2) + le(rate, 4) + le(rate * align, 4) + le(align, 2) + le(bits, 2);
  return body;
}

std::string wav(const std::string& format_body, const std::string& data) {
  // A chunk of odd size between the two: it is padded.
  const std::string chunks =
      "WAVE" + chunk("fmt ", format_body) + chunk("LIST", "abc") + chunk("data", data);
  return "RIFF" + le(static_cast<uint32_t>(chunks.size()), 4) + chunks;
}

std::string floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::string message(const std::string& bytes) {
  const auto sound = parse_wav(bytes);
  return sound.ok() ? "ok" : sound.status().message();
}

TEST(Sound, EveryWidthHasTheSameValues) {
  const std::vector<float> expected = {0, 0.5f, -1};
  const std::pair<std::string, std::string> files[] = {
      {format(1, 1, 8), std::string("\x80\xc0\x00", 3)},
      {format(1, 1, 16), le(0, 2) + le(0x4000, 2) + le(0x8000, 2)},
      {format(1, 1, 24), le(0, 3) + le(0x400000, 3) + le(0x800000, 3)},
      {format(1, 1, 32), le(0, 4) + le(0x40000000, 4) + le(0x80000000, 4)},
      {format(3, 1, 32), floats(expected)},
      // Extensible: the tag is in the subformat.
      {format(0xfffe, 1, 16) + le(22, 2) + le(16, 2) + le(4, 4) + le(1, 2) + std::string(14, '\0'),
       le(0, 2) + le(0x4000, 2) + le(0x8000, 2)}};
  for (const auto& [head, data] : files) {
    const auto sound = parse_wav(wav(head, data));
    ASSERT_TRUE(sound.ok()) << sound.status().message();
    EXPECT_EQ(sound->rate, 16000);
    EXPECT_EQ(sound->frames, 3);
    EXPECT_EQ(sound->samples, expected);
  }
}

TEST(Sound, AStreamOfUnknownLengthGoesToTheEnd) {
  std::string bytes = wav(format(1, 1, 16), le(0x4000, 2) + le(0, 2));
  const size_t at = bytes.find("data") + 4;
  bytes.replace(at, 4, le(UINT32_MAX, 4));
  EXPECT_EQ(parse_wav(bytes)->frames, 2);
}

TEST(Sound, SaysWhatIsWrong) {
  EXPECT_NE(message("hello").find("not a WAV"), std::string::npos);
  EXPECT_NE(message(wav(format(2, 1, 4), "")).find("format 2 of 4 bits"), std::string::npos);
  EXPECT_NE(message(wav(format(1, 0, 16), "")).find("0 channels"), std::string::npos);
  const std::string good = wav(format(1, 1, 16), std::string(100, 'a'));
  EXPECT_NE(message(good.substr(0, good.size() - 10)).find("has 90 of 100 bytes"),
            std::string::npos);
  EXPECT_NE(message("RIFF" + le(4, 4) + "WAVE").find("no samples"), std::string::npos);
}

TEST(Sound, SurvivesDamage) {
  const std::string good = wav(format(1, 2, 16), std::string(64, 'a'));
  constexpr unsigned kSeed = 7;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int i = 0; i < 2000; ++i) (void)parse_wav(damaged(good, random));
}

const Sound kStereo{8000, 2, 3, {0.5f, 0, 1, 0, -1, 0.5f}};

TEST(SoundTensor, MixesOrKeepsTheChannels) {
  for (const std::vector<int64_t>& dims :
       {std::vector<int64_t>{-1}, {1, -1}, {-1, -1}, {1, 1, 3}, {-1, -1, -1}}) {
    const auto t = sound_tensor(kStereo, dims, HY_DTYPE_F32, 0);
    ASSERT_TRUE(t.ok()) << t.status().message();
    EXPECT_EQ(t->dims.size(), dims.size());
    EXPECT_EQ(t->dims.back(), 3);
    EXPECT_EQ(values<float>(*t), (std::vector<float>{0.25f, 0.5f, -0.25f}));
  }
  const auto both = sound_tensor(kStereo, {1, 2, -1}, HY_DTYPE_F32, 8000);
  ASSERT_TRUE(both.ok()) << both.status().message();
  EXPECT_EQ(both->dims, (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(values<float>(*both), (std::vector<float>{0.5f, 1, -1, 0, 0, 0.5f}));
}

TEST(SoundTensor, IntegersTakeTheirRange) {
  const Sound mono{8000, 1, 3, {0.5f, -1, 1}};
  EXPECT_EQ(values<int16_t>(*sound_tensor(mono, {-1}, HY_DTYPE_I16, 0)),
            (std::vector<int16_t>{16384, -32768, 32767}));
}

TEST(SoundTensor, SaysWhatDoesNotFit) {
  const auto text = [](const std::vector<int64_t>& dims, uint32_t dtype, int64_t rate) {
    const auto t = sound_tensor(kStereo, dims, dtype, rate);
    return t.ok() ? std::string("ok") : t.status().message();
  };
  const std::string rates = text({-1}, HY_DTYPE_F32, 16000);
  EXPECT_NE(rates.find("8000"), std::string::npos);
  EXPECT_NE(rates.find("16000"), std::string::npos);
  EXPECT_NE(text({512}, HY_DTYPE_F32, 0).find("3 samples; the input takes 512"), std::string::npos);
  EXPECT_NE(text({6, -1}, HY_DTYPE_F32, 0).find("2 channels"), std::string::npos);
  EXPECT_NE(text({4, 1, -1}, HY_DTYPE_F32, 0).find("batch"), std::string::npos);
  EXPECT_NE(text({-1}, HY_DTYPE_STRING, 0).find("string"), std::string::npos);
}

}  // namespace
}  // namespace halyard::cli::test
