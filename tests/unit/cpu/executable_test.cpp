#include "providers/cpu/executable.hpp"

#include <atomic>
#include <thread>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

std::vector<DimSpec> dims_of(const std::vector<int64_t>& dims) {
  std::vector<DimSpec> out;
  for (int64_t d : dims) out.push_back(DimSpec::fixed(d));
  return out;
}

/// A graph with one f32 input x of three elements; add nodes through op().
struct Small {
  GraphBuilder b;
  uint32_t main = b.add_subgraph("main");
  uint32_t x = b.add_input(main, "x", HY_DTYPE_F32, dims_of({3}));

  uint32_t op(const char* name, const std::vector<uint32_t>& inputs,
              const Attributes& attributes = {}) {
    const uint32_t y = b.add_result(main, "y", HY_DTYPE_F32, dims_of({3}));
    b.add_node(main, {"", name, name, inputs, {y}, attributes, {}});
    return y;
  }
  std::vector<unsigned char> finish(const std::vector<uint32_t>& outputs) {
    for (uint32_t v : outputs) b.add_output(main, v);
    return *b.finish();
  }
};

const TestTensor kX = tensor<float>({3}, {-1, 2, 3});

std::vector<std::vector<double>> run(const std::vector<unsigned char>& graph,
                                     const TestTensor& x = kX) {
  const auto out = run_graph(graph, {x}, 1, 3);
  EXPECT_TRUE(out.ok()) << out.status().message();
  std::vector<std::vector<double>> values;
  if (out.ok())
    for (const TestTensor& t : *out) values.push_back(t.numbers());
  return values;
}
using Values = std::vector<std::vector<double>>;

TEST(Executable, RunsNodesInOrder) {
  Small g;
  const uint32_t a = g.op("Neg", {g.x}), b = g.op("Relu", {a}), c = g.op("Add", {b, g.x});
  EXPECT_EQ(run(g.finish({c})), (Values{{0, 2, 3}}));
}

// A value that is read again later must not be overwritten in place.
TEST(Executable, KeepsWhatIsReadLater) {
  Small g;
  const uint32_t a = g.op("Neg", {g.x}), b = g.op("Relu", {a}), c = g.op("Neg", {b}),
                 d = g.op("Add", {a, c});
  EXPECT_EQ(run(g.finish({d})), (Values{{0, -2, -3}}));
}

TEST(Executable, KeepsWhatAnAliasStillReads) {
  Small g;
  const uint32_t a = g.op("Neg", {g.x}), same = g.op("Identity", {a}), b = g.op("Neg", {a});
  const uint32_t c = g.op("Add", {same, b});
  EXPECT_EQ(run(g.finish({c})), (Values{{0, 0, 0}}));
}

TEST(Executable, WritesAValueToEveryPortItStandsAt) {
  Small g;
  const uint32_t a = g.op("Neg", {g.x}), b = g.op("Neg", {a}), same = g.op("Identity", {b});
  EXPECT_EQ(run(g.finish({a, a, same, b})),
            (Values{{1, -2, -3}, {1, -2, -3}, {-1, 2, 3}, {-1, 2, 3}}));
}

TEST(Executable, PassesInputsAndConstantsThrough) {
  Small g;
  const float three[] = {4, 5, 6};
  const uint32_t c =
      g.b.add_constant_value(g.main, "c", g.b.add_inline_constant(HY_DTYPE_F32, {3}, three, 12));
  EXPECT_EQ(run(g.finish({c, g.x})), (Values{{4, 5, 6}, {-1, 2, 3}}));
}

TEST(Executable, IgnoresResultsThatNobodyReads) {
  Small g;
  g.op("Neg", {g.x});
  EXPECT_EQ(run(g.finish({g.op("Abs", {g.x})})), (Values{{1, 2, 3}}));
}

TEST(Executable, ServesAnyDims) {
  Small g;
  const auto graph = g.finish({g.op("Relu", {g.op("Neg", {g.x})})});
  EXPECT_EQ(run(graph, tensor<float>({2, 2}, {-1, 2, -3, 4})), (Values{{1, 0, 3, 0}}));
  EXPECT_EQ(run(graph, tensor<float>({0}, {})), (Values{{}}));
}

TEST(Executable, NamesTheNodeThatFails) {
  Small g;
  const uint32_t y = g.op("Add", {g.x, g.op("Concat", {g.x, g.x}, {{"axis", int64_t{0}}})});
  const auto out = run_graph(g.finish({y}), {kX});
  EXPECT_EQ(out.status().code(), HY_ERROR_MISMATCH);
  EXPECT_NE(out.status().message().find("Add (Add): "), std::string::npos)
      << out.status().message();
}

TEST(Executable, FailsToCompileAnUnknownOperator) {
  Small g;
  EXPECT_EQ(run_graph(g.finish({g.op("Frobnicate", {g.x})}), {kX}).status().code(),
            HY_ERROR_UNSUPPORTED);
}

/// A host that gives outputs of this thread's run, and can ask to stop.
struct Host {
  std::vector<float> y = std::vector<float>(3);
  bool stop = false;
  hy_host table = HY_INIT(hy_host);
  Host() {
    table.self = this;
    table.poll = [](void* self, hy_job*, double) -> hy_status {
      return static_cast<Host*>(self)->stop ? HY_ERROR_CANCELLED : HY_OK;
    };
  }
  Status run(plugin::Executable& exe, const TestTensor& x, int64_t bound = 3) {
    hy_binding in = HY_INIT(hy_binding), out = HY_INIT(hy_binding);
    in.dtype = out.dtype = HY_DTYPE_F32;
    in.rank = out.rank = 1;
    in.dims = x.dims.data();
    out.dims = &bound;
    in.data = const_cast<unsigned char*>(x.bytes.data());
    out.data = y.data();
    in.bytes = out.bytes = 12;
    hy_run_args args = HY_INIT(hy_run_args);
    args.inputs = {&in, 1, sizeof in};
    args.outputs = {&out, 1, sizeof out};
    const plugin::Job job(&table, nullptr);
    plugin::Run run(job, args);
    return exe.run(run);
  }
};

std::unique_ptr<CpuExecutable> compiled(const std::vector<unsigned char>& bytes, Host& host) {
  Graph graph;
  EXPECT_TRUE(Graph::open({bytes.data(), bytes.size()}, &graph).ok());
  plugin::Job job(&host.table, nullptr);
  auto exe = compile(graph, 1, job);
  EXPECT_TRUE(exe.ok());
  return std::move(exe).value();
}

TEST(Executable, WritesIntoBoundOutputs) {
  Small g;
  Host host;
  const auto bytes = g.finish({g.op("Neg", {g.x})});
  const auto exe = compiled(bytes, host);
  ASSERT_TRUE(host.run(*exe, kX).ok());
  EXPECT_EQ(host.y, (std::vector<float>{1, -2, -3}));
  EXPECT_EQ(host.run(*exe, kX, 2).code(), HY_ERROR_MISMATCH);
}

TEST(Executable, StopsWhenTheHostSaysSo) {
  Small g;
  Host host;
  const auto bytes = g.finish({g.op("Neg", {g.x})});
  const auto exe = compiled(bytes, host);
  host.stop = true;
  EXPECT_EQ(host.run(*exe, kX).code(), HY_ERROR_CANCELLED);
}

TEST(Executable, RunsOnManyThreadsAtOnce) {
  Small g;
  Host host;
  const auto bytes = g.finish({g.op("Add", {g.op("Neg", {g.op("Relu", {g.x})}), g.x})});
  const auto exe = compiled(bytes, host);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      Host own;
      const float v = static_cast<float>(t);
      const TestTensor x = tensor<float>({3}, {-v, v, -1});
      for (int i = 0; i < 200; ++i)
        if (!own.run(*exe, x).ok() || own.y != std::vector<float>{-v, 0, -1}) ++wrong;
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace halyard::cpu::testing
