#include "core/runtime/program.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "core/plan/planner.hpp"
#include "tests/unit/fake_provider.hpp"

namespace halyard::core {
namespace {

using test::fake_config;
using test::GraphMaker;
using test::open_fake;

std::unique_ptr<Program> make(Graph graph, std::vector<std::shared_ptr<Device>> devices) {
  static test::NoWeights weights;
  auto plan = make_plan(std::move(graph), std::move(devices), {}, weights, test::read_inline,
                        make_logger(nullptr, nullptr, 0));
  EXPECT_TRUE(plan.ok()) << plan.status().message();
  return plan.ok() ? std::make_unique<Program>(std::move(plan).value(), nullptr) : nullptr;
}

struct RunResult {
  Status status;
  std::vector<int64_t> dims;
  std::vector<float> y;
};

RunResult run(Program& program, std::vector<float> x, std::vector<int64_t> dims,
              std::vector<int64_t> symbols = {}) {
  RunResult out;
  Program::Request request;
  request.inputs.push_back({HY_DTYPE_F32, dims, x.data(), x.size() * 4});
  request.outputs.resize(1);
  request.symbols = std::move(symbols);
  request.allocate = [&](size_t, uint32_t, std::span<const int64_t> d,
                         uint64_t bytes) -> Result<void*> {
    out.dims.assign(d.begin(), d.end());
    out.y.resize(bytes / 4);
    return static_cast<void*>(out.y.data());
  };
  hy_job job;
  out.status = program.run(request, job);
  return out;
}

/// y = relu(-relu(x) + relu(x)) over two providers.
Graph two_devices(std::vector<Dim> dims) {
  GraphMaker m(std::move(dims));
  const ValueId a = m.node("Relu", {m.input("x")});
  m.output(m.node("Relu", {m.node("Add", {m.node("Neg", {a}), m.node("Add", {a, a})})}));
  return m.g;
}

TEST(Program, HandsValuesFromDeviceToDevice) {
  auto program = make(two_devices({Dim::fixed(3)}),
                      {open_fake<0>("a", {"Relu", "Add"}), open_fake<1>("b", {"Neg"})});
  ASSERT_NE(program, nullptr);
  // Relu; Neg on b and the inner Add on a at once; the rest.
  EXPECT_EQ(program->plan().clusters.size(), 4u);
  const RunResult r = run(*program, {-1, 2, 3}, {3});
  ASSERT_TRUE(r.status.ok()) << r.status.message();
  EXPECT_EQ(r.y, (std::vector<float>{0, 2, 3}));
}

TEST(Program, OneProgramServesEverySize) {
  auto program = make(two_devices({Dim::symbol(0)}),
                      {open_fake<0>("a", {"Relu", "Add"}), open_fake<1>("b", {"Neg"})});
  ASSERT_NE(program, nullptr);
  for (int64_t n : {1, 5, 0, 300, 5}) {
    const RunResult r = run(*program, std::vector<float>(static_cast<size_t>(n), 7), {n}, {n});
    ASSERT_TRUE(r.status.ok()) << r.status.message();
    EXPECT_EQ(r.dims, std::vector<int64_t>{n});
    EXPECT_EQ(r.y, std::vector<float>(static_cast<size_t>(n), 7));
  }
  EXPECT_EQ(fake_config<1>().compiled, 1);
}

TEST(Program, AFailedRunNamesItsClusterAndTheNextOneWorks) {
  auto program = make(two_devices({Dim::fixed(2)}),
                      {open_fake<0>("a", {"Relu", "Add"}), open_fake<1>("b", {"Neg"})});
  ASSERT_NE(program, nullptr);
  fake_config<1>().fail_run = {"Neg"};
  const RunResult failed = run(*program, {1, 2}, {2});
  EXPECT_EQ(failed.status.code(), HY_ERROR_DEVICE);
  EXPECT_NE(failed.status.message().find("cluster"), std::string::npos);
  EXPECT_NE(failed.status.message().find("on b"), std::string::npos);
  EXPECT_NE(failed.status.message().find("told to fail at run"), std::string::npos);
  fake_config<1>().fail_run.clear();
  EXPECT_TRUE(run(*program, {1, 2}, {2}).status.ok());
}

/// An output of unknown dims between two devices. (The fake's NonZero copies.)
Graph data_dependent() {
  GraphMaker m({Dim::fixed(3)});
  const ValueId a = m.node("NonZero", {m.node("Relu", {m.input("x")})});
  m.g.values[a].type.shape = std::vector<Dim>{Dim::unknown()};
  const ValueId y = m.node("Relu", {a});
  m.g.values[y].type.shape = std::vector<Dim>{Dim::unknown()};
  m.output(y);
  return m.g;
}

TEST(Program, DimsThatOnlyTheProviderKnows) {
  auto program =
      make(data_dependent(), {open_fake<0>("a", {"Relu"}), open_fake<1>("b", {"NonZero"})});
  ASSERT_NE(program, nullptr);
  for (int i = 0; i < 3; ++i) {
    const RunResult r = run(*program, {1, -2, 3}, {3});
    ASSERT_TRUE(r.status.ok()) << r.status.message();
    EXPECT_EQ(r.y, (std::vector<float>{1, 0, 3}));
  }
}

TEST(Program, DimsThatContradictTheGraphAreRefused) {
  auto program =
      make(data_dependent(), {open_fake<0>("a", {"Relu"}), open_fake<1>("b", {"NonZero"})});
  ASSERT_NE(program, nullptr);
  fake_config<1>().liar_about_dims = true;
  const RunResult r = run(*program, {1, -2, 3}, {3});
  EXPECT_EQ(r.status.code(), HY_ERROR_MISMATCH);
  EXPECT_NE(r.status.message().find("[3,1]"), std::string::npos);
  fake_config<1>().liar_about_dims = false;
  EXPECT_TRUE(run(*program, {1, -2, 3}, {3}).status.ok());
}

TEST(Program, ACancelledJobEndsBetweenClusters) {
  auto program = make(two_devices({Dim::fixed(1)}),
                      {open_fake<0>("a", {"Relu", "Add"}), open_fake<1>("b", {"Neg"})});
  ASSERT_NE(program, nullptr);
  float x = 1;
  Program::Request request;
  request.inputs.push_back({HY_DTYPE_F32, {1}, &x, 4});
  request.outputs.resize(1);
  hy_job job;
  job.cancelled = true;
  EXPECT_EQ(program->run(request, job).code(), HY_ERROR_CANCELLED);
}

TEST(Program, ManyThreadsRunAtOnce) {
  auto a = open_fake<0>("a", {"Relu", "Add"}), b = open_fake<1>("b", {"Neg"});
  auto program = make(two_devices({Dim::symbol(0)}), {a, b});
  ASSERT_NE(program, nullptr);
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        const int64_t n = 1 + (t + i) % 9;
        const std::vector<float> x(static_cast<size_t>(n), static_cast<float>(t + 1));
        const RunResult r = run(*program, x, {n}, {n});
        wrong += r.status.ok() && r.y == x ? 0 : 1;
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Program, ReleasesWhatItCompiled) {
  {
    auto program = make(two_devices({Dim::fixed(1)}),
                        {open_fake<0>("a", {"Relu", "Add"}), open_fake<1>("b", {"Neg"})});
    ASSERT_NE(program, nullptr);
    EXPECT_GT(fake_config<0>().live, 0);
  }
  EXPECT_EQ(fake_config<0>().live, 0);
  EXPECT_EQ(fake_config<1>().live, 0);
}

}  // namespace
}  // namespace halyard::core
