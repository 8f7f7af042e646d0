// Transpose Concat Split Slice Gather Expand Tile Pad: against the source of each element, computed one
// by one from the operator's definition.
#include <algorithm>
#include <functional>
#include <numeric>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

using Shape = std::vector<int64_t>;

int64_t count_of(const Shape& dims) {
  return std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
}
Shape index_of(int64_t at, const Shape& dims) {
  Shape out(dims.size());
  for (size_t d = dims.size(); d-- > 0; at /= dims[d]) out[d] = at % dims[d];
  return out;
}
int64_t position_of(const Shape& index, const Shape& dims) {
  int64_t at = 0;
  for (size_t d = 0; d < dims.size(); ++d) at = at * dims[d] + index[d];
  return at;
}

/// The same elements 0, 1, 2, ... (i64), as u8, f16 and strings, too.
std::vector<TestTensor> forms(const Shape& dims) {
  std::vector<double> v(static_cast<size_t>(count_of(dims)));
  for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<double>(i % 200);
  std::vector<std::string> texts;
  for (double e : v) texts.push_back("s" + std::to_string(static_cast<int>(e)));
  return {tensor<int64_t>(dims, v), tensor<uint8_t>(dims, v), tensor<F16>(dims, v),
          tensor<float>(dims, v), strings(dims, texts)};
}

/// out has these dims, and element i is element source(index of i) of x; -1: zero or "".
void expect_moved(const TestTensor& out, const TestTensor& x, const Shape& dims,
                  const std::function<int64_t(const Shape&)>& source) {
  ASSERT_EQ(out.dims, dims);
  ASSERT_EQ(out.dtype, x.dtype);
  const bool text = x.dtype == HY_DTYPE_STRING;
  const auto texts = text ? x.texts() : std::vector<std::string>(),
             got_texts = text ? out.texts() : texts;
  const auto numbers = x.numbers(), got = out.numbers();
  for (int64_t i = 0; i < count_of(dims); ++i) {
    const int64_t from = source(index_of(i, dims));
    const auto at = static_cast<size_t>(i), s = static_cast<size_t>(from);
    if (text)
      ASSERT_EQ(got_texts[at], from < 0 ? "" : texts[s]) << "element " << i;
    else
      ASSERT_EQ(got[at], from < 0 ? 0 : numbers[s]) << "element " << i;
  }
}

Shape random_dims(Random& random, int64_t low_rank, int64_t high_rank, int64_t most = 7) {
  Shape dims(static_cast<size_t>(random.integer(low_rank, high_rank)));
  for (int64_t& d : dims) d = random.integer(1, most);
  return dims;
}

TEST(Transpose, RandomPermutations) {
  for (uint32_t seed = 500; seed < 530; ++seed) {
    Random random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Shape dims = random_dims(random, 0, 5, seed % 3 == 0 ? 19 : 6);
    Shape perm(dims.size()), out(dims.size());
    std::iota(perm.begin(), perm.end(), 0);
    for (size_t i = perm.size(); i > 1; --i)
      std::swap(perm[i - 1],
                perm[static_cast<size_t>(random.integer(0, static_cast<int64_t>(i) - 1))]);
    for (size_t i = 0; i < perm.size(); ++i) out[i] = dims[static_cast<size_t>(perm[i])];
    for (const TestTensor& x : forms(dims))
      expect_moved(run_one("Transpose", {{"perm", perm}}, {x}), x, out, [&](const Shape& to) {
        Shape from(to.size());
        for (size_t i = 0; i < to.size(); ++i) from[static_cast<size_t>(perm[i])] = to[i];
        return position_of(from, dims);
      });
  }
}

TEST(Transpose, LargePlanesOnSeveralThreads) {
  const Shape dims{3, 250, 331};
  for (const TestTensor& x : forms(dims))
    expect_moved(run_one("Transpose", {}, {x}), x, {331, 250, 3}, [&](const Shape& to) {
      return position_of({to[2], to[1], to[0]}, dims);
    });
}

TEST(Transpose, PermThatIsNone) {
  const TestTensor x = tensor<float>({2, 2}, {1, 2, 3, 4});
  EXPECT_FALSE(run_node("Transpose", {{"perm", Shape{0, 0}}}, {x}).ok());
  EXPECT_FALSE(run_node("Transpose", {{"perm", Shape{0}}}, {x}).ok());
  EXPECT_FALSE(run_node("Transpose", {{"perm", Shape{0, 2}}}, {x}).ok());
}

TEST(Slice, RandomBounds) {
  for (uint32_t seed = 540; seed < 580; ++seed) {
    Random random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Shape dims = random_dims(random, 1, 4, 9);
    Shape starts, ends, axes, steps, first(dims.size(), 0), step(dims.size(), 1), out = dims;
    for (size_t d = 0; d < dims.size(); ++d) {
      if (random.integer(0, 3) == 0) continue;
      const int64_t extremes[] = {INT64_MIN, INT64_MAX, INT32_MIN, INT32_MAX};
      const auto bound = [&] {
        return random.integer(0, 5) == 0 ? extremes[random.integer(0, 3)] : random.integer(-12, 12);
      };
      const int64_t s = random.flag() ? random.integer(1, 4) : -random.integer(1, 4);
      starts.push_back(bound());
      ends.push_back(bound());
      axes.push_back(static_cast<int64_t>(d) -
                     (random.flag() ? static_cast<int64_t>(dims.size()) : 0));
      steps.push_back(random.integer(0, 9) == 0 ? (s > 0 ? INT64_MAX : INT64_MIN) : s);
      // The definition: bounds count from the end where negative, then are cut to the dim. What is far
      // outside may as well be a thousand.
      const auto near = [](int64_t v) { return std::clamp<int64_t>(v, -1000, 1000); };
      const int64_t n = dims[d], b = near(starts.back()), e = near(ends.back());
      const int64_t low = std::clamp<int64_t>(b < 0 ? b + n : b, 0, s > 0 ? n : n - 1);
      const int64_t high =
          std::clamp<int64_t>(e < 0 ? e + n : e, s > 0 ? 0 : -1, s > 0 ? n : n - 1);
      out[d] = 0;
      for (int64_t i = low; s > 0 ? i < high : i > high; i += near(steps.back())) ++out[d];
      first[d] = low;
      step[d] = steps.back();
    }
    const auto n = static_cast<int64_t>(starts.size());
    for (const TestTensor& x : forms(dims))
      expect_moved(
          run_one("Slice", {},
                  {x, ints({n}, starts), ints({n}, ends), ints({n}, axes), ints({n}, steps)}),
          x, out, [&](const Shape& to) {
            Shape from(to.size());
            for (size_t d = 0; d < to.size(); ++d)
              from[d] = first[d] + (to[d] == 0 ? 0 : to[d] * step[d]);
            return position_of(from, dims);
          });
  }
}

TEST(Slice, OperandsThatDoNotFit) {
  const TestTensor x = tensor<float>({3}, {1, 2, 3});
  EXPECT_FALSE(run_node("Slice", {}, {x, ints({1}, {0}), ints({2}, {1, 1})}).ok());
  EXPECT_FALSE(run_node("Slice", {}, {x, ints({1}, {0}), ints({1}, {1}), ints({1}, {1})}).ok());
  EXPECT_FALSE(
      run_node("Slice", {}, {x, ints({1}, {0}), ints({1}, {1}), ints({1}, {0}), ints({1}, {0})})
          .ok());
  expect_near(run_one("Slice", {},
                      {tensor<float>({0, 2}, {}), ints({1}, {-1}), ints({1}, {INT64_MIN}),
                       ints({1}, {0}), ints({1}, {-1})}),
              {0, 2}, {}, 0);
}

TEST(Concat, AlongEveryAxis) {
  for (uint32_t seed = 590; seed < 600; ++seed) {
    Random random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Shape dims = random_dims(random, 1, 4);
    const auto axis = static_cast<size_t>(random.integer(0, static_cast<int64_t>(dims.size()) - 1));
    Shape a_dims = dims, b_dims = dims, c_dims = dims, out = dims;
    b_dims[axis] = random.integer(0, 5);
    c_dims[axis] = random.integer(1, 5);
    out[axis] = dims[axis] + b_dims[axis] + c_dims[axis];
    const auto a = forms(a_dims), b = forms(b_dims), c = forms(c_dims);
    for (size_t f = 0; f < a.size(); ++f) {
      const TestTensor got = run_one(
          "Concat", {{"axis", static_cast<int64_t>(axis) - static_cast<int64_t>(dims.size())}},
          {a[f], b[f], c[f]});
      // Every part, cut out again, is what went in.
      const Shape sizes{dims[axis], b_dims[axis], c_dims[axis]};
      RunOptions three;
      three.outputs = 3;
      const auto parts =
          run_node("Split", {{"axis", static_cast<int64_t>(axis)}}, {got, ints({3}, sizes)}, three);
      ASSERT_TRUE(parts.ok()) << parts.status().message();
      const TestTensor* in[] = {&a[f], &b[f], &c[f]};
      int64_t before = 0;
      for (size_t k = 0; k < 3; ++k) {
        expect_moved((*parts)[k], got, in[k]->dims, [&](const Shape& to) {
          Shape from = to;
          from[axis] += before;
          return position_of(from, out);
        });
        EXPECT_EQ((*parts)[k].bytes, in[k]->bytes);
        before += sizes[k];
      }
    }
  }
}

TEST(Concat, ThatDoesNotFit) {
  EXPECT_FALSE(run_node("Concat", {{"axis", int64_t{0}}},
                        {tensor<float>({1, 2}, {1, 2}), tensor<float>({1, 3}, {1, 2, 3})})
                   .ok());
  EXPECT_FALSE(run_node("Concat", {{"axis", int64_t{2}}},
                        {tensor<float>({1, 2}, {1, 2}), tensor<float>({1, 2}, {1, 2})})
                   .ok());
}

TEST(Split, UnevenAndUnwanted) {
  RunOptions options;
  options.outputs = 3;
  options.wanted = {true, false, true};
  const TestTensor x = tensor<float>({7}, {0, 1, 2, 3, 4, 5, 6});
  const auto out = run_node("Split", {{"num_outputs", int64_t{3}}}, {x}, options);
  ASSERT_TRUE(out.ok()) << out.status().message();
  expect_near((*out)[0], {3}, {0, 1, 2}, 0);
  expect_near((*out)[2], {1}, {6}, 0);
  EXPECT_FALSE(run_node("Split", {}, {x, ints({3}, {3, 3, 3})}, options).ok());
  EXPECT_FALSE(run_node("Split", {}, {x, ints({2}, {3, 4})}, options).ok());
  EXPECT_FALSE(run_node("Split", {}, {x, ints({3}, {8, -1, 0})}, options).ok());
}

TEST(Gather, AlongEveryAxis) {
  for (uint32_t seed = 610; seed < 625; ++seed) {
    Random random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Shape dims = random_dims(random, 1, 4), index_dims = random_dims(random, 0, 2, 4);
    const auto axis = static_cast<size_t>(random.integer(0, static_cast<int64_t>(dims.size()) - 1));
    Shape picks;
    for (int64_t i = 0; i < count_of(index_dims); ++i)
      picks.push_back(random.integer(-dims[axis], dims[axis] - 1));
    Shape out(dims.begin(), dims.begin() + static_cast<std::ptrdiff_t>(axis));
    out.insert(out.end(), index_dims.begin(), index_dims.end());
    out.insert(out.end(), dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, dims.end());
    TestTensor indices = ints(index_dims, picks);
    if (random.flag()) indices = tensor<int32_t>(index_dims, indices.numbers());
    for (const TestTensor& x : forms(dims))
      expect_moved(run_one("Gather", {{"axis", static_cast<int64_t>(axis)}}, {x, indices}), x, out,
                   [&](const Shape& to) {
                     const auto first = to.begin() + static_cast<std::ptrdiff_t>(axis),
                                last = first + static_cast<std::ptrdiff_t>(index_dims.size());
                     const int64_t pick =
                         picks[static_cast<size_t>(position_of(Shape(first, last), index_dims))];
                     Shape from(to.begin(), first);
                     from.push_back(pick < 0 ? pick + dims[axis] : pick);
                     from.insert(from.end(), last, to.end());
                     return position_of(from, dims);
                   });
  }
}

TEST(Gather, IndexOutsideIsNamed) {
  const auto out = run_node("Gather", {{"axis", int64_t{1}}},
                            {tensor<float>({1, 3}, {1, 2, 3}), ints({2}, {0, 3})});
  ASSERT_FALSE(out.ok());
  EXPECT_NE(out.status().message().find(
                "index 3 (at position 1 of indices) is outside axis 1, which has size 3"),
            std::string::npos)
      << out.status().message();
  EXPECT_FALSE(run_node("Gather", {}, {tensor<float>({0}, {}), ints({1}, {0})}).ok());
  EXPECT_FALSE(run_node("Gather", {}, {tensor<float>({1}, {1}), ints({1}, {INT64_MIN})}).ok());
}

TEST(Expand, AsNumpyBroadcasts) {
  for (const TestTensor& x : forms({3, 1}))
    expect_moved(run_one("Expand", {}, {x, ints({3}, {2, 1, 4})}), x, {2, 3, 4},
                 [](const Shape& to) { return to[1]; });
  for (const TestTensor& x : forms({}))
    expect_moved(run_one("Expand", {}, {x, ints({1}, {70000})}), x, {70000},
                 [](const Shape&) { return 0; });
  expect_near(run_one("Expand", {}, {tensor<float>({1}, {1}), ints({2}, {0, 1})}), {0, 1}, {}, 0);
  EXPECT_FALSE(run_node("Expand", {}, {tensor<float>({3}, {1, 2, 3}), ints({1}, {2})}).ok());
  EXPECT_FALSE(run_node("Expand", {},
                        {tensor<float>({1}, {1}), ints({2}, {int64_t{1} << 40, int64_t{1} << 40})})
                   .ok());
  EXPECT_FALSE(run_node("Expand", {}, {tensor<float>({1}, {1}), ints({1}, {-1})}).ok());
}

TEST(Tile, RandomRepeats) {
  for (uint32_t seed = 640; seed < 650; ++seed) {
    Random random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Shape dims = random_dims(random, 0, 4, 5);
    Shape repeats, out = dims;
    for (int64_t& d : out) {
      repeats.push_back(random.integer(0, 9) == 0 ? 0 : random.integer(1, 3));
      d *= repeats.back();
    }
    for (const TestTensor& x : forms(dims))
      expect_moved(run_one("Tile", {}, {x, ints({static_cast<int64_t>(repeats.size())}, repeats)}),
                   x, out, [&](const Shape& to) {
                     Shape from = to;
                     for (size_t d = 0; d < to.size(); ++d) from[d] %= dims[d];
                     return position_of(from, dims);
                   });
  }
  EXPECT_FALSE(run_node("Tile", {}, {tensor<float>({2}, {1, 2}), ints({1}, {INT64_MAX})}).ok());
  EXPECT_FALSE(run_node("Tile", {}, {tensor<float>({2}, {1, 2}), ints({2}, {1, 1})}).ok());
}

/// Walks away from the kept part step by step, as the mode says.
int64_t padded_source(int64_t at, int64_t n, const std::string& mode) {
  if (mode == "wrap") return ((at % n) + n) % n;
  if (mode == "edge") return at < 0 ? 0 : at >= n ? n - 1 : at;
  if (n == 1) return 0;
  while (at < 0 || at >= n) at = at < 0 ? -at : 2 * (n - 1) - at;
  return at;
}

TEST(Pad, EveryMode) {
  for (uint32_t seed = 660; seed < 690; ++seed) {
    Random random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Shape dims = random_dims(random, 1, 4, 5);
    const std::string mode =
        std::vector<std::string>{"constant", "reflect", "edge", "wrap"}[seed % 4];
    Shape before(dims.size(), 0), after(dims.size(), 0), axes, pads, out = dims;
    for (size_t d = 0; d < dims.size(); ++d) {
      if (random.flag()) continue;
      axes.push_back(static_cast<int64_t>(d));
      before[d] = random.integer(dims[d] > 2 ? -1 : 0, 9);
      after[d] = random.integer(dims[d] > 2 ? -1 : 0, 4);
      out[d] += before[d] + after[d];
    }
    for (int64_t d : axes) pads.push_back(before[static_cast<size_t>(d)]);
    for (int64_t d : axes) pads.push_back(after[static_cast<size_t>(d)]);
    const auto n = static_cast<int64_t>(axes.size());
    for (const TestTensor& x : forms(dims))
      expect_moved(
          run_one("Pad", {{"mode", mode}}, {x, ints({2 * n}, pads), std::nullopt, ints({n}, axes)}),
          x, out, [&](const Shape& to) {
            Shape from = to;
            for (size_t d = 0; d < to.size(); ++d) {
              const int64_t cut = std::max<int64_t>(0, -before[d]),
                            kept = dims[d] - cut - std::max<int64_t>(0, -after[d]);
              const int64_t at = to[d] - std::max<int64_t>(0, before[d]);
              if (mode == "constant" && (at < 0 || at >= kept)) return int64_t{-1};
              from[d] = cut + padded_source(at, kept, mode);
            }
            return position_of(from, dims);
          });
  }
}

TEST(Pad, ConstantsAndRefusals) {
  const TestTensor x = tensor<float>({2}, {1, 2});
  expect_near(run_one("Pad", {}, {x, ints({2}, {1, 2}), tensor<float>({}, {9})}), {5},
              {9, 1, 2, 9, 9}, 0);
  expect_near(
      run_one("Pad", {}, {tensor<float>({0}, {}), ints({2}, {1, 1}), tensor<float>({}, {9})}), {2},
      {9, 9}, 0);
  EXPECT_EQ(
      run_one("Pad", {}, {strings({1}, {"a"}), ints({2}, {1, 0}), strings({}, {"zz"})}).texts(),
      (std::vector<std::string>{"zz", "a"}));
  EXPECT_FALSE(run_node("Pad", {}, {x, ints({2}, {-3, 0})}).ok());
  EXPECT_FALSE(run_node("Pad", {}, {x, ints({2}, {INT64_MAX, INT64_MAX})}).ok());
  EXPECT_FALSE(run_node("Pad", {}, {x, ints({1}, {0})}).ok());
  EXPECT_FALSE(
      run_node("Pad", {{"mode", std::string("edge")}}, {tensor<float>({0}, {}), ints({2}, {1, 1})})
          .ok());
  EXPECT_EQ(verdict_of("Pad", {{"mode", std::string("mirror")}}, {x, ints({2}, {1, 1})}),
            uint32_t{HY_REASON_ATTRIBUTE});
}

TEST(Movement, SubByteTypesMoveElementByElement) {
  const TestTensor x{HY_DTYPE_I4, {3}, {0x21, 0x0f}, false};  // 1, 2, -1
  const TestTensor tiled = run_one("Tile", {}, {x, ints({1}, {2})});
  EXPECT_EQ(tiled.dtype, uint32_t{HY_DTYPE_I4});
  EXPECT_EQ(tiled.dims, (std::vector<int64_t>{6}));
  EXPECT_EQ(tiled.bytes, (std::vector<unsigned char>{0x21, 0x1f, 0xf2}));
  const TestTensor matrix{HY_DTYPE_U2, {2, 3}, {0b11100100, 0b00000110}, false};  // 0 1 2, 3 2 1
  const TestTensor turned = run_one("Transpose", {}, {matrix});
  EXPECT_EQ(turned.bytes, (std::vector<unsigned char>{0b10011100, 0b00000110}));  // 0 3, 1 2, 2 1
}

}  // namespace
}  // namespace halyard::cpu::testing
