// Quantisation and integer products against their definitions.
#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

using Ints = std::vector<int64_t>;

/// The operator's row leaves the type of its result open.
RunOptions gives(uint32_t dtype) {
  RunOptions options;
  options.output_types = {dtype};
  return options;
}

double clamped(double v, double low, double high) { return std::min(std::max(v, low), high); }

TEST(QuantizeLinear, RoundsToEvenAndHolds) {
  const TestTensor x = tensor<float>({7}, {0, 1, 3, -1, 5, 1000, -1000}),
                   scale = tensor<float>({}, {2});
  const TestTensor y = run_one("QuantizeLinear", {}, {x, scale, tensor<uint8_t>({}, {128})});
  EXPECT_EQ(y.values<uint8_t>(), (std::vector<uint8_t>{128, 128, 130, 128, 130, 255, 0}));
  const TestTensor wide = run_one("QuantizeLinear", {}, {x, scale, tensor<int16_t>({}, {-1})});
  EXPECT_EQ(wide.values<int16_t>(), (std::vector<int16_t>{-1, -1, 1, -1, 1, 499, -501}));
}

TEST(QuantizeLinear, ByAxisAndByBlock) {
  Random random(5);
  const TestTensor x = random.tensor_of<float>({2, 5, 3}, -4, 4);
  const std::vector<double> in = x.numbers();
  const TestTensor axis_scale = random.tensor_of<float>({5}, 0.01, 0.1),
                   block_scale = random.tensor_of<float>({2, 3, 3}, 0.01, 0.1);
  for (bool blocked : {false, true}) {
    const TestTensor& scale = blocked ? block_scale : axis_scale;
    std::vector<double> zeros;
    for (int64_t i = 0; i < scale.count(); ++i) zeros.push_back(static_cast<double>(i % 5 - 2));
    const TestTensor zero = tensor<int8_t>(scale.dims, zeros);
    Attributes attributes{{"axis", int64_t{-2}}};
    if (blocked) attributes.emplace_back("block_size", int64_t{2});
    const TestTensor y = run_one("QuantizeLinear", attributes, {x, scale, zero});
    const TestTensor back =
        run_one("DequantizeLinear", attributes, {y, scale, zero}, gives(HY_DTYPE_F32));
    const std::vector<double> scales = scale.numbers();
    std::vector<double> expected(in.size()), restored(in.size());
    for (size_t i = 0; i < in.size(); ++i) {
      const size_t a = i / 3 % 5, p = blocked ? (i / 15 * 3 + a / 2) * 3 + i % 3 : a;
      const auto s = static_cast<float>(scales[p]);
      expected[i] = clamped(std::nearbyint(static_cast<float>(in[i]) / s) + zeros[p], -128, 127);
      restored[i] = (expected[i] - zeros[p]) * scales[p];
    }
    expect_near(y, x.dims, expected, 0);
    expect_near(back, x.dims, restored, 1e-6);
  }
}

TEST(QuantizeLinear, PackedAndSmallFloats) {
  const TestTensor x = tensor<float>({3}, {-9, 3, 100}), one = tensor<float>({}, {1});
  const TestTensor packed = run_one("QuantizeLinear", {{"output_dtype", int64_t{HY_DTYPE_I4}}},
                                    {x, one}, gives(HY_DTYPE_I4));
  EXPECT_EQ(packed.bytes, (std::vector<unsigned char>{0x38, 0x07}));
  expect_near(run_one("DequantizeLinear", {}, {packed, one}, gives(HY_DTYPE_F32)), {3}, {-8, 3, 7},
              0);
}

TEST(QuantizeLinear, RefusesScalesThatDoNotFit) {
  const TestTensor x = tensor<float>({1, 3}, {1, 2, 3}), scale = tensor<float>({2}, {1, 2});
  const auto y = run_node("QuantizeLinear", {}, {x, scale});
  ASSERT_FALSE(y.ok());
  EXPECT_NE(y.status().message().find("[2]"), std::string::npos) << y.status().message();
}

TEST(DynamicQuantizeLinear, HoldsTheRangeAndZero) {
  RunOptions options;
  options.outputs = 3;
  const auto y = run_node("DynamicQuantizeLinear", {}, {tensor<float>({3}, {-1, 0, 4})}, options);
  ASSERT_TRUE(y.ok()) << y.status().message();
  EXPECT_FLOAT_EQ((*y)[1].values<float>()[0], 5.0f / 255);
  EXPECT_EQ((*y)[2].values<uint8_t>()[0], 51);
  EXPECT_EQ((*y)[0].values<uint8_t>(), (std::vector<uint8_t>{0, 51, 255}));
}

template <class A, class B>
void check_product(const Ints& a_dims, const Ints& b_dims) {
  Random random(17);
  const int64_t m = a_dims[a_dims.size() - 2], k = a_dims.back(), n = b_dims.back();
  const double a_low = std::is_signed_v<A> ? -128 : 0, b_low = std::is_signed_v<B> ? -128 : 0;
  const TestTensor a = random.tensor_of<A>(a_dims, a_low, a_low + 255.9),
                   b = random.tensor_of<B>(b_dims, b_low, b_low + 255.9), az = tensor<A>({}, {7}),
                   bz = random.tensor_of<B>({n}, b_low, b_low + 255.9);
  const std::vector<double> as = a.numbers(), bs = b.numbers(), zs = bz.numbers();
  const int64_t batch = a.count() / (m * k), b_batch = b.count() / (k * n);
  std::vector<double> expected;
  for (int64_t i = 0; i < batch * m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (int64_t p = 0; p < k; ++p)
        sum += (as[static_cast<size_t>(i * k + p)] - 7) *
               (bs[static_cast<size_t>((i / m % b_batch * k + p) * n + j)] -
                zs[static_cast<size_t>(j)]);
      expected.push_back(sum);
    }
  Ints dims = a_dims;
  dims.back() = n;
  expect_near(run_one("MatMulInteger", {}, {a, b, az, bz}), dims, expected, 0);
}

TEST(MatMulInteger, IsExact) {
  check_product<uint8_t, int8_t>({5, 700}, {700, 9});
  check_product<int8_t, uint8_t>({3, 33}, {33, 70});
  check_product<uint8_t, uint8_t>({2, 4, 6}, {2, 6, 5});
  check_product<int8_t, int8_t>({2, 4, 6}, {6, 5});
}

TEST(QLinearMatMul, RoundsTheScaledSum) {
  const TestTensor a = tensor<uint8_t>({1, 2}, {10, 20}), b = tensor<int8_t>({2, 2}, {1, -2, 3, 4}),
                   s = tensor<float>({}, {0.5}), az = tensor<uint8_t>({}, {4}),
                   bz = tensor<int8_t>({}, {1}), ys = tensor<float>({}, {4}),
                   yz = tensor<int8_t>({}, {-3});
  // (6*0 + 16*2, 6*-3 + 16*3) * 0.25 / 4 - 3
  const TestTensor y = run_one("QLinearMatMul", {}, {a, s, az, b, s, bz, ys, yz});
  EXPECT_EQ(y.values<int8_t>(), (std::vector<int8_t>{-1, -1}));
}

TEST(ConvInteger, IsExact) {
  Random random(23);
  const TestTensor x = random.tensor_of<uint8_t>({2, 4, 6, 5}, 0, 255.9),
                   w = random.tensor_of<int8_t>({6, 2, 3, 2}, -128, 127.9),
                   zero = tensor<uint8_t>({}, {100});
  const std::vector<double> xs = x.numbers(), ws = w.numbers();
  std::vector<double> expected;
  for (int64_t n = 0; n < 2; ++n)
    for (int64_t c = 0; c < 6; ++c)
      for (int64_t i = 0; i < 3; ++i)
        for (int64_t j = 0; j < 4; ++j) {
          double sum = 0;
          for (int64_t q = 0; q < 2; ++q)
            for (int64_t u = 0; u < 3; ++u)
              for (int64_t v = 0; v < 2; ++v) {
                const int64_t row = i * 2 + u - 1, column = j + v, channel = c / 3 * 2 + q;
                if (row < 0 || row >= 6) continue;
                sum += (xs[static_cast<size_t>(((n * 4 + channel) * 6 + row) * 5 + column)] - 100) *
                       ws[static_cast<size_t>(((c * 2 + q) * 3 + u) * 2 + v)];
              }
          expected.push_back(sum);
        }
  const Attributes attributes{
      {"group", int64_t{2}}, {"pads", Ints{1, 0, 1, 0}}, {"strides", Ints{2, 1}}};
  expect_near(run_one("ConvInteger", attributes, {x, w, zero}), {2, 6, 3, 4}, expected, 0);
}

TEST(QLinearConv, AddsTheBiasAndScalesByChannel) {
  const TestTensor x = tensor<uint8_t>({1, 1, 1, 2}, {3, 5}),
                   w = tensor<int8_t>({2, 1, 1, 1}, {2, -4}), xs = tensor<float>({}, {0.5}),
                   xz = tensor<uint8_t>({}, {1}), ws = tensor<float>({2}, {1, 2}),
                   wz = tensor<int8_t>({2}, {0, 0}), ys = tensor<float>({}, {1}),
                   yz = tensor<uint8_t>({}, {20}), bias = tensor<int32_t>({2}, {6, 4});
  const TestTensor y = run_one("QLinearConv", {}, {x, xs, xz, w, ws, wz, ys, yz, bias});
  EXPECT_EQ(y.values<uint8_t>(), (std::vector<uint8_t>{25, 27, 16, 8}));
}

}  // namespace
}  // namespace halyard::cpu::testing
