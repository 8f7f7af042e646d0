// Clusters on different hardware at once.
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "core/plan/planner.hpp"
#include "core/runtime/program.hpp"
#include "tests/unit/fake_provider.hpp"

namespace halyard::core {
namespace {

using test::fake_config;
using test::GraphMaker;
using test::open_fake;

/// Long enough for a busy machine; only a failing test waits for it.
constexpr std::chrono::seconds kPatience{60};

/// Lets nobody pass before so many have come.
class Meeting {
 public:
  explicit Meeting(int wanted) : wanted_(wanted) {}
  bool come() {
    std::unique_lock lock(mutex_);
    ++here_;
    changed_.notify_all();
    return changed_.wait_for(lock, kPatience, [&] { return here_ >= wanted_; });
  }

 private:
  const int wanted_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int here_ = 0;
};

std::unique_ptr<Program> make(Graph graph, std::vector<std::shared_ptr<Device>> devices) {
  static test::NoWeights weights;
  PlanOptions options;
  options.policy.by_priority = true;
  auto plan = make_plan(std::move(graph), std::move(devices), options, weights, test::read_inline,
                        make_logger(nullptr, nullptr, 0));
  EXPECT_TRUE(plan.ok()) << plan.status().message();
  return plan.ok() ? std::make_unique<Program>(std::move(plan).value(), nullptr) : nullptr;
}

Result<std::vector<float>> run(Program& program, std::vector<float> x, hy_job& job) {
  std::vector<float> y;
  Program::Request request;
  const std::vector<int64_t> dims{static_cast<int64_t>(x.size())};
  request.inputs.push_back({HY_DTYPE_F32, dims, x.data(), x.size() * 4});
  request.outputs.resize(1);
  request.allocate = [&](size_t, uint32_t, std::span<const int64_t>,
                         uint64_t bytes) -> Result<void*> {
    y.resize(bytes / 4);
    return static_cast<void*>(y.data());
  };
  HY_RETURN_IF_ERROR(program.run(request, job));
  return y;
}

/// y = -x + relu(x), where a takes Relu and Add, and b takes Neg.
Graph two_branches() {
  GraphMaker m({Dim::fixed(3)});
  const ValueId x = m.input("x");
  m.output(m.node("Add", {m.node("Neg", {x}), m.node("Relu", {x})}));
  return m.g;
}

TEST(Overlap, BranchesRunAtOnce) {
  auto program = make(two_branches(), {open_fake<0>("a", {"Relu"}), open_fake<1>("b", {"Neg"}),
                                       open_fake<2>("c", {"Add"})});
  ASSERT_NE(program, nullptr);
  Meeting meeting(2);
  const auto come = [&](const plugin::Job&) {
    return meeting.come() ? Status() : device_error("the other branch did not run meanwhile");
  };
  fake_config<0>().on_run = fake_config<1>().on_run = come;
  hy_job job;
  const auto y = run(*program, {-1, 2, 3}, job);
  ASSERT_TRUE(y.ok()) << y.status().message();
  EXPECT_EQ(*y, (std::vector<float>{1, 0, 0}));
}

TEST(Overlap, AFailureEndsTheRunAndTheNextOneWorks) {
  auto program = make(two_branches(), {open_fake<0>("a", {"Relu"}), open_fake<1>("b", {"Neg"}),
                                       open_fake<2>("c", {"Add"})});
  ASSERT_NE(program, nullptr);
  fake_config<1>().fail_run = {"Neg"};
  hy_job job;
  const auto failed = run(*program, {1, 2, 3}, job);
  ASSERT_FALSE(failed.ok());
  EXPECT_NE(failed.status().message().find("on b"), std::string::npos);
  EXPECT_EQ(fake_config<2>().ran, 0);
  fake_config<1>().fail_run.clear();
  hy_job again;
  EXPECT_TRUE(run(*program, {1, 2, 3}, again).ok());
}

TEST(Overlap, CancellingReachesEveryCluster) {
  auto program = make(two_branches(), {open_fake<0>("a", {"Relu"}), open_fake<1>("b", {"Neg"}),
                                       open_fake<2>("c", {"Add"})});
  ASSERT_NE(program, nullptr);
  Meeting meeting(3);  // both clusters and the one who cancels
  const auto until_cancelled = [&](const plugin::Job& job) -> Status {
    if (!meeting.come()) return device_error("nobody came");
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < end) HY_RETURN_IF_ERROR(job.poll());
    return device_error("nobody cancelled");
  };
  fake_config<0>().on_run = fake_config<1>().on_run = until_cancelled;
  hy_job job;
  std::thread canceller([&] {
    meeting.come();
    job.cancelled = true;
  });
  const auto y = run(*program, {1, 2, 3}, job);
  canceller.join();
  ASSERT_FALSE(y.ok());
  EXPECT_EQ(y.status().code(), HY_ERROR_CANCELLED);
}

TEST(Overlap, RandomGraphsOverThreeDevicesGiveWhatOneDeviceGives) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    GraphMaker m({Dim::fixed(3)});
    std::vector<ValueId> values{m.input("x")};
    const char* const ops[] = {"Relu", "Neg", "Add"};
    for (uint32_t i = 0; i < 3 + random() % 30; ++i) {
      const std::string op = ops[random() % 3];
      const auto pick = [&] {
        return values[values.size() - 1 - random() % std::min<size_t>(values.size(), 4)];
      };
      values.push_back(op == "Add" ? m.node(op, {pick(), pick()}) : m.node(op, {pick()}));
    }
    m.output(values.back());
    auto alone = make(m.g, {open_fake<3>("all", {"Relu", "Neg", "Add"})});
    auto split = make(
        m.g, {open_fake<0>("a", {"Relu"}), open_fake<1>("b", {"Neg"}), open_fake<2>("c", {"Add"})});
    ASSERT_NE(alone, nullptr);
    ASSERT_NE(split, nullptr);
    for (int i = 0; i < 5; ++i) {
      const auto n = static_cast<float>(i);
      hy_job first, second;
      const auto wanted = run(*alone, {n, -n, 1}, first), got = run(*split, {n, -n, 1}, second);
      ASSERT_TRUE(wanted.ok() && got.ok()) << got.status().message();
      EXPECT_EQ(*got, *wanted);
    }
  }
}

TEST(Overlap, ManyThreadsRunOneProgram) {
  auto program = make(two_branches(), {open_fake<0>("a", {"Relu"}), open_fake<1>("b", {"Neg"}),
                                       open_fake<2>("c", {"Add"})});
  ASSERT_NE(program, nullptr);
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const auto v = static_cast<float>(t * 100 + i);
        hy_job job;
        const auto y = run(*program, {-v, v, 0}, job);
        right += y.ok() && *y == std::vector<float>{v, 0, 0} ? 1 : 0;
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(right, 200);
}

}  // namespace
}  // namespace halyard::core
