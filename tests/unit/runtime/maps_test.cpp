#include <gtest/gtest.h>

#include "tests/unit/runtime/compiled.hpp"

namespace halyard::core::test {
namespace {

Compiled zip_map(Attributes labels, std::string_view dims = "?,?") {
  NestedGraph m;
  const ValueId x = m.input(HY_DTYPE_F32, dims);
  return Compiled(m.outputs({m.node("ai.onnx.ml:ZipMap", {x}, std::move(labels))}));
}

const Attributes kTexts{{"classlabels_strings", std::vector<std::string>{"cat", "dog"}}};
const Attributes kNumbers{{"classlabels_int64s", std::vector<int64_t>{7, -1}}};

TEST(ZipMap, GivesKeysAndValues) {
  const Value x = f32({2, 2}, {0.25f, 0.75f, 1, 0});
  EXPECT_EQ(zip_map(kTexts).run({x}), "(string[2] cat dog, f32[2,2] 0.25 0.75 1 0)");
  EXPECT_EQ(zip_map(kNumbers).run({x}), "(i64[2] 7 -1, f32[2,2] 0.25 0.75 1 0)");
}

TEST(ZipMap, OneRowNeedsNoAxis) {
  EXPECT_EQ(zip_map(kNumbers, "?").run({f32({2}, {1, 0})}), "(i64[2] 7 -1, f32[2] 1 0)");
}

TEST(ZipMap, AsManyLabelsAsColumnsAreWanted) {
  EXPECT_EQ(
      zip_map(kTexts).run({f32({1, 3}, {1, 2, 3})}),
      "MISMATCH: ZipMap0 (ai.onnx.ml.ZipMap): operand \"X\" is [1,3]; there are 2 class labels");
}

TEST(ZipMap, OneKindOfLabelsIsWanted) {
  Attributes both = kTexts;
  both.push_back(kNumbers[0]);
  for (const Attributes& labels : {Attributes{}, both}) {
    const std::string r = zip_map(labels).run({});
    EXPECT_TRUE(says(r, {"INVALID_MODEL", "classlabels_strings", "classlabels_int64s"})) << r;
  }
}

}  // namespace
}  // namespace halyard::core::test
