#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

struct Case {
  int64_t n, in, out, groups, h, w, kh, kw, sh, sw, dh, dw, ph, pw, qh, qw, ah,
      aw;  // a: output_padding
};

template <class T>
void check_random(uint32_t seed, int cases) {
  Random random(seed);
  for (int i = 0; i < cases; ++i) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", case " + std::to_string(i));
    const auto r = [&](int64_t low, int64_t high) { return random.integer(low, high); };
    Case c{};
    c.groups = r(1, 3), c.n = r(1, 2), c.in = c.groups * r(1, 9), c.out = c.groups * r(1, 9);
    c.h = r(2, 5), c.w = r(2, 5), c.kh = r(1, 3), c.kw = r(2, 3), c.sh = r(1, 3), c.sw = r(1, 2);
    c.dh = r(1, 2), c.dw = r(1, 2), c.ph = r(0, c.kh - 1), c.pw = r(0, 1), c.qh = r(0, c.kh - 1),
    c.qw = r(0, 1);
    c.ah = r(0, c.sh - 1), c.aw = r(0, c.sw - 1);
    const bool with_bias = random.flag();
    const int64_t oh = c.sh * (c.h - 1) + c.ah + (c.kh - 1) * c.dh + 1 - c.ph - c.qh;
    const int64_t ow = c.sw * (c.w - 1) + c.aw + (c.kw - 1) * c.dw + 1 - c.pw - c.qw;
    if (oh < 1 || ow < 1) continue;
    const int64_t ig = c.in / c.groups, og = c.out / c.groups;
    const TestTensor x = random.tensor_of<T>({c.n, c.in, c.h, c.w});
    TestTensor k = random.tensor_of<T>({c.in, og, c.kh, c.kw});
    const TestTensor b = random.tensor_of<T>({c.out});
    const auto xs = x.numbers(), ks = k.numbers(), bs = b.numbers();
    std::vector<double> e(static_cast<size_t>(c.n * c.out * oh * ow), 0);
    for (int64_t n = 0; n < c.n; ++n)
      for (int64_t o = 0; o < c.out; ++o)
        for (int64_t at = 0; with_bias && at < oh * ow; ++at)
          e[static_cast<size_t>((n * c.out + o) * oh * ow + at)] = bs[static_cast<size_t>(o)];
    for (int64_t n = 0; n < c.n; ++n)
      for (int64_t ch = 0; ch < c.in; ++ch)
        for (int64_t y = 0; y < c.h; ++y)
          for (int64_t z = 0; z < c.w; ++z)
            for (int64_t o = 0; o < og; ++o)
              for (int64_t a = 0; a < c.kh; ++a)
                for (int64_t d = 0; d < c.kw; ++d) {
                  const int64_t row = y * c.sh + a * c.dh - c.ph,
                                column = z * c.sw + d * c.dw - c.pw;
                  if (row < 0 || row >= oh || column < 0 || column >= ow) continue;
                  const int64_t channel = ch / ig * og + o;
                  e[static_cast<size_t>(((n * c.out + channel) * oh + row) * ow + column)] +=
                      xs[static_cast<size_t>(((n * c.in + ch) * c.h + y) * c.w + z)] *
                      ks[static_cast<size_t>(((ch * og + o) * c.kh + a) * c.kw + d)];
                }
    k.constant = random.flag();
    const Attributes attributes{{"group", c.groups},
                                {"strides", std::vector<int64_t>{c.sh, c.sw}},
                                {"dilations", std::vector<int64_t>{c.dh, c.dw}},
                                {"output_padding", std::vector<int64_t>{c.ah, c.aw}},
                                {"pads", std::vector<int64_t>{c.ph, c.pw, c.qh, c.qw}}};
    const std::optional<TestTensor> bias = with_bias ? std::optional(b) : std::nullopt;
    expect_near(run_one("ConvTranspose", attributes, {x, k, bias}), {c.n, c.out, oh, ow}, e,
                8 * kTolerance<T>);
  }
}

TEST(ConvTranspose, AgreesWithItsDefinitionInF32) { check_random<float>(201, 60); }
TEST(ConvTranspose, AgreesWithItsDefinitionInF64) { check_random<double>(202, 15); }
TEST(ConvTranspose, AgreesWithItsDefinitionInF16) { check_random<F16>(203, 15); }

// By hand: x spread by the stride, each element times the kernel.
TEST(ConvTranspose, MakesTheOutputShapeThatIsAsked) {
  const TestTensor x = tensor<float>({1, 1, 2}, {1, 2}), k = tensor<float>({1, 1, 2}, {1, 10});
  const Attributes larger{{"strides", std::vector<int64_t>{2}},
                          {"output_shape", std::vector<int64_t>{5}}};
  expect_near(run_one("ConvTranspose", larger, {x, k}), {1, 1, 5}, {1, 10, 2, 20, 0}, 0);
  const Attributes smaller{{"strides", std::vector<int64_t>{2}},
                           {"output_shape", std::vector<int64_t>{3}}};
  // One element too many: not SAME_UPPER cuts it at the beginning.
  expect_near(run_one("ConvTranspose", smaller, {x, k}), {1, 1, 3}, {10, 2, 20}, 0);
}

TEST(ConvTranspose, PadsAutomatically) {
  const TestTensor x = tensor<float>({1, 1, 2}, {1, 2}), k = tensor<float>({1, 1, 3}, {1, 10, 100});
  const auto run = [&](const char* mode) {
    return run_one("ConvTranspose", {{"auto_pad", mode}, {"strides", std::vector<int64_t>{2}}},
                   {x, k});
  };
  // Full: 1 10 102 20 200; SAME gives 4.
  expect_near(run("SAME_UPPER"), {1, 1, 4}, {1, 10, 102, 20}, 0);
  expect_near(run("SAME_LOWER"), {1, 1, 4}, {10, 102, 20, 200}, 0);
  expect_near(run("VALID"), {1, 1, 5}, {1, 10, 102, 20, 200}, 0);
}

}  // namespace
}  // namespace halyard::cpu::testing
