// Convolutions, pooling, matrix products, normalisation, reductions, Resize.
#include <random>

#include "graph_maker.hpp"

namespace halyard::core {
namespace {

std::string conv(const char* x, const char* w, Attributes attributes, const char* op = "Conv") {
  GraphMaker m;
  const ValueId in = m.input(x), weights = m.input(w);
  return m.inferred(m.node(op, {in, weights}, std::move(attributes)));
}

TEST(Conv, PadsStridesDilations) {
  EXPECT_EQ(conv("1,3,224,224", "64,3,7,7", {{"pads", Ints{3, 3, 3, 3}}, {"strides", Ints{2, 2}}}),
            "f32[1,64,112,112]");
  EXPECT_EQ(conv("n,3,h,w", "64,3,7,7", {{"pads", Ints{3, 3, 3, 3}}, {"strides", Ints{2, 2}}}),
            "f32[n,64,floor((h+1)/2),floor((w+1)/2)]");
  EXPECT_EQ(conv("n,8,100", "16,8,3", {{"dilations", Ints{2}}}), "f32[n,16,96]");
  EXPECT_EQ(conv("n,8,h,w", "8,1,3,3", {{"group", int64_t{8}}, {"pads", Ints{1, 1, 1, 1}}}),
            "f32[n,8,h,w]");
  EXPECT_EQ(conv("*", "8,1,3,3", {}), "f32[?,8,?,?]");
}

TEST(Conv, AutomaticPadding) {
  EXPECT_EQ(conv("1,3,7,h", "8,3,3,3", {{"auto_pad", "SAME_UPPER"}, {"strides", Ints{2, 2}}}),
            "f32[1,8,4,floor((h+1)/2)]");
  EXPECT_EQ(conv("1,3,7,7", "8,3,3,3", {{"auto_pad", "VALID"}, {"strides", Ints{2, 2}}}),
            "f32[1,8,3,3]");
  EXPECT_EQ(
      conv("1,3,7", "8,3,3", {{"auto_pad", "SAME"}}),
      "it (Conv): attribute \"auto_pad\" is \"SAME\"; it is one of NOTSET, VALID, SAME_UPPER, "
      "SAME_LOWER");
}

TEST(Conv, ContradictionsNameBothSides) {
  EXPECT_EQ(
      conv("1,4,8,8", "6,3,3,3", {}),
      "it (Conv): operand \"X\" of dims [1,4,8,8] has 4 channels, but \"W\" of dims [6,3,3,3] and "
      "group 1 take 3");
  EXPECT_EQ(conv("1,6,8,8", "5,3,3,3", {{"group", int64_t{2}}}),
            "it (Conv): dim 0 of operand \"W\" is 5, which group 2 does not divide");
  EXPECT_EQ(
      conv("1,3,8", "5,3,3,3", {}),
      "it (Conv): operands \"X\" and \"W\" have the dims [1,3,8] and [5,3,3,3]; they need the "
      "same rank, 3 or more");
  EXPECT_EQ(conv("1,3,2,8", "5,3,3,3", {}),
            "it (Conv): the kernel reaches over 3 elements of spatial axis 0, which has 2 with its "
            "padding");
  EXPECT_EQ(
      conv("1,3,8,8", "5,3,3,3", {{"kernel_shape", Ints{5, 5}}}),
      "it (Conv): attribute \"kernel_shape\" is [5,5], but operand \"W\" has the dims [5,3,3,3]");
  EXPECT_EQ(conv("1,3,8,8", "5,3,3,3", {{"strides", Ints{0, 1}}}),
            "it (Conv): attribute \"strides\" holds 0; it must be 1 or more");
  EXPECT_EQ(conv("1,3,8,8", "5,3,3,3", {{"pads", Ints{1, 1}}}),
            "it (Conv): attribute \"pads\" is [1,1]; it needs 4 entries");
}

TEST(Conv, BiasHasAnElementForEachChannel) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Conv", {m.input("1,3,8"), m.input("4,3,1"), m.input("5")})),
            "it (Conv): operand \"B\" has 5 elements; the output has 4 channels");
}

TEST(ConvTranspose, InvertsConv) {
  const char* op = "ConvTranspose";
  EXPECT_EQ(conv("1,8,14,w", "8,4,2,2", {{"strides", Ints{2, 2}}}, op), "f32[1,4,28,2*w]");
  EXPECT_EQ(conv("1,8,5", "8,4,3",
                 {{"strides", Ints{2}}, {"pads", Ints{1, 1}}, {"output_padding", Ints{1}}}, op),
            "f32[1,4,10]");
  EXPECT_EQ(conv("1,8,5", "8,4,3", {{"strides", Ints{3}}, {"auto_pad", "SAME_LOWER"}}, op),
            "f32[1,4,15]");
  EXPECT_EQ(conv("1,8,5", "8,4,3", {{"output_shape", Ints{12}}, {"strides", Ints{2}}}, op),
            "f32[1,4,12]");
  EXPECT_EQ(conv("1,8,5", "8,2,3", {{"group", int64_t{4}}}, op), "f32[1,8,7]");
  EXPECT_EQ(
      conv("1,6,5", "8,2,3", {}, op),
      "it (ConvTranspose): operand \"X\" of dims [1,6,5] has 6 channels, but \"W\" of dims [8,2,3] "
      "and group 1 take 8");
}

TEST(Pool, FloorAndCeil) {
  GraphMaker m;
  const ValueId x = m.input("n,8,7,h");
  const auto pool = [&](int64_t ceil, Ints pads) {
    return m.node("MaxPool", {x},
                  {{"kernel_shape", Ints{2, 2}},
                   {"strides", Ints{2, 2}},
                   {"ceil_mode", ceil},
                   {"pads", std::move(pads)}},
                  2);
  };
  const ValueId floor = pool(0, {0, 0, 0, 0}), ceil = pool(1, {0, 0, 0, 0});
  EXPECT_EQ(m.inferred(floor), "f32[n,8,3,floor(h/2)]");
  EXPECT_EQ(m.inferred(ceil), "f32[n,8,4,floor((h+1)/2)]");
  EXPECT_EQ(m.type(ceil + 1), "i64[n,8,4,floor((h+1)/2)]");
}

// Counts the windows one by one: each begins in the input or the padding before it.
TEST(Pool, CeilModeEqualsCounting) {
  for (int64_t size = 1; size <= 9; ++size)
    for (int64_t k = 1; k <= 4; ++k)
      for (int64_t stride = 1; stride <= 4; ++stride)
        for (int64_t before = 0; before < k; ++before)
          for (int64_t after = 0; after < k; ++after) {
            if (size + before + after < k) continue;
            int64_t count = (size + before + after - k + stride - 1) / stride + 1;
            if ((count - 1) * stride >= size + before) --count;
            GraphMaker m;
            const auto run = [&](const char* dims) {
              return m.node("AveragePool", {m.input(dims)},
                            {{"kernel_shape", Ints{k}},
                             {"strides", Ints{stride}},
                             {"ceil_mode", int64_t{1}},
                             {"pads", Ints{before, after}}});
            };
            const std::string fixed = "1,1," + std::to_string(size);
            const ValueId y = run(fixed.c_str()), z = run("1,1,n");
            ASSERT_EQ(m.inferred(y), "f32[1,1," + std::to_string(count) + "]")
                << size << " " << k << " " << stride << " " << before << " " << after;
            const auto at = (*m.graph.values[z].type.shape)[2].evaluate(Ints{size});
            ASSERT_EQ(at, count) << size << " " << k << " " << stride << " " << before << " "
                                 << after;
          }
}

TEST(Pool, GlobalPoolsLeaveOnes) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("GlobalAveragePool", {m.input("n,8,h,w")})), "f32[n,8,1,1]");
}

TEST(Matrix, MatMulAsNumpy) {
  const auto product = [](const char* a, const char* b) { return conv(a, b, {}, "MatMul"); };
  EXPECT_EQ(product("n,m,64", "64,32"), "f32[n,m,32]");
  EXPECT_EQ(product("n,12,m,64", "n,12,64,k"), "f32[n,12,m,k]");
  EXPECT_EQ(product("3", "3,4"), "f32[4]");
  EXPECT_EQ(product("2,3", "3"), "f32[2]");
  EXPECT_EQ(product("3", "3"), "f32[]");
  EXPECT_EQ(product("5,1,2,3", "7,3,4"), "f32[5,7,2,4]");
  EXPECT_EQ(
      product("2,3", "4,5"),
      "it (MatMul): operand \"A\" of dims [2,3] and \"B\" of dims [4,5] do not multiply: 3 columns "
      "meet 4 rows");
}

TEST(Matrix, GemmTurnsItsOperands) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Gemm", {m.input("n,64"), m.input("10,64"), m.input("10")},
                              {{"transB", int64_t{1}}})),
            "f32[n,10]");
  EXPECT_EQ(m.inferred(m.node("Gemm", {m.input("64,n"), m.input("64,10"), m.input("9")},
                              {{"transA", int64_t{1}}})),
            "it (Gemm): operand \"C\" of dims [9] does not broadcast to the product's [n,10]");
}

TEST(Normalization, ChannelsAndStatistics) {
  GraphMaker m;
  const ValueId c = m.input("8");
  EXPECT_EQ(m.inferred(m.node("BatchNormalization", {m.input("n,8,h,w"), c, c, c, c})),
            "f32[n,8,h,w]");
  const ValueId y = m.node("LayerNormalization",
                           {m.input("n,m,64", HY_DTYPE_F16), m.input("64", HY_DTYPE_F16)}, {}, 3);
  EXPECT_EQ(m.inferred(y), "f16[n,m,64]");
  EXPECT_EQ(m.type(y + 1), "f32[n,m,1]");
  EXPECT_EQ(
      m.inferred(m.node("BatchNormalization", {m.input("n,9,h"), c, c, c, c})),
      "it (BatchNormalization): operand \"scale\" has 8 elements; \"X\" of dims [n,9,h] has 9 "
      "channels");
}

TEST(Normalization, RowsAndGroups) {
  GraphMaker m;
  const auto half = [&](const char* dims) { return m.input(dims, HY_DTYPE_F16); };
  EXPECT_EQ(m.inferred(m.node("RMSNormalization", {half("n,m,64"), m.input("64")})), "f32[n,m,64]");
  EXPECT_EQ(m.inferred(m.node("LpNormalization", {half("n,m,64")})), "f16[n,m,64]");
  EXPECT_EQ(m.inferred(m.node("MeanVarianceNormalization", {m.input("n,3,h,w")})), "f32[n,3,h,w]");
  const Attributes groups = {{"num_groups", int64_t{3}}}, size = {{"size", int64_t{5}}};
  const ValueId c = m.input("6");
  EXPECT_EQ(m.inferred(m.node("GroupNormalization", {m.input("n,6,h"), c, c}, groups)),
            "f32[n,6,h]");
  EXPECT_EQ(m.inferred(m.node("LRN", {m.input("n,6,h")}, size)), "f32[n,6,h]");
}

TEST(Normalization, RowsAndGroupsThatDoNotFit) {
  const auto error = [](const char* op, std::vector<const char*> dims, Attributes attributes) {
    GraphMaker m;
    std::vector<ValueId> in;
    for (const char* d : dims) in.push_back(m.input(d));
    return m.inferred(m.node(op, in, std::move(attributes)));
  };
  EXPECT_EQ(error("RMSNormalization", {"n,64", "65"}, {}),
            "it (RMSNormalization): operand \"scale\" of dims [65] does not broadcast to \"X\" of "
            "dims [n,64]");
  EXPECT_EQ(error("RMSNormalization", {"n,64", "64"}, {{"axis", int64_t{2}}}),
            "it (RMSNormalization): axis is 2; for rank 2 it must lie in -2..1");
  EXPECT_EQ(error("GroupNormalization", {"n,7,h", "7", "7"}, {{"num_groups", int64_t{2}}}),
            "it (GroupNormalization): operand \"X\" of dims [n,7,h] has 7 channels, which "
            "num_groups 2 does not divide");
  EXPECT_EQ(error("GroupNormalization", {"n,6,h", "3", "3"}, {{"num_groups", int64_t{3}}}),
            "it (GroupNormalization): operand \"scale\" has 3 elements; \"X\" of dims [n,6,h] has "
            "6 channels");
  EXPECT_EQ(error("MeanVarianceNormalization", {"n,3"}, {}),
            "it (MeanVarianceNormalization): an axis is 2; for rank 2 it must lie in -2..1");
  EXPECT_EQ(error("LRN", {"n,3"}, {{"size", int64_t{0}}}),
            "it (LRN): attribute \"size\" is 0; it must be 1 or more");
  EXPECT_EQ(error("LRN", {"n"}, {{"size", int64_t{1}}}),
            "it (LRN): operand \"X\" has the dims [n]; its rank must be 2 or more");
}

TEST(Normalization, SoftmaxChecksItsAxis) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Softmax", {m.input("n,3")}, {{"axis", int64_t{2}}})),
            "it (Softmax): axis is 2; for rank 2 it must lie in -2..1");
}

TEST(Reduce, AxesKeepdimsAndNoop) {
  GraphMaker m;
  const ValueId x = m.input("n,3,4");
  const Attributes drop = {{"keepdims", int64_t{0}}};
  EXPECT_EQ(m.inferred(m.node("ReduceMean", {x, m.ints({1, -1})})), "f32[n,1,1]");
  EXPECT_EQ(m.inferred(m.node("ReduceMean", {x, m.ints({1})}, drop)), "f32[n,4]");
  EXPECT_EQ(m.inferred(m.node("ReduceSum", {x}, drop)), "f32[]");
  EXPECT_EQ(m.inferred(m.node("ReduceSum", {x, m.ints({})})), "f32[1,1,1]");
  EXPECT_EQ(m.inferred(m.node("ReduceSum", {x}, {{"noop_with_empty_axes", int64_t{1}}})),
            "f32[n,3,4]");
  EXPECT_EQ(m.inferred(m.node("ReduceSum", {m.input("n,1,4"), m.input("1", HY_DTYPE_I64)})),
            "f32[?,1,?]");
  EXPECT_EQ(m.inferred(m.node("ReduceSum", {x, m.input("2", HY_DTYPE_I64)}, drop)), "f32[?]");
  EXPECT_EQ(m.inferred(m.node("ArgMax", {x}, {{"axis", int64_t{-1}}, {"keepdims", int64_t{0}}})),
            "i64[n,3]");
}

TEST(Resize, ScalesAndSizes) {
  GraphMaker m;
  const ValueId x = m.input("n,3,h,10");
  EXPECT_EQ(m.inferred(m.node("Resize", {x, kNone, m.floats({1, 1, 2, 1.5f})})), "f32[n,3,2*h,15]");
  EXPECT_EQ(m.inferred(m.node("Resize", {x, kNone, m.floats({1, 1, 0.5f, 0.6f})})),
            "f32[n,3,floor(h/2),6]");
  EXPECT_EQ(m.inferred(m.node("Resize", {x, kNone, kNone, m.ints({7, 9})}, {{"axes", Ints{2, 3}}})),
            "f32[n,3,7,9]");
  EXPECT_EQ(m.inferred(m.node("Resize", {m.input("1,1,2,4"), kNone, kNone, m.ints({7, 8})},
                              {{"axes", Ints{2, 3}}, {"keep_aspect_ratio_policy", "not_larger"}})),
            "f32[1,1,4,8]");
  EXPECT_EQ(m.inferred(m.node("Resize", {x})),
            "it (Resize): none of the operands \"scales\" and \"sizes\" is given; it takes one");
}

// What is inferred for symbols must be what is inferred for their values.
TEST(Symbols, AgreeWithNumbers) {
  const uint32_t seed = std::random_device()();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  const auto draw = [&](int64_t from, int64_t to) {
    return std::uniform_int_distribution<int64_t>(from, to)(random);
  };
  for (int round = 0; round < 300; ++round) {
    const int64_t n = draw(1, 4), h = draw(12, 40), k = draw(1, 4), s = draw(1, 3), p = draw(0, 2);
    const int64_t d = draw(1, 2), from = draw(-5, 5), ceil = draw(0, 1);
    const auto build = [&](GraphMaker& m, const std::string& dims) {
      ValueId v = m.input(dims);
      v = m.node("Conv", {v, m.input("4,2," + std::to_string(k))},
                 {{"strides", Ints{s}}, {"pads", Ints{p, p}}, {"dilations", Ints{d}}});
      v = m.node("Slice", {v, m.ints({from}), m.ints({INT64_MAX}), m.ints({2})});
      v = m.node("Concat", {v, v, m.node("Relu", {v})}, {{"axis", int64_t{2}}});
      v = m.node("MaxPool", {v},
                 {{"kernel_shape", Ints{2}},
                  {"strides", Ints{s}},
                  {"pads", Ints{1, 0}},
                  {"ceil_mode", ceil}});
      v = m.node("ConvTranspose", {v, m.input("4,2,3")}, {{"strides", Ints{2}}});
      const ValueId last = m.node("Shape", {v}, {{"start", int64_t{2}}});
      const ValueId shape = m.node("Concat", {m.ints({-1, 2}), last}, {{"axis", int64_t{0}}});
      v = m.node("Reshape", {v, shape});
      return m.node("Flatten", {m.node("Resize", {v, kNone, m.floats({1, 2, 0.5f})})});
    };
    GraphMaker symbols, numbers;
    const ValueId a = build(symbols, "n,2,h");
    const ValueId b = build(numbers, std::to_string(n) + ",2," + std::to_string(h));
    const Status ok = numbers.infer();
    ASSERT_TRUE(symbols.infer().ok());
    if (!ok.ok()) continue;
    const auto& expected = *numbers.graph.values[b].type.shape;
    const auto& found = *symbols.graph.values[a].type.shape;
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i)
      ASSERT_EQ(found[i].evaluate(Ints{n, h}), expected[i].value())
          << symbols.type(a) << " round " << round;
  }
}

}  // namespace
}  // namespace halyard::core
