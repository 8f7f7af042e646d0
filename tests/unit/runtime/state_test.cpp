// What a program keeps from run to run, on devices that update states where they lie and on others.
#include "core/runtime/state.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "core/plan/planner.hpp"
#include "core/runtime/program.hpp"
#include "tests/unit/fake_provider.hpp"

namespace halyard::core {
namespace {

using test::fake_config;
using test::GraphMaker;
using test::open_fake;
using Floats = std::vector<float>;

/// What one fake is; each has a slot of its own, since its memory is what it was opened with first.
enum class Kind { kPlain, kInPlace, kOwnMemory, kOwnMemoryInPlace };

template <int Slot>
std::shared_ptr<Device> open(Kind kind, const std::string& id, std::set<std::string> ops) {
  fake_config<Slot>().own_memory = kind == Kind::kOwnMemory || kind == Kind::kOwnMemoryInPlace;
  fake_config<Slot>().states = kind == Kind::kInPlace || kind == Kind::kOwnMemoryInPlace;
  return open_fake<Slot>(id, std::move(ops));
}

std::unique_ptr<Program> make(Graph graph, std::vector<std::shared_ptr<Device>> devices) {
  static test::NoWeights weights;
  PlanOptions options;
  options.policy.by_priority = true;
  auto plan = make_plan(std::move(graph), std::move(devices), options, weights, test::read_inline,
                        make_logger(nullptr, nullptr, 0));
  EXPECT_TRUE(plan.ok()) << plan.status().message();
  return plan.ok() ? std::make_unique<Program>(std::move(plan).value(), nullptr) : nullptr;
}

/// h' = h + x; y = relu(h').
Graph sum(uint32_t growth_axis = kNone) {
  GraphMaker m({Dim::fixed(3)});
  const ValueId x = m.input("x"), h = m.state("h", growth_axis);
  const ValueId next = m.node("Add", {h, x});
  m.output(m.node("Relu", {next}));
  m.becomes(next);
  return m.g;
}

/// a' = b + x; b' = a; y = relu(a').
Graph swapped() {
  GraphMaker m({Dim::fixed(3)});
  const ValueId x = m.input("x"), a = m.state("a"), b = m.state("b");
  const ValueId next = m.node("Add", {b, x});
  m.output(m.node("Relu", {next}));
  m.becomes(next);
  m.becomes(a);
  return m.g;
}

/// h' = -h, and what h was is an output, too: it must not be overwritten before that is read.
Graph shown() {
  GraphMaker m({Dim::fixed(3)});
  const ValueId x = m.input("x"), h = m.state("h");
  m.output(h);
  m.becomes(m.node("Add", {m.node("Neg", {h}), x}));
  return m.g;
}

Result<Floats> run(Program& program, StateSet& states, Floats x, hy_job& job) {
  Floats y(3);
  Program::Request request;
  request.inputs.push_back({HY_DTYPE_F32, {3}, x.data(), 12});
  request.inputs.resize(program.plan().graph.inputs.size());
  request.outputs.resize(program.plan().graph.outputs.size());
  request.outputs[0] = {HY_DTYPE_F32, {3}, y.data(), 12};
  HY_ASSIGN_OR_RETURN(request.states, states.bind(program.plan().graph));
  request.allocate = [&](size_t o, uint32_t, std::span<const int64_t>, uint64_t) -> Result<void*> {
    const Graph& g = program.plan().graph;
    for (size_t s = 0; s < g.states.size(); ++s)
      if (g.output_of_state(s) == o) return request.states[s]->next();
    return internal_error("memory is asked for an output that has some");
  };
  HY_RETURN_IF_ERROR(program.run(request, job));
  return y;
}

Floats ran(Program& program, StateSet& states, Floats x) {
  hy_job job;
  const auto y = run(program, states, std::move(x), job);
  EXPECT_TRUE(y.ok()) << y.status().message();
  return y.ok() ? *y : Floats();
}

Floats content(StateSet& states, const char* name) {
  const auto found = states.find(name);
  EXPECT_TRUE(found.ok()) << found.status().message();
  const auto tensor = (*found)->to_tensor();
  EXPECT_TRUE(tensor.ok()) << tensor.status().message();
  if (!tensor.ok()) return {};
  const auto* f = static_cast<const float*>((*tensor)->data);
  return {f, f + 3};
}

std::shared_ptr<StateSet> fresh(const Graph& graph) {
  auto states = StateSet::create(graph, nullptr);
  EXPECT_TRUE(states.ok()) << states.status().message();
  return states.ok() ? *states : nullptr;
}

class States : public ::testing::TestWithParam<Kind> {};

TEST_P(States, GoOnFromRunToRun) {
  auto program = make(sum(), {open<0>(GetParam(), "a", {"Add", "Relu"})});
  ASSERT_NE(program, nullptr);
  const auto states = fresh(program->plan().graph);
  EXPECT_EQ(ran(*program, *states, {1, -2, 3}), (Floats{1, 0, 3}));
  EXPECT_EQ(ran(*program, *states, {1, -2, 3}), (Floats{2, 0, 6}));
  EXPECT_EQ(content(*states, "h"), (Floats{2, -4, 6}));
  const auto other = fresh(program->plan().graph);
  EXPECT_EQ(ran(*program, *other, {5, 5, 5}), (Floats{5, 5, 5}));
  EXPECT_EQ(ran(*program, *states, {1, 6, 0}), (Floats{3, 2, 6}));
}

TEST_P(States, ThatSwapKeepBothContents) {
  auto program = make(swapped(), {open<0>(GetParam(), "a", {"Add", "Relu"})});
  ASSERT_NE(program, nullptr);
  const auto states = fresh(program->plan().graph);
  Floats a{0, 0, 0}, b{0, 0, 0};
  for (const float x : {1.f, 10.f, 100.f, 1000.f, 10000.f}) {
    const Floats next{b[0] + x, b[1] + x, b[2] + x};
    b = a;
    a = next;
    EXPECT_EQ(ran(*program, *states, {x, x, x}), a);
    EXPECT_EQ(content(*states, "a"), a);
    EXPECT_EQ(content(*states, "b"), b);
  }
}

TEST_P(States, WhoseOldContentIsAnOutputToo) {
  auto program = make(shown(), {open<0>(GetParam(), "a", {"Add", "Neg"})});
  ASSERT_NE(program, nullptr);
  const auto states = fresh(program->plan().graph);
  EXPECT_EQ(ran(*program, *states, {1, 2, 3}), (Floats{0, 0, 0}));
  EXPECT_EQ(ran(*program, *states, {0, 0, 1}), (Floats{1, 2, 3}));
  EXPECT_EQ(ran(*program, *states, {0, 0, 0}), (Floats{-1, -2, -2}));
}

TEST_P(States, ThatSeveralDevicesHandOn) {
  // The one that reads the state is not the one that makes what it becomes.
  auto program =
      make(shown(), {open<0>(GetParam(), "a", {"Neg"}), open<1>(Kind::kPlain, "b", {"Add"})});
  ASSERT_NE(program, nullptr);
  const auto states = fresh(program->plan().graph);
  EXPECT_EQ(ran(*program, *states, {1, 2, 3}), (Floats{0, 0, 0}));
  EXPECT_EQ(ran(*program, *states, {0, 0, 0}), (Floats{1, 2, 3}));
  EXPECT_EQ(content(*states, "h"), (Floats{-1, -2, -3}));
}

TEST_P(States, MoveBetweenProgramsAndDevices) {
  auto here = make(sum(), {open<0>(GetParam(), "a", {"Add", "Relu"})});
  auto there = make(sum(), {open<1>(Kind::kOwnMemory, "b", {"Add", "Relu"})});
  auto host = make(sum(), {open<2>(Kind::kPlain, "c", {"Add", "Relu"})});
  const auto states = fresh(here->plan().graph);
  EXPECT_EQ(ran(*here, *states, {1, 1, 1}), (Floats{1, 1, 1}));
  EXPECT_EQ(ran(*there, *states, {1, 1, 1}), (Floats{2, 2, 2}));
  EXPECT_EQ(ran(*host, *states, {1, 1, 1}), (Floats{3, 3, 3}));
  EXPECT_EQ(ran(*here, *states, {1, 1, 1}), (Floats{4, 4, 4}));
}

TEST_P(States, ForksGoTheirOwnWay) {
  auto program = make(sum(), {open<0>(GetParam(), "a", {"Add", "Relu"})});
  const auto states = fresh(program->plan().graph);
  ran(*program, *states, {1, 2, 3});
  const auto copy = states->fork();
  ASSERT_TRUE(copy.ok()) << copy.status().message();
  ran(*program, *states, {1, 1, 1});
  EXPECT_EQ(ran(*program, **copy, {0, 0, 0}), (Floats{1, 2, 3}));
  EXPECT_EQ(content(*states, "h"), (Floats{2, 3, 4}));
}

TEST_P(States, AreTruncatedResetAndImported) {
  auto program = make(sum(0), {open<0>(GetParam(), "a", {"Add", "Relu"})});
  const auto states = fresh(program->plan().graph);
  ran(*program, *states, {1, 2, 3});
  EXPECT_TRUE(states->truncate("h", 0, 1).ok());
  EXPECT_EQ(ran(*program, *states, {0, 0, 0}), (Floats{1, 0, 0}));
  EXPECT_TRUE(states->reset().ok());
  EXPECT_EQ(ran(*program, *states, {0, 7, 0}), (Floats{0, 7, 0}));
  auto tensor = hy_tensor::create(HY_DTYPE_F32, std::vector<int64_t>{3});
  static_cast<float*>((*tensor)->data)[2] = 9;
  EXPECT_TRUE((*states->find("h"))->from_tensor(**tensor).ok());
  EXPECT_EQ(ran(*program, *states, {1, 0, 0}), (Floats{1, 0, 9}));
}

TEST_P(States, OfAFailedRunAreAsBeforeOrSayThatTheyAreBroken) {
  auto program = make(sum(), {open<0>(GetParam(), "a", {"Add", "Relu"})});
  const auto states = fresh(program->plan().graph);
  ran(*program, *states, {1, 2, 3});
  fake_config<0>().fail_run = {"Relu"};
  hy_job job;
  EXPECT_FALSE(run(*program, *states, {1, 1, 1}, job).ok());
  fake_config<0>().fail_run.clear();
  const bool in_place = GetParam() == Kind::kInPlace || GetParam() == Kind::kOwnMemoryInPlace;
  if (!in_place) {
    EXPECT_EQ(ran(*program, *states, {0, 0, 0}), (Floats{1, 2, 3}));
    return;
  }
  hy_job again;
  const auto refused = run(*program, *states, {0, 0, 0}, again);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.status().message().find("state \"h\" is broken"), std::string::npos)
      << refused.status().message();
  EXPECT_NE(refused.status().message().find("told to fail at run"), std::string::npos)
      << refused.status().message();
  EXPECT_FALSE(states->fork().ok());
  EXPECT_FALSE((*states->find("h"))->to_tensor().ok());
  EXPECT_TRUE(states->reset().ok());
  EXPECT_EQ(ran(*program, *states, {4, 5, 6}), (Floats{4, 5, 6}));
}

INSTANTIATE_TEST_SUITE_P(Devices, States,
                         ::testing::Values(Kind::kPlain, Kind::kInPlace, Kind::kOwnMemory,
                                           Kind::kOwnMemoryInPlace));

TEST(StateMemory, StaysOnTheDeviceFromRunToRun) {
  for (const Kind kind : {Kind::kOwnMemory, Kind::kOwnMemoryInPlace}) {
    fake_config<0>().copy_latency_us = 1;
    auto program = make(sum(), {open<0>(kind, "a", {"Add", "Relu"})});
    fake_config<0>().est_us = 0;
    const auto states = fresh(program->plan().graph);
    ran(*program, *states, {1, 2, 3});
    for (int i = 0; i < 3; ++i) {
      fake_config<0>().clock_us = 0;
      ran(*program, *states, {1, 2, 3});
      EXPECT_EQ(fake_config<0>().clock_us, 2) << "x goes there and y comes back, and nothing else";
    }
  }
  fake_config<0>().copy_latency_us = 0;
}

TEST(StateMemory, IsUpdatedWhereItLies) {
  auto program = make(sum(), {open<0>(Kind::kInPlace, "a", {"Add", "Relu"})});
  ASSERT_NE(program, nullptr);
  EXPECT_EQ(program->plan().clusters.at(0).states, std::vector<uint32_t>{0});
  const auto states = fresh(program->plan().graph);
  void* const before = (*states->find("h"))->host();
  ran(*program, *states, {1, 2, 3});
  EXPECT_EQ((*states->find("h"))->host(), before);
  EXPECT_EQ(static_cast<float*>(before)[2], 3);
}

TEST(StateRules, TruncateRefusesWhatDoesNotGrow) {
  const auto states = fresh(sum());
  const Status refused = states->truncate("", 0, 1);
  EXPECT_EQ(refused.code(), HY_ERROR_UNSUPPORTED);
  EXPECT_NE(refused.message().find("does not grow"), std::string::npos) << refused.message();
}

TEST(StateRules, TruncateRefusesAnotherAxisOrTooLongALength) {
  GraphMaker m({Dim::fixed(2), Dim::fixed(4)});
  const ValueId cache = m.state("cache", 1);
  m.becomes(m.node("Relu", {cache}));
  const auto states = fresh(m.g);
  auto* f = static_cast<float*>((*states->find("cache"))->host());
  for (int i = 0; i < 8; ++i) f[i] = static_cast<float>(i + 1);
  const Status axis = states->truncate("cache", 0, 1);
  EXPECT_NE(axis.message().find("grows along axis 1, not 0"), std::string::npos) << axis.message();
  const Status length = states->truncate("cache", 1, 5);
  EXPECT_NE(length.message().find("its axis 1 has 4"), std::string::npos) << length.message();
  EXPECT_EQ(states->truncate("other", 1, 1).code(), HY_ERROR_NOT_FOUND);
  EXPECT_EQ(Floats(f, f + 8), (Floats{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_TRUE(states->truncate("", 1, 3).ok());
  EXPECT_EQ(Floats(f, f + 8), (Floats{1, 2, 3, 0, 5, 6, 7, 0}));
}

TEST(StateRules, StartFromTheirInitialContent) {
  Graph g = sum();
  const float one[3] = {1, 2, 3};
  const ValueId v = g.add_constant("start", HY_DTYPE_F32, {3}, one, sizeof one);
  g.states[0].initial = g.values[v].constant;
  class NoModel final : public ModelSource {
   public:
    const std::string& format_id() const override { return name_; }
    const std::vector<Function>& functions() const override { return none_; }
    const std::map<std::string, std::string>& metadata() const override { return text_; }
    Result<hy_bytes> weight(uint64_t) const override { return not_found("none"); }

   private:
    std::string name_;
    std::vector<Function> none_;
    std::map<std::string, std::string> text_;
  };
  const auto states =
      StateSet::create(g, std::make_shared<WeightStore>(std::make_shared<NoModel>()));
  ASSERT_TRUE(states.ok()) << states.status().message();
  EXPECT_EQ(content(**states, "h"), (Floats{1, 2, 3}));
  static_cast<float*>((*(*states)->find("h"))->host())[0] = 8;
  EXPECT_TRUE((*states)->reset().ok());
  EXPECT_EQ(content(**states, "h"), (Floats{1, 2, 3}));
}

TEST(StateRules, AProgramsStatesMustBeThere) {
  const auto states = fresh(sum());
  Graph other = sum();
  other.states[0].name = "k";
  EXPECT_NE(states->bind(other).status().message().find("no state \"k\"; there are h"),
            std::string::npos);
  Graph longer = sum();
  longer.states[0].dims = {4};
  EXPECT_EQ(states->bind(longer).status().code(), HY_ERROR_MISMATCH);
}

TEST(StateTurns, ComeInOrder) {
  const auto states = fresh(sum());
  const hy_job job;
  ASSERT_TRUE(states->enter(job).ok());
  std::vector<int> order;
  states->enter_later([&] { order.push_back(1); });
  states->enter_later([&] { order.push_back(2); });
  EXPECT_TRUE(order.empty());
  states->leave();
  EXPECT_EQ(order, std::vector<int>{1});
  states->leave();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  states->leave();
  states->enter_later([&] { order.push_back(3); });
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
  states->leave();
}

TEST(StateTurns, WhoeverWaitsCanBeCancelled) {
  const auto states = fresh(sum());
  hy_job first, second;
  ASSERT_TRUE(states->enter(first).ok());
  second.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(30);
  const Status waited = states->enter(second);
  EXPECT_EQ(waited.code(), HY_ERROR_DEADLINE);
  EXPECT_NE(waited.message().find("waiting for the state"), std::string::npos) << waited.message();
  std::thread other([&] {
    const hy_job job;
    EXPECT_TRUE(states->enter(job).ok());
    states->leave();
  });
  states->leave();
  other.join();
  EXPECT_TRUE(states->enter(first).ok()) << "nobody has it any more";
  states->leave();
}

}  // namespace
}  // namespace halyard::core
