#include "tensor_data.hpp"

#include <gtest/gtest.h>

#include "halyard/abi/graph.h"
#include "opened.hpp"
#include "scalar_bits.hpp"

namespace halyard::onnx::test {
namespace {

/// A model that gives its one initializer out.
std::unique_ptr<Opened> open_tensor(const Message& t) {
  GraphSpec g;
  g.initializers = {t};
  g.outputs = {value("t", 0, {})};
  return open_bytes(model(g));
}

Constant constant_of(const Opened& m) { return m.main().output(0).constant().value(); }

TEST(TensorData, SmallOnesLieInTheGraph) {
  const auto m = open_tensor(floats("t", {2}, {1, 2}));
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_TRUE(constant_of(*m).is_inline());
  EXPECT_EQ(constant_bytes(*m, constant_of(*m)), bytes_of_list<float>({1, 2}));
}

TEST(TensorData, LargeOnesAreWeights) {
  const std::vector<float> data(1000, 3);
  const auto m = open_tensor(floats("t", {10, 100}, data));
  EXPECT_FALSE(constant_of(*m).is_inline());
  EXPECT_EQ(constant_of(*m).dims(), (std::vector<int64_t>{10, 100}));
  EXPECT_EQ(constant_bytes(*m, constant_of(*m)), bytes_of_list(data));
  EXPECT_FALSE(m->model->weight(1).ok());
}

TEST(TensorData, RawAndPackedFloatsAreNotCopied) {
  const std::string raw = bytes_of_list<float>({1, 2, 3});
  for (const Message& t :
       {tensor("t", kF32, {3}, raw), Message().number(1, 3).number(2, kF32).text(4, raw)}) {
    proto::Tensor tensor;
    tensor.data_type = kF32;
    tensor.dims = {3};
    const std::string_view held = t.bytes;
    const std::string_view data = held.substr(held.find(raw), raw.size());
    tensor.typed = {{proto::kFloatData, data}};
    WeightStore store;
    ExternalData external("m.onnx");
    const Result<TensorData> read = read_tensor(tensor, external, store);
    ASSERT_TRUE(read.ok()) << read.status().message();
    EXPECT_EQ(read->bytes.data(), data.data());
  }
}

TEST(TensorData, TypedNumbersTakeTheWidthOfTheType) {
  Message t;
  t.number(1, 2).number(2, kI32).text(8, "t").number(5, -1).number(5, 70000);
  EXPECT_EQ(constant_bytes(*open_tensor(t), constant_of(*open_tensor(t))),
            bytes_of_list<int32_t>({-1, 70000}));
  Message half;
  half.number(1, 1).number(2, kF16).text(8, "t").text(5, std::string("\x80\x78", 2));
  const auto m = open_tensor(half);
  EXPECT_EQ(constant_bytes(*m, constant_of(*m)), std::string("\x00\x3c", 2));
}

TEST(TensorData, StringsAreOffsetsAndText) {
  const auto m = open_tensor(
      Message().number(1, 2).number(2, kStringType).text(8, "t").text(6, "ab").text(6, "c"));
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(constant_bytes(*m, constant_of(*m)), bytes_of_list<uint64_t>({0, 2, 3}) + "abc");
}

struct BadTensor {
  Message tensor;
  const char* says;
};

TEST(TensorData, SaysWhatIsWrong) {
  const int64_t big = int64_t{1} << 40;
  const BadTensor cases[] = {
      {floats("t", {3}, {1, 2}), "its raw data has 8 bytes; its type and dims need 12"},
      {Message().number(1, 3).number(2, kF32).text(8, "t"), "0 bytes; its type and dims need 12"},
      {tensor("t", kF32, {-1}, ""), "a dim is negative"},
      {tensor("t", kF32, {big, big}, ""), "elements"},
      {tensor("t", kF32, std::vector<int64_t>(65, 1), "abcd"), "the rank is 65; the limit is 64"},
      {tensor("t", 99, {1}, "abcd"), "element type is number 99"},
      {tensor("t", 0, {1}, "abcd"), "element type is number 0"},
      {Message().number(1, 1).number(2, kStringType).text(8, "t"), "0 strings; its dims need 1"},
      {Message().number(1, 1).number(2, kI64).text(8, "t").number(7, 1).number(7, 2),
       "more than the 8 bytes"},
  };
  for (const BadTensor& c : cases) {
    const auto m = open_tensor(c.tensor);
    EXPECT_EQ(m->status.code(), HY_ERROR_INVALID_MODEL);
    EXPECT_NE(m->error().find("initializer \"t\""), std::string::npos) << m->error();
    EXPECT_NE(m->error().find(c.says), std::string::npos) << m->error();
  }
}

TEST(TensorData, ScalarsRoundToNearestEven) {
  const auto half = [](double v) {
    uint16_t out = 0;
    std::memcpy(&out, scalar_bits(HY_DTYPE_F16, v).data(), 2);
    return out;
  };
  EXPECT_EQ(half(0), 0);
  EXPECT_EQ(half(1), 0x3c00);
  EXPECT_EQ(half(-6), 0xc600);
  EXPECT_EQ(half(65504), 0x7bff);
  EXPECT_EQ(half(65520), 0x7c00);
  EXPECT_EQ(half(0x1p-24), 1);
  EXPECT_EQ(half(0x1p-25), 0);
  EXPECT_EQ(half(0x1p-14), 0x400);
  EXPECT_EQ(half(1 + 0x1p-11), 0x3c00);
  EXPECT_EQ(half(1 + 0x3p-11), 0x3c02);
}

}  // namespace
}  // namespace halyard::onnx::test
