// DFT, STFT, windows and mel bands against their definitions.
#include <complex>
#include <numbers>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

using Ints = std::vector<int64_t>;
using Numbers = std::vector<std::complex<double>>;

/// Bins [0, bins) of the transform of `x`, zero-padded or cut to `length`, by its definition.
Numbers transform(const Numbers& x, size_t length, bool inverse, size_t bins) {
  Numbers out(bins);
  for (size_t k = 0; k < bins; ++k) {
    for (size_t n = 0; n < std::min(length, x.size()); ++n)
      out[k] += x[n] * std::polar(1.0, (inverse ? 2 : -2) * std::numbers::pi *
                                           static_cast<double>(k * n % length) /
                                           static_cast<double>(length));
    if (inverse) out[k] /= static_cast<double>(length);
  }
  return out;
}

struct Case {
  Ints dims;
  std::optional<int64_t> axis = std::nullopt;
  std::optional<int64_t> length = std::nullopt;
  bool inverse = false, onesided = false;
};

template <class T>
void check(const Case& c, double tolerance = kTolerance<T>) {
  SCOPED_TRACE(::testing::Message() << "dims " << ::testing::PrintToString(c.dims) << " axis "
                                    << c.axis.value_or(-2) << " length " << c.length.value_or(-1)
                                    << " inverse " << c.inverse << " onesided " << c.onesided);
  Random random(17);
  const TestTensor x = random.tensor_of<T>(c.dims);
  const int64_t rank = static_cast<int64_t>(c.dims.size()), given = c.axis.value_or(-2);
  const auto axis = static_cast<size_t>(given < 0 ? given + rank : given);
  const bool real = c.dims.back() == 1, to_real = c.onesided && c.inverse;
  const auto count = static_cast<size_t>(c.dims[axis]);
  const auto length = static_cast<size_t>(
      c.length.value_or(static_cast<int64_t>(to_real ? 2 * (count - 1) : count)));
  const size_t bins = c.onesided && !c.inverse ? length / 2 + 1 : length;
  size_t outer = 1, inner = 1;
  for (size_t i = 0; i < axis; ++i) outer *= static_cast<size_t>(c.dims[i]);
  for (size_t i = axis + 1; i + 1 < c.dims.size(); ++i) inner *= static_cast<size_t>(c.dims[i]);
  const size_t parts = real ? 1 : 2, out_parts = to_real ? 1 : 2;

  const std::vector<double> values = x.numbers();
  std::vector<double> expected(outer * bins * inner * out_parts);
  for (size_t line = 0; line < outer * inner; ++line) {
    const size_t o = line / inner, i = line % inner;
    Numbers in(count);
    for (size_t n = 0; n < count; ++n) {
      const size_t at = ((o * count + n) * inner + i) * parts;
      in[n] = {values[at], real ? 0 : values[at + 1]};
    }
    if (to_real) {
      Numbers whole(length);
      for (size_t k = 0; k < std::min(count, length / 2 + 1); ++k) {
        const bool alone = k == 0 || 2 * k == length;
        whole[k] = alone ? in[k].real() : in[k];
        if (!alone) whole[length - k] = std::conj(in[k]);
      }
      in = whole;
    }
    const Numbers out = transform(in, length, c.inverse, bins);
    for (size_t k = 0; k < bins; ++k) {
      const size_t at = ((o * bins + k) * inner + i) * out_parts;
      expected[at] = out[k].real();
      if (!to_real) expected[at + 1] = out[k].imag();
    }
  }
  Ints dims = c.dims;
  dims[axis] = static_cast<int64_t>(bins);
  dims.back() = static_cast<int64_t>(out_parts);

  std::vector<std::optional<TestTensor>> inputs{x, std::nullopt, std::nullopt};
  if (c.length) inputs[1] = ints({}, {*c.length});
  if (c.axis) inputs[2] = ints({}, {*c.axis});
  const Attributes attributes{{"inverse", int64_t{c.inverse}}, {"onesided", int64_t{c.onesided}}};
  expect_near(run_one("DFT", attributes, inputs), dims, expected, tolerance);
  for (auto& operand : inputs)
    if (operand && operand->dtype == HY_DTYPE_I64) operand = operand->as_constant();
  expect_near(run_one("DFT", attributes, inputs), dims, expected, tolerance);
}

TEST(Dft, EveryLength) {
  for (int64_t n = 1; n <= 40; ++n)
    for (bool inverse : {false, true}) {
      check<double>({{3, n, 1}, {}, {}, inverse});
      check<double>({{2, n, 2}, {}, {}, inverse});
    }
  for (int64_t n : {97, 128, 210, 243, 1000, 1024, 1021, 2 * 509})
    for (int64_t parts : {1, 2}) check<double>({{1, n, parts}}, 1e-11);
}

TEST(Dft, HalfSpectra) {
  for (int64_t n = 1; n <= 20; ++n) check<double>({{3, n, 1}, {}, {}, false, true});
  for (int64_t n = 2; n <= 12; ++n) {
    check<double>({{3, n, 2}, {}, {}, true, true});
    check<double>({{2, n, 2}, {}, 2 * n - 1, true, true});
    check<double>({{1, n, 2}, {}, 2 * n + 5, true, true});
    check<double>({{1, n, 2}, {}, n, true, true});
  }
}

TEST(Dft, EveryAxis) {
  for (int64_t axis : {0, 1, 2, -2, -3, -4})
    for (int64_t parts : {1, 2}) check<float>({{3, 4, 5, parts}, axis});
  check<float>({{6, 2}});
  check<float>({{4, 3, 5, 2}, 1, 6, true, true});
}

TEST(Dft, LengthsPadAndCut) {
  for (int64_t length : {1, 4, 7, 8, 16, 23})
    for (bool inverse : {false, true}) {
      check<double>({{2, 8, 3, 1}, 1, length, inverse});
      check<double>({{2, 8, 3, 2}, 1, length, inverse});
    }
}

TEST(Dft, Types) {
  check<float>({{2, 30, 1}, {}, {}, false, true});
  check<F16>({{2, 12, 2}});
  check<BF16>({{2, 12, 2}, {}, {}, true});
}

TEST(Dft, NoLines) {
  const TestTensor x = tensor<float>({0, 8, 1}, {});
  EXPECT_EQ(run_one("DFT", {}, {x, ints({}, {int64_t{1} << 50})}).dims,
            (Ints{0, int64_t{1} << 50, 2}));
}

std::string error_of(const std::string& op, const Attributes& attributes,
                     const std::vector<std::optional<TestTensor>>& inputs,
                     const RunOptions& options = {}) {
  const auto out = run_node(op, attributes, inputs, options);
  return out.ok() ? "" : out.status().message();
}

TEST(Dft, RefusesWhatHasNoMeaning) {
  const TestTensor x = tensor<float>({1, 2, 2}, {1, 2, 3, 4});
  EXPECT_NE(error_of("DFT", {}, {x, std::nullopt, ints({}, {2})}).find("last one"),
            std::string::npos);
  EXPECT_NE(error_of("DFT", {}, {x, std::nullopt, ints({}, {3})}).find("axis 3 is outside"),
            std::string::npos);
  EXPECT_NE(error_of("DFT", {}, {x, ints({}, {0})}).find("length is 0"), std::string::npos);
  EXPECT_NE(error_of("DFT", {{"onesided", int64_t{1}}}, {x}).find("only real input"),
            std::string::npos);
  EXPECT_NE(
      error_of("DFT", {}, {tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6})}).find("a last one of 1"),
      std::string::npos);
  EXPECT_NE(error_of("DFT", {}, {x, ints({2}, {1, 2})}).find("must be one number"),
            std::string::npos);
}

/// x is [batch, samples, parts].
template <class T>
void check_stft(const Ints& dims, int64_t step, int64_t length, bool with_window, bool onesided) {
  SCOPED_TRACE(::testing::Message() << "step " << step << " length " << length);
  Random random(23);
  const TestTensor x = random.tensor_of<T>(dims);
  const TestTensor window = random.tensor_of<T>({length}, 0, 1);
  const auto samples = static_cast<size_t>(dims[1]), n = static_cast<size_t>(length);
  const size_t frames = (samples - n) / static_cast<size_t>(step) + 1;
  const size_t bins = onesided ? n / 2 + 1 : n, parts = dims.size() == 3 && dims[2] == 2 ? 2 : 1;
  const std::vector<double> values = x.numbers(), weights = window.numbers();
  std::vector<double> expected;
  for (size_t b = 0; b < static_cast<size_t>(dims[0]); ++b)
    for (size_t f = 0; f < frames; ++f) {
      Numbers in(n);
      for (size_t i = 0; i < n; ++i) {
        const size_t at = (b * samples + f * static_cast<size_t>(step) + i) * parts;
        in[i] = std::complex<double>(values[at], parts == 2 ? values[at + 1] : 0) *
                (with_window ? weights[i] : 1.0);
      }
      for (const auto& z : transform(in, n, false, bins)) {
        expected.push_back(z.real());
        expected.push_back(z.imag());
      }
    }
  std::vector<std::optional<TestTensor>> inputs{x, ints({}, {step})};
  if (with_window)
    inputs.emplace_back(window);
  else
    inputs.insert(inputs.end(), {std::nullopt, ints({}, {length})});
  expect_near(run_one("STFT", {{"onesided", int64_t{onesided}}}, inputs),
              {dims[0], static_cast<int64_t>(frames), static_cast<int64_t>(bins), 2}, expected,
              kTolerance<T>);
}

TEST(Stft, FramesAndWindows) {
  for (bool with_window : {false, true})
    for (bool onesided : {false, true}) {
      check_stft<double>({2, 128, 1}, 8, 16, with_window, onesided);
      check_stft<float>({3, 50}, 7, 11, with_window, onesided);
      check_stft<float>({1, 9, 1}, 20, 9, with_window, onesided);
    }
  check_stft<double>({2, 40, 2}, 3, 14, true, false);
  check_stft<F16>({1, 32, 1}, 4, 8, true, true);
}

TEST(Stft, RefusesWhatHasNoMeaning) {
  const TestTensor x = tensor<float>({1, 4, 1}, {1, 2, 3, 4}), step = ints({}, {1});
  EXPECT_NE(
      error_of("STFT", {}, {x, ints({}, {0}), std::nullopt, ints({}, {2})}).find("frame_step"),
      std::string::npos);
  EXPECT_NE(error_of("STFT", {}, {x, step}).find("neither"), std::string::npos);
  EXPECT_NE(error_of("STFT", {}, {x, step, std::nullopt, ints({}, {5})}).find("the signal has 4"),
            std::string::npos);
  EXPECT_NE(error_of("STFT", {}, {x, step, tensor<float>({3}, {1, 1, 1}), ints({}, {2})})
                .find("frame_length is 2"),
            std::string::npos);
  EXPECT_NE(error_of("STFT", {},
                     {tensor<float>({1, 2, 2}, {1, 2, 3, 4}), step, std::nullopt, ints({}, {2})})
                .find("it is complex"),
            std::string::npos);
}

TEST(Windows, AgreeWithTheirDefinitions) {
  const double pi = std::numbers::pi;
  RunOptions options;
  options.output_types = {HY_DTYPE_F32};
  for (int64_t periodic : {0, 1})
    for (int64_t size : {2, 5, 10}) {
      std::vector<double> hann, hamming, blackman;
      for (int64_t n = 0; n < size; ++n) {
        const double x = 2 * pi * static_cast<double>(n) / static_cast<double>(size - 1 + periodic);
        hann.push_back(std::pow(std::sin(x / 2), 2));
        hamming.push_back(25. / 46 - 21. / 46 * std::cos(x));
        blackman.push_back(0.42 - 0.5 * std::cos(x) + 0.08 * std::cos(2 * x));
      }
      const Attributes attributes{{"periodic", periodic}};
      const TestTensor operand = ints({}, {size});
      expect_near(run_one("HannWindow", attributes, {operand}, options), {size}, hann, 1e-6);
      expect_near(run_one("HammingWindow", attributes, {operand}, options), {size}, hamming, 1e-6);
      expect_near(run_one("BlackmanWindow", attributes, {operand}, options), {size}, blackman,
                  1e-6);
    }
}

TEST(Windows, TypesAndEdges) {
  RunOptions options;
  options.output_types = {HY_DTYPE_I16};
  const Attributes of_i16{{"output_datatype", int64_t{HY_DTYPE_I16}}};
  expect_near(run_one("HannWindow", of_i16, {ints({}, {4})}, options), {4}, {0, 0, 1, 0}, 0);
  options.output_types = {HY_DTYPE_F32};
  EXPECT_EQ(run_one("HannWindow", {}, {ints({}, {0})}, options).dims, (Ints{0}));
  expect_near(run_one("HannWindow", {{"periodic", int64_t{0}}}, {ints({}, {1})}, options), {1}, {1},
              0);
  EXPECT_NE(error_of("HannWindow", {}, {ints({}, {-1})}, options).find("negative"),
            std::string::npos);
}

TEST(MelWeightMatrix, BandsRiseAndFall) {
  RunOptions options;
  options.output_types = {HY_DTYPE_F32};
  const auto hertz = [](double value) { return tensor<float>({}, {value}); };
  const TestTensor y =
      run_one("MelWeightMatrix", {},
              {ints({}, {3}), ints({}, {32}), ints({}, {16000}), hertz(0), hertz(8000)}, options);
  ASSERT_EQ(y.dims, (Ints{17, 3}));
  const double step = 2595 * std::log10(1 + 8000. / 700) / 5;
  std::vector<int64_t> edges;
  for (int i = 0; i < 5; ++i)
    edges.push_back(static_cast<int64_t>(33 * 700 * (std::pow(10, i * step / 2595) - 1) / 16000));
  std::vector<double> expected(17 * 3);
  for (size_t band = 0; band < 3; ++band)
    for (int64_t row = 0; row < 17; ++row) {
      const int64_t left = edges[band], peak = edges[band + 1], right = edges[band + 2];
      double& e = expected[static_cast<size_t>(row) * 3 + band];
      if (row == peak)
        e = 1;
      else if (row >= left && row < peak)
        e = static_cast<double>(row - left) / static_cast<double>(peak - left);
      else if (row > peak && row < right)
        e = static_cast<double>(right - row) / static_cast<double>(right - peak);
    }
  expect_near(y, {17, 3}, expected, 1e-6);
}

TEST(MelWeightMatrix, EdgesBeyondTheSpectrumAndNonsense) {
  RunOptions options;
  options.output_types = {HY_DTYPE_F64};
  const auto run = [&](int64_t bands, int64_t length, int64_t rate, double low, double high) {
    return run_node("MelWeightMatrix", {{"output_datatype", int64_t{HY_DTYPE_F64}}},
                    {ints({}, {bands}), ints({}, {length}), ints({}, {rate}),
                     tensor<double>({}, {low}), tensor<double>({}, {high})},
                    options);
  };
  const auto far = run(2, 8, 10, 1e30, 1e38);
  ASSERT_TRUE(far.ok()) << far.status().message();
  expect_near((*far)[0], {5, 2}, std::vector<double>(10), 0);
  EXPECT_NE(run(2, 8, 0, 0, 1).status().message().find("sample_rate is 0"), std::string::npos);
  EXPECT_NE(run(2, 8, 10, 2, 1).status().message().find("below"), std::string::npos);
  EXPECT_NE(run(2, 8, 10, -2, 1).status().message().find("lower_edge_hertz"), std::string::npos);
  EXPECT_NE(run(-2, 8, 10, 0, 1).status().message().find("negative"), std::string::npos);
}

}  // namespace
}  // namespace halyard::cpu::testing
