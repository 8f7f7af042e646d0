#include "tools/halyard/input_value.hpp"

#include <gtest/gtest.h>

#include "tests/unit/tools_halyard/bytes.hpp"
#include "tools/halyard/predictions.hpp"

namespace halyard::cli::test {
namespace {

Port port(std::string name, uint32_t dtype, std::vector<int64_t> dims) {
  Port p;
  p.name = std::move(name);
  p.dtype = dtype;
  p.has_rank = true;
  p.dims = std::move(dims);
  return p;
}

TEST(InputValue, RandomIsTheSameForASeed) {
  const Port p = port("x", HY_DTYPE_F32, {2, -1, 4});
  const auto a = parse_value("random:5", p, {}), b = parse_value("random:5", p, {});
  ASSERT_TRUE(a.ok());
  EXPECT_EQ(a->dims, (std::vector<int64_t>{2, 1, 4}));
  EXPECT_EQ(a->bytes, b->bytes);
  EXPECT_NE(a->bytes, parse_value("random", p, {})->bytes);
  EXPECT_EQ(parse_value("random:0", p, {})->bytes, parse_value("random", p, {})->bytes);
  for (float v : values<float>(*a)) EXPECT_TRUE(v >= 0 && v < 1);
  // What the engine of seed 0 gives first, by the C++ standard's definition of mt19937_64.
  EXPECT_FLOAT_EQ(values<float>(*parse_value("random", p, {}))[0],
                  static_cast<float>(2947667278772165694ull >> 40) * 0x1p-24f);
}

TEST(InputValue, RandomIntegersAreZeroOrOne) {
  bool seen[2] = {};
  for (int64_t v : values<int64_t>(*random_value(port("x", HY_DTYPE_I64, {64}), 0))) {
    ASSERT_TRUE(v == 0 || v == 1);
    seen[v] = true;
  }
  EXPECT_TRUE(seen[0] && seen[1]);
}

TEST(InputValue, SaysWhatIsWrong) {
  const Port p = port("x", HY_DTYPE_F32, {1});
  for (const char* text : {"random:", "random:x", "random:-1", "@/nowhere.npy", "@/nowhere.png",
                           "@x.txt", "@", "@/tmp"})
    EXPECT_FALSE(parse_value(text, p, {}).ok()) << text;
}

TEST(InputValue, TextForStringInputs) {
  const Port p = port("s", HY_DTYPE_STRING, {-1, 1});
  const auto t = parse_value("hello, world", p, {});
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(t->dims, (std::vector<int64_t>{1, 1}));
  EXPECT_EQ(t->strings, (std::vector<std::string>{"hello, world"}));
  EXPECT_EQ(parse_value("2x1xstring=a,b", p, {})->strings.size(), 2u);
  EXPECT_FALSE(parse_value("one", port("s", HY_DTYPE_STRING, {2}), {}).ok());
}

TEST(InputValue, TextFilesAreOneStringOrLines) {
  const std::string path = ::testing::TempDir() + "/input_value_test.txt";
  ASSERT_TRUE(write_file(path, "one, two\nthree\n").ok());
  const auto read = [&](std::vector<int64_t> dims, uint32_t dtype = HY_DTYPE_STRING) {
    return parse_value("@" + path, port("s", dtype, std::move(dims)), {});
  };
  const auto whole = read({1});
  ASSERT_TRUE(whole.ok()) << whole.status().message();
  EXPECT_EQ(whole->strings, (std::vector<std::string>{"one, two\nthree"}));
  const auto lines = read({-1, 1});
  ASSERT_TRUE(lines.ok()) << lines.status().message();
  EXPECT_EQ(lines->dims, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(lines->strings, (std::vector<std::string>{"one, two", "three"}));
  EXPECT_NE(read({3}).status().message().find("2 lines"), std::string::npos);
  EXPECT_NE(read({1}, HY_DTYPE_F32).status().message().find("strings"), std::string::npos);
}

TEST(Inputs, TextsGoBeforeTheArchive) {
  const std::vector<Port> ports{port("x", HY_DTYPE_F32, {1}), port("a=b", HY_DTYPE_F32, {1})};
  const auto v =
      gather_inputs(ports, {{"x", tensor<float>(HY_DTYPE_F32, {1}, {1})}}, {"x=2", "a=b=3"}, {});
  ASSERT_TRUE(v.ok()) << v.status().message();
  ASSERT_EQ(v->size(), 2u);
  EXPECT_EQ(values<float>((*v)[0].second)[0], 2);
  EXPECT_EQ((*v)[1].first, "a=b");  // a name may hold "="
}

TEST(Inputs, WrongNamesListTheRightOnes) {
  const std::vector<Port> ports{port("x", HY_DTYPE_F32, {1}), port("y", HY_DTYPE_F32, {1})};
  const auto text = gather_inputs(ports, {}, {"z=1"}, {});
  ASSERT_FALSE(text.ok());
  EXPECT_NE(text.status().message().find("x, y"), std::string::npos);
  EXPECT_FALSE(gather_inputs(ports, {{"z", tensor<float>(HY_DTYPE_F32, {1}, {1})}}, {}, {}).ok());
  EXPECT_FALSE(gather_inputs(ports, {}, {"x"}, {}).ok());
}

TEST(Inputs, MissingOnesAreMadeUpUnlessOptional) {
  std::vector<Port> ports{port("x", HY_DTYPE_F32, {1}), port("y", HY_DTYPE_F32, {1}),
                          port("z", HY_DTYPE_F32, {1})};
  ports[2].optional = true;
  NamedTensors values{{"x", tensor<float>(HY_DTYPE_F32, {1}, {1})}};
  const auto made_up = fill_missing(ports, &values);
  ASSERT_TRUE(made_up.ok());
  EXPECT_EQ(*made_up, std::vector<std::string>{"y"});
  EXPECT_EQ(values.size(), 2u);
}

}  // namespace
}  // namespace halyard::cli::test
