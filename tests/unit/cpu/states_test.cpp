// Graphs with states: updated where they lie, and right where that cannot be.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <array>
#include <cstring>

#include "halyard/graph_builder.hpp"
#include "providers/cpu/executable.hpp"

namespace halyard::cpu {
namespace {

using Floats = std::vector<float>;

hy_host quiet_host() {
  hy_host host = HY_INIT(hy_host);
  host.poll = [](void*, hy_job*, double) -> hy_status { return HY_OK; };
  return host;
}

/// Builds one graph of f32 values that all have these dims, and runs it.
class Stateful {
 public:
  explicit Stateful(std::vector<int64_t> dims) : dims_(std::move(dims)) {
    for (const int64_t d : dims_) shape_.push_back(DimSpec::fixed(d));
    main = b.add_subgraph("main");
  }
  uint32_t input(const char* name) {
    ++inputs_;
    return b.add_input(main, name, HY_DTYPE_F32, shape_);
  }
  uint32_t op(const char* name, std::vector<uint32_t> inputs) {
    const uint32_t y = b.add_result(main, name, HY_DTYPE_F32, shape_);
    b.add_node(main, {"", name, name, std::move(inputs), {y}, {}, {}});
    return y;
  }
  void output(uint32_t v) {
    ++outputs_;
    b.add_output(main, v);
  }
  /// After all other inputs, and all other outputs.
  void states(const std::vector<uint32_t>& after) {
    uint32_t in = inputs_ - static_cast<uint32_t>(after.size()), out = outputs_;
    for (const uint32_t v : after) {
      b.add_output(main, v);
      b.add_state("s", HY_DTYPE_F32, dims_, HY_NONE, HY_NONE, in++, out++);
    }
  }
  void compile_it() {
    bytes_ = b.finish().value();
    ASSERT_TRUE(Graph::open({bytes_.data(), bytes_.size()}, &graph_).ok());
    plugin::Job job(&host_, nullptr);
    auto made = compile(graph_, 1, job);
    ASSERT_TRUE(made.ok()) << made.status().message();
    executable = std::move(made).value();
  }
  hy_binding bind(void* data) const {
    hy_binding out = HY_INIT(hy_binding);
    out.dtype = HY_DTYPE_F32;
    out.rank = static_cast<uint32_t>(dims_.size());
    out.dims = dims_.data();
    out.data = data;
    out.bytes = 4;
    for (const int64_t d : dims_) out.bytes *= static_cast<uint64_t>(d);
    return out;
  }
  Status run(const std::vector<hy_binding>& in, const std::vector<hy_binding>& out,
             const std::vector<hy_binding>& states) {
    const auto array = [](const std::vector<hy_binding>& v) {
      return hy_array{v.data(), static_cast<uint32_t>(v.size()), sizeof(hy_binding)};
    };
    hy_run_args args = HY_INIT(hy_run_args);
    args.inputs = array(in);
    args.outputs = array(out);
    args.states = array(states);
    const plugin::Job job(&host_, nullptr);
    plugin::Run r(job, args);
    return executable->run(r);
  }

  GraphBuilder b;
  uint32_t main;
  std::unique_ptr<CpuExecutable> executable;

 private:
  const std::vector<int64_t> dims_;
  std::vector<DimSpec> shape_;
  uint32_t inputs_ = 0, outputs_ = 0;
  std::vector<unsigned char> bytes_;
  Graph graph_;
  hy_host host_ = quiet_host();
};

/// A cache of pages: all rows but the one that is written are write-protected, so a copy would not go unnoticed.
TEST(States, ARowOfACacheIsWrittenWhereItLies) {
  constexpr int64_t kRows = 4, kWidth = 1024;
  constexpr size_t kPage = kWidth * sizeof(float);
  Stateful g({1, kRows, kWidth});
  const std::vector<DimSpec> row{DimSpec::fixed(1), DimSpec::fixed(1), DimSpec::fixed(kWidth)};
  const uint32_t x = g.b.add_input(g.main, "x", HY_DTYPE_F32, row);
  const uint32_t at = g.b.add_input(g.main, "at", HY_DTYPE_I64, {{DimSpec::fixed(1)}});
  const std::vector<DimSpec> whole{DimSpec::fixed(1), DimSpec::fixed(kRows),
                                   DimSpec::fixed(kWidth)};
  const uint32_t before = g.b.add_input(g.main, "cache", HY_DTYPE_F32, whole);
  const uint32_t after = g.op("TensorScatter", {before, x, at});
  g.b.add_output(g.main, after);
  g.b.add_state("cache", HY_DTYPE_F32, {1, kRows, kWidth}, HY_NONE, 1, 2, 0);
  g.compile_it();

  void* memory =
      mmap(nullptr, kRows * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  const auto row_of = [&](int64_t i) { return static_cast<char*>(memory) + i * int64_t{kPage}; };
  Floats values(kWidth);
  for (int64_t i = 0; i < kRows; ++i) {
    for (int64_t k = 0; k < kRows; ++k)
      ASSERT_EQ(mprotect(row_of(k), kPage, k == i ? PROT_READ | PROT_WRITE : PROT_READ), 0);
    std::fill(values.begin(), values.end(), static_cast<float>(i + 1));
    hy_binding in = HY_INIT(hy_binding), position = HY_INIT(hy_binding);
    const int64_t row_dims[3] = {1, 1, kWidth}, one = 1;
    in.dtype = HY_DTYPE_F32;
    in.rank = 3;
    in.dims = row_dims;
    in.data = values.data();
    in.bytes = kPage;
    position.dtype = HY_DTYPE_I64;
    position.rank = 1;
    position.dims = &one;
    position.data = &i;
    position.bytes = 8;
    ASSERT_TRUE(g.run({in, position}, {}, {g.bind(memory)}).ok());
    for (int64_t k = 0; k < kRows; ++k)
      EXPECT_EQ(reinterpret_cast<float*>(row_of(k))[kWidth - 1],
                k <= i ? static_cast<float>(k + 1) : 0);
  }
  munmap(memory, kRows * kPage);
}

TEST(States, WhatIsReadAfterwardsIsNotOverwritten) {
  Stateful g({3});
  const uint32_t before = g.input("s");
  const uint32_t after = g.op("Neg", {before});
  g.output(g.op("Sub", {after, before}));
  g.states({after});
  g.compile_it();
  Floats s{1, -2, 3}, y(3);
  ASSERT_TRUE(g.run({}, {g.bind(y.data())}, {g.bind(s.data())}).ok());
  EXPECT_EQ(y, (Floats{-2, 4, -6}));
  EXPECT_EQ(s, (Floats{-1, 2, -3}));
}

TEST(States, WhatAStateBecomesIsNotOverwrittenByItsLastReader) {
  Stateful g({3});
  const uint32_t before = g.input("s");
  const uint32_t after = g.op("Neg", {before});
  g.output(g.op("Abs", {g.op("Exp", {after})}));  // Exp's result is no output: it may lie anywhere
  g.states({after});
  g.compile_it();
  Floats s{0, -2, 3}, y(3);
  ASSERT_TRUE(g.run({}, {g.bind(y.data())}, {g.bind(s.data())}).ok());
  EXPECT_EQ(s, (Floats{0, 2, -3}));
  EXPECT_NEAR(y[1], 7.3890561f, 1e-5f);
}

TEST(States, OneThatStaysAsItIsIsNotOverwritten) {
  Stateful g({3});
  const uint32_t s = g.input("s");
  g.output(g.op("Abs", {g.op("Neg", {s})}));
  g.states({s});
  g.compile_it();
  Floats held{1, -2, 3}, y(3);
  ASSERT_TRUE(g.run({}, {g.bind(y.data())}, {g.bind(held.data())}).ok());
  EXPECT_EQ(held, (Floats{1, -2, 3}));
  EXPECT_EQ(y, (Floats{1, 2, 3}));
}

TEST(States, ThatChangePlacesDoNotOverwriteEachOther) {
  Stateful g({3});
  const uint32_t a = g.input("a"), b = g.input("b");
  g.states({g.op("Neg", {b}), g.op("Abs", {a})});
  g.compile_it();
  Floats first{1, -2, 3}, second{4, 5, 6};
  ASSERT_TRUE(g.run({}, {}, {g.bind(first.data()), g.bind(second.data())}).ok());
  EXPECT_EQ(first, (Floats{-4, -5, -6}));
  EXPECT_EQ(second, (Floats{1, 2, 3}));
}

TEST(States, ThatAreOutputsTooAreBoth) {
  Stateful g({3});
  const uint32_t x = g.input("x"), before = g.input("s");
  const uint32_t after = g.op("Add", {before, x});
  g.output(after);
  g.states({after});
  g.compile_it();
  Floats in{1, 2, 3}, s{10, 20, 30}, y(3);
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(g.run({g.bind(in.data())}, {g.bind(y.data())}, {g.bind(s.data())}).ok());
    EXPECT_EQ(y, s);
    EXPECT_EQ(s[2], 30 + 3 * static_cast<float>(i));
  }
}

TEST(States, ALongChainEndsInTheStatesMemory) {
  Stateful g({3});
  uint32_t v = g.input("s");
  for (int i = 0; i < 5; ++i) v = g.op("Neg", {g.op("Sqrt", {g.op("Abs", {v})})});
  g.states({v});
  g.compile_it();
  Floats s{1, 16, 0};
  ASSERT_TRUE(g.run({}, {}, {g.bind(s.data())}).ok());
  EXPECT_EQ(s[0], -1);
  EXPECT_NEAR(s[1], -1.09050773f, 1e-6f);
  EXPECT_EQ(s[2], 0);
}

TEST(Profile, HasATimeForEachStepOfItsRun) {
  Stateful g({3});
  const uint32_t x = g.input("x");
  g.output(g.op("Exp", {g.op("Softmax", {x})}));
  g.compile_it();
  Floats in{1, 2, 3}, y(3);
  hy_host host = quiet_host();
  const auto jobs = std::array{reinterpret_cast<hy_job*>(8), reinterpret_cast<hy_job*>(16)};
  const auto run = [&](hy_job* raw) {
    const std::vector<hy_binding> from{g.bind(in.data())}, to{g.bind(y.data())};
    hy_run_args args = HY_INIT(hy_run_args);
    args.inputs = {from.data(), 1, sizeof(hy_binding)};
    args.outputs = {to.data(), 1, sizeof(hy_binding)};
    const plugin::Job job(&host, raw);
    plugin::Run r(job, args);
    ASSERT_TRUE(g.executable->run(r).ok());
  };
  const auto events = [&](hy_job* raw) {
    std::vector<plugin::ProfileEvent> out;
    EXPECT_TRUE(g.executable->events(plugin::Job(&host, raw), out).ok());
    return out;
  };
  run(jobs[0]);
  EXPECT_TRUE(events(jobs[0]).empty()) << "it is off";
  ASSERT_TRUE(g.executable->profile(true).ok());
  run(jobs[0]);
  run(jobs[1]);
  for (hy_job* job : jobs) {
    const auto list = events(job);
    ASSERT_EQ(list.size(), 2u);
    EXPECT_EQ(list[0].node, 0u);
    EXPECT_EQ(list[1].node, 1u);
    EXPECT_NE(list[0].name.find("Softmax"), std::string::npos);
    EXPECT_GE(list[1].start_ns, list[0].start_ns + list[0].duration_ns);
    EXPECT_TRUE(events(job).empty()) << "they were given";
  }
  ASSERT_TRUE(g.executable->profile(false).ok());
  run(jobs[0]);
  EXPECT_TRUE(events(jobs[0]).empty());
}

}  // namespace
}  // namespace halyard::cpu
