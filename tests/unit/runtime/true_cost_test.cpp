// Placement by cost on devices whose true times are known: what a run takes is what the plan said, and
// nothing that could have been planned takes much less.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "core/plan/clusters.hpp"
#include "core/plan/planner.hpp"
#include "core/runtime/program.hpp"
#include "tests/unit/fake_provider.hpp"

namespace halyard::core {
namespace {

using test::fake_config;
using test::FakeConfig;
using test::GraphMaker;
using test::open_fake;

constexpr int kHost = 20, kFar = 21;  // slots of their own: kFar has memory of its own
constexpr int64_t kElements = 256;
const std::set<std::string> kOps = {"Relu", "Neg", "Add"};

/// A device on the host's memory and one behind a link; they share hardware, so that times add up.
struct Machine {
  std::shared_ptr<Device> host, far;
};

Machine machine(std::mt19937& random) {
  const auto real = [&](double a, double b) {
    return a + (b - a) * static_cast<double>(random() % 1000) / 1000;
  };
  FakeConfig& far = fake_config<kFar>();
  far.own_memory = true;
  far.launch_us = real(0.1, 30);
  far.copy_latency_us = real(0.1, 20);
  far.copy_us_per_byte = real(0.0001, 0.02);
  fake_config<kHost>().launch_us = 1;
  Machine out{open_fake<kHost>("host", kOps, true, false, "one"),
              open_fake<kFar>("far", kOps, true, false, "one")};
  for (const std::string& op : kOps) {
    fake_config<kHost>().est_of[op] = real(5, 100);
    far.est_of[op] = fake_config<kHost>().est_of[op] * real(0.1, 2);
  }
  return out;
}

Graph random_graph(std::mt19937& random) {
  GraphMaker m({Dim::fixed(kElements)});
  std::vector<ValueId> values{m.input("x")};
  std::set<ValueId> unread;
  const uint32_t count = 2 + random() % 11;
  for (uint32_t i = 0; i < count; ++i) {
    const auto pick = [&] {
      const ValueId v = values[values.size() - 1 - random() % std::min<size_t>(values.size(), 4)];
      unread.erase(v);
      return v;
    };
    const char* const ops[] = {"Relu", "Neg", "Add"};
    const std::string op = ops[random() % 3];
    values.push_back(op == "Add" ? m.node(op, {pick(), pick()}) : m.node(op, {pick()}));
    unread.insert(values.back());
  }
  for (const ValueId v : unread) m.output(v);
  return m.g;
}

Result<Plan> plan(const Graph& graph, std::vector<std::shared_ptr<Device>> devices) {
  static test::NoWeights weights;
  PlanOptions options;
  options.policy.min_gain_us = 0;
  return make_plan(graph, std::move(devices), options, weights, test::read_inline,
                   make_logger(nullptr, nullptr, 0));
}

/// Runs the plan; what the devices' clocks then show.
double measured_us(Plan made) {
  fake_config<kHost>().clock_us = fake_config<kFar>().clock_us = 0;
  Program program(std::move(made), nullptr);
  std::vector<float> x(kElements, 1);
  std::vector<std::vector<float>> y(program.plan().graph.outputs.size());
  Program::Request request;
  request.inputs.push_back({HY_DTYPE_F32, {kElements}, x.data(), x.size() * 4});
  request.outputs.resize(y.size());
  request.allocate = [&](size_t o, uint32_t, std::span<const int64_t>,
                         uint64_t bytes) -> Result<void*> {
    y[o].resize(bytes / 4);
    return static_cast<void*>(y[o].data());
  };
  hy_job job;
  const Status status = program.run(request, job);
  EXPECT_TRUE(status.ok()) << status.message();
  return fake_config<kHost>().clock_us + fake_config<kFar>().clock_us;
}

/// The true time of one placement: bit n of `far` says where node n runs.
double true_us(const Graph& g, uint32_t far) {
  const auto on_far = [&](NodeId n) { return (far >> n & 1) != 0; };
  std::vector<uint32_t> device_of;
  double us = 0;
  for (NodeId n = 0; n < g.nodes.size(); ++n) {
    device_of.push_back(on_far(n) ? 1 : 0);
    us += (on_far(n) ? fake_config<kFar>() : fake_config<kHost>()).est_of[g.nodes[n].op];
  }
  const std::vector<uint32_t> any(g.nodes.size(), HY_CLUSTER_ANY);
  for (const Cluster& c : make_clusters(g, device_of, any))
    us += (c.device == 1 ? fake_config<kFar>() : fake_config<kHost>()).launch_us;
  const double copy = fake_config<kFar>().copy_latency_us +
                      fake_config<kFar>().copy_us_per_byte * kElements * sizeof(float);
  const auto producers = g.producers();
  for (ValueId v = 0; v < g.values.size(); ++v) {
    const bool made_far = producers[v] != kNone && on_far(producers[v]);
    bool crosses = made_far && std::find(g.outputs.begin(), g.outputs.end(), v) != g.outputs.end();
    for (NodeId n = 0; n < g.nodes.size(); ++n)
      for (const ValueId in : g.nodes[n].inputs)
        crosses = crosses || (in == v && on_far(n) != made_far);
    us += crosses ? copy : 0;
  }
  return us;
}

TEST(TrueCost, IsWhatThePlanSaidAndNearlyTheLeast) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const Machine m = machine(random);
    ASSERT_NE(m.host, nullptr);
    ASSERT_NE(m.far, nullptr);
    const Graph g = random_graph(random);
    auto chosen = plan(g, {m.far, m.host});
    ASSERT_TRUE(chosen.ok()) << chosen.status().message();
    const double said = chosen->estimate.cost;
    const double took = measured_us(std::move(chosen).value());
    EXPECT_NEAR(took, said, 1e-6 * said);
    for (const auto& device : {m.host, m.far}) {
      auto single = plan(g, {device});
      ASSERT_TRUE(single.ok()) << single.status().message();
      EXPECT_LE(took, measured_us(std::move(single).value()) * (1 + 1e-9));
    }
    double least = true_us(g, 0);
    for (uint32_t far = 1; far < 1u << g.nodes.size(); ++far)
      least = std::min(least, true_us(g, far));
    EXPECT_LE(took, least * 1.05);
    EXPECT_GE(took, least * (1 - 1e-9));
  }
}

}  // namespace
}  // namespace halyard::core
