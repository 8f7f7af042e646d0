#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

TEST(Cumulative, AllFormsAgainstALoop) {
  for (const char* op : {"CumSum", "CumProd"})
    for (int64_t axis : {-3, -2, -1, 0, 1, 2})
      for (int64_t form = 0; form < 4; ++form) {
        const bool exclusive = (form & 1) != 0, reverse = (form & 2) != 0, times = op[3] == 'P';
        Random random(static_cast<uint32_t>(7 + axis + form));
        const std::vector<int64_t> dims = {3, 4, 5};
        const TestTensor x = random.tensor_of<float>(dims, 0.5, 1.5);
        const std::vector<double> v = x.numbers();
        std::vector<double> expected(v.size());
        const size_t a = static_cast<size_t>(axis < 0 ? axis + 3 : axis);
        const int64_t stride = a == 0 ? 20 : a == 1 ? 5 : 1;
        for (int64_t i = 0; i < 60; ++i) {
          const int64_t at = i / stride % dims[a];
          double acc = times ? 1 : 0;
          for (int64_t j = 0; j < dims[a]; ++j) {
            const bool before = reverse ? j > at : j < at;
            if (!before && (j != at || exclusive)) continue;
            const double e = v[static_cast<size_t>(i + (j - at) * stride)];
            acc = times ? acc * e : acc + e;
          }
          expected[static_cast<size_t>(i)] = acc;
        }
        const Attributes attributes{{"exclusive", int64_t{exclusive}},
                                    {"reverse", int64_t{reverse}}};
        expect_near(run_one(op, attributes, {x, ints({}, {axis})}), dims, expected, 1e-6);
      }
}

TEST(Cumulative, IntegersWrapAndHalvesAccumulateInFull) {
  expect_near(run_one("CumSum", {}, {tensor<uint8_t>({3}, {200, 100, 1}), ints({1}, {0})}), {3},
              {200, 44, 45}, 0);
  const TestTensor ones = tensor<F16>({3000}, std::vector<double>(3000, 1));
  EXPECT_EQ(run_one("CumSum", {}, {ones, ints({}, {0})}).numbers()[2999], 3000);
}

TEST(Cumulative, BadAxesAreNamed) {
  const auto bad = run_node("CumSum", {}, {tensor<float>({2}, {1, 2}), ints({}, {1})});
  ASSERT_FALSE(bad.ok());
  EXPECT_NE(bad.status().message().find("axis"), std::string::npos) << bad.status().message();
}

}  // namespace
}  // namespace halyard::cpu::testing
