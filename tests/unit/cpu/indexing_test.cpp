// Operators that gather, scatter and rearrange.
#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

TEST(GatherElements, EveryAxisAgainstALoop) {
  for (int64_t axis = -3; axis < 3; ++axis) {
    Random random(static_cast<uint32_t>(50 + axis));
    const std::vector<int64_t> dims = {3, 4, 5}, at = {2, 3, 4};
    const TestTensor x = random.tensor_of<float>(dims);
    const size_t a = static_cast<size_t>(axis < 0 ? axis + 3 : axis);
    std::vector<int64_t> indices;
    std::vector<double> expected;
    const std::vector<double> v = x.numbers();
    for (int64_t i = 0; i < 24; ++i) {
      indices.push_back(random.integer(-dims[a], dims[a] - 1));
      int64_t p[3] = {i / 12, i / 4 % 3, i % 4};
      p[a] = indices.back() < 0 ? indices.back() + dims[a] : indices.back();
      expected.push_back(v[static_cast<size_t>(p[0] * 20 + p[1] * 5 + p[2])]);
    }
    expect_near(run_one("GatherElements", {{"axis", axis}}, {x, ints(at, indices)}), at, expected,
                0);
  }
  EXPECT_EQ(
      run_one("GatherElements", {}, {strings({2}, {"a", "b"}), ints({3}, {1, 1, -2})}).texts(),
      (std::vector<std::string>{"b", "b", "a"}));
  EXPECT_FALSE(run_node("GatherElements", {}, {tensor<float>({2}, {1, 2}), ints({1}, {2})}).ok());
}

TEST(ScatterElements, ReducesInEveryType) {
  const auto at = ints({4}, {1, 0, 1, -1});
  for (const auto& [reduction, expected] :
       std::vector<std::pair<std::string, std::vector<double>>>{{"none", {20, 30, 7, 40}},
                                                                {"add", {25, 46, 7, 48}},
                                                                {"mul", {100, 1800, 7, 320}},
                                                                {"max", {20, 30, 7, 40}},
                                                                {"min", {5, 6, 7, 8}}}) {
    SCOPED_TRACE(reduction);
    const Attributes attributes{{"reduction", reduction}};
    expect_near(
        run_one("ScatterElements", attributes,
                {tensor<float>({4}, {5, 6, 7, 8}), at, tensor<float>({4}, {10, 20, 30, 40})}),
        {4}, expected, 0);
    expect_near(
        run_one("ScatterElements", attributes,
                {tensor<int64_t>({4}, {5, 6, 7, 8}), at, tensor<int64_t>({4}, {10, 20, 30, 40})}),
        {4}, expected, 0);
    expect_near(run_one("ScatterElements", attributes,
                        {tensor<F16>({4}, {5, 6, 7, 8}), at, tensor<F16>({4}, {10, 20, 30, 40})}),
                {4}, expected, 1e-3);
  }
  EXPECT_EQ(verdict_of("ScatterElements", {{"reduction", "add"}},
                       {strings({1}, {"a"}), ints({1}, {0}), strings({1}, {"b"})}),
            uint32_t{HY_REASON_DTYPE});
}

TEST(SliceUpdate, EveryStepAgainstALoop) {
  const std::vector<int64_t> dims = {5, 6};
  Random random(77);
  const TestTensor x = random.tensor_of<float>(dims);
  for (const int64_t step : {1, 2, 3, -1, -2}) {
    SCOPED_TRACE(step);
    const int64_t start = step > 0 ? 1 : -1, end = step > 0 ? 100 : -100;
    std::vector<int64_t> columns;
    for (int64_t c = step > 0 ? 1 : 5; c >= 0 && c < 6; c += step) columns.push_back(c);
    const auto count = static_cast<int64_t>(columns.size());
    const TestTensor update = random.tensor_of<float>({2, count});
    std::vector<double> expected = x.numbers();
    const std::vector<double> values = update.numbers();
    for (int64_t r = 0; r < 2; ++r)
      for (int64_t c = 0; c < count; ++c)
        expected[static_cast<size_t>((r + 2) * 6 + columns[static_cast<size_t>(c)])] =
            values[static_cast<size_t>(r * count + c)];
    expect_near(run_one("SliceUpdate", {},
                        {x, update, ints({2}, {2, start}), ints({2}, {4, end}), ints({2}, {0, -1}),
                         ints({2}, {1, step})}),
                dims, expected, 0);
  }
}

TEST(SliceUpdate, TextsAndNothingAndWrongDims) {
  const auto texts = strings({3}, {"a", "b", "c"});
  EXPECT_EQ(run_one("SliceUpdate", {}, {texts, strings({1}, {"x"}), ints({1}, {1}), ints({1}, {2})})
                .texts(),
            (std::vector<std::string>{"a", "x", "c"}));
  EXPECT_EQ(
      run_one("SliceUpdate", {}, {texts, strings({0}, {}), ints({1}, {2}), ints({1}, {2})}).texts(),
      (std::vector<std::string>{"a", "b", "c"}));
  const auto wrong = run_node("SliceUpdate", {},
                              {texts, strings({2}, {"x", "y"}), ints({1}, {1}), ints({1}, {2})});
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.status().message().find("an update [2] for a slice [1]"), std::string::npos)
      << wrong.status().message();
}

TEST(GatherNd, TuplesAndBatches) {
  const auto x = tensor<float>({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7});
  expect_near(run_one("GatherND", {}, {x, ints({2, 1}, {1, 0})}), {2, 2, 2},
              {4, 5, 6, 7, 0, 1, 2, 3}, 0);
  expect_near(run_one("GatherND", {}, {x, ints({2, 3}, {0, 0, 1, -1, -1, -1})}), {2}, {1, 7}, 0);
  expect_near(run_one("GatherND", {{"batch_dims", int64_t{1}}}, {x, ints({2, 1}, {1, 0})}), {2, 2},
              {2, 3, 4, 5}, 0);
  EXPECT_FALSE(run_node("GatherND", {}, {x, ints({1, 1}, {2})}).ok());
  EXPECT_FALSE(run_node("GatherND", {}, {x, ints({1, 4}, {0, 0, 0, 0})}).ok());
}

TEST(ScatterNd, RowsAndElements) {
  const auto x = tensor<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  expect_near(run_one("ScatterND", {}, {x, ints({1, 1}, {-1}), tensor<float>({1, 2}, {9, 8})}),
              {3, 2}, {1, 2, 3, 4, 9, 8}, 0);
  expect_near(run_one("ScatterND", {{"reduction", "add"}},
                      {x, ints({2, 2}, {0, 1, 0, 1}), tensor<float>({2}, {10, 20})}),
              {3, 2}, {1, 32, 3, 4, 5, 6}, 0);
  EXPECT_FALSE(
      run_node("ScatterND", {}, {x, ints({1, 1}, {0}), tensor<float>({1, 3}, {1, 1, 1})}).ok());
}

TEST(TensorScatter, LinearAndAroundTheEnd) {
  const auto past = tensor<float>({2, 3, 1}, {1, 2, 3, 4, 5, 6});
  const auto update = tensor<float>({2, 2, 1}, {7, 8, 9, 10});
  expect_near(run_one("TensorScatter", {}, {past, update, ints({2}, {1, 0})}), {2, 3, 1},
              {1, 7, 8, 9, 10, 6}, 0);
  expect_near(run_one("TensorScatter", {{"mode", "circular"}}, {past, update, ints({2}, {2, 0})}),
              {2, 3, 1}, {8, 2, 7, 9, 10, 6}, 0);
  EXPECT_FALSE(run_node("TensorScatter", {}, {past, update, ints({2}, {2, 0})}).ok());
}

TEST(OneHot, AxesNegativeAndOutside) {
  const auto values = tensor<float>({2}, {-1, 5}), depth = tensor<float>({}, {3});
  expect_near(run_one("OneHot", {}, {ints({4}, {0, -1, 2, 7}), depth, values}), {4, 3},
              {5, -1, -1, -1, -1, 5, -1, -1, 5, -1, -1, -1}, 0);
  expect_near(run_one("OneHot", {{"axis", int64_t{0}}},
                      {tensor<float>({2}, {1, 0}), ints({1}, {2}), tensor<int32_t>({2}, {0, 1})}),
              {2, 2}, {0, 1, 1, 0}, 0);
  EXPECT_EQ(
      run_one("OneHot", {}, {ints({1}, {1}), ints({}, {2}), strings({2}, {"n", "y"})}).texts(),
      (std::vector<std::string>{"n", "y"}));
}

TEST(Compress, AxisAndFlat) {
  const auto x = tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto c = tensor<bool>({2}, {0, 1});
  expect_near(run_one("Compress", {{"axis", int64_t{0}}}, {x, c}), {1, 3}, {4, 5, 6}, 0);
  expect_near(run_one("Compress", {{"axis", int64_t{-1}}}, {x, c}), {2, 1}, {2, 5}, 0);
  expect_near(run_one("Compress", {}, {x, c}), {1}, {2}, 0);
  EXPECT_FALSE(
      run_node("Compress", {{"axis", int64_t{0}}}, {x, tensor<bool>({3}, {1, 1, 1})}).ok());
}

TEST(Trilu, BothTrianglesOfEveryDiagonal) {
  const auto x = tensor<int32_t>({2, 3, 4}, std::vector<double>(24, 1));
  for (int64_t upper : {0, 1})
    for (int64_t k :
         {INT64_MIN, int64_t{-4}, int64_t{-1}, int64_t{0}, int64_t{2}, int64_t{9}, INT64_MAX}) {
      std::vector<double> expected;
      for (int64_t i = 0; i < 24; ++i) {
        const int64_t r = i / 4 % 3, c = i % 4;
        expected.push_back(upper != 0 ? (k <= 4 && c - r >= k) : (k >= 4 || c - r <= k));
      }
      expect_near(run_one("Trilu", {{"upper", upper}}, {x, ints({}, {k})}), {2, 3, 4}, expected, 0);
    }
}

TEST(EyeLike, TypesAndDiagonals) {
  const auto x = tensor<float>({2, 3}, {9, 9, 9, 9, 9, 9});
  EXPECT_EQ(run_one("EyeLike", {}, {x}).values<float>(), (std::vector<float>{1, 0, 0, 0, 1, 0}));
  const Attributes below{{"k", int64_t{-1}}, {"dtype", int64_t{HY_DTYPE_I64}}};
  EXPECT_EQ(run_one("EyeLike", below, {x}).values<int64_t>(),
            (std::vector<int64_t>{0, 0, 0, 1, 0, 0}));
  const Attributes far{{"k", int64_t{50}}, {"dtype", int64_t{HY_DTYPE_BOOL}}};
  EXPECT_EQ(run_one("EyeLike", far, {x}).values<uint8_t>(), std::vector<uint8_t>(6, 0));
}

TEST(DepthSpace, BothModesAndBack) {
  const auto x = tensor<float>({1, 8, 1, 1}, {0, 1, 2, 3, 4, 5, 6, 7});
  const Attributes by2{{"blocksize", int64_t{2}}};
  const auto y = run_one("DepthToSpace", by2, {x});
  expect_near(y, {1, 2, 2, 2}, {0, 2, 4, 6, 1, 3, 5, 7}, 0);
  expect_near(run_one("DepthToSpace", {{"blocksize", int64_t{2}}, {"mode", "CRD"}}, {x}),
              {1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}, 0);
  expect_near(run_one("SpaceToDepth", by2, {y}), {1, 8, 1, 1}, x.numbers(), 0);
  EXPECT_FALSE(run_node("SpaceToDepth", {{"blocksize", int64_t{3}}}, {y}).ok());
}

TEST(ReverseSequence, EachBatchEntryByItsLength) {
  const auto x = tensor<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  expect_near(run_one("ReverseSequence", {}, {x, ints({2}, {3, 2})}), {3, 2}, {5, 4, 3, 2, 1, 6},
              0);
  expect_near(run_one("ReverseSequence", {{"batch_axis", int64_t{0}}, {"time_axis", int64_t{1}}},
                      {x, ints({3}, {2, 0, 1})}),
              {3, 2}, {2, 1, 3, 4, 5, 6}, 0);
  EXPECT_FALSE(run_node("ReverseSequence", {}, {x, ints({2}, {4, 1})}).ok());
}

TEST(CenterCropPad, CropsOneAxisAndPadsTheOther) {
  const auto x = tensor<float>({4, 1}, {1, 2, 3, 4});
  expect_near(run_one("CenterCropPad", {}, {x, ints({2}, {2, 3})}), {2, 3}, {0, 2, 0, 0, 3, 0}, 0);
  expect_near(run_one("CenterCropPad", {{"axes", std::vector<int64_t>{-1}}}, {x, ints({1}, {2})}),
              {4, 2}, {1, 0, 2, 0, 3, 0, 4, 0}, 0);
}

}  // namespace
}  // namespace halyard::cpu::testing
