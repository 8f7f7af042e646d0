// What models keep from run to run, through the public API, on the cpu provider: here and in a process of its own.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "halyard/halyard.hpp"

namespace halyard::test {
namespace {

namespace fs = std::filesystem;
using Floats = std::vector<float>;

constexpr int64_t kRows = 8, kWidth = 4;

Floats row_of(int step) {
  const auto f = static_cast<float>(step);
  return {f + 1, -f, 0.5f * f, 2};
}

Tensor tensor_of(const Floats& values, const std::vector<int64_t>& dims) {
  auto t = Tensor::create(HY_DTYPE_F32, dims);
  std::copy(values.begin(), values.end(), t->as<float>().begin());
  return std::move(t).value();
}

Floats floats_of(const Tensor& t) { return {t.as<float>().begin(), t.as<float>().end()}; }

/// isolation: of the cpu provider.
class Stateful : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "halyard-stateful-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  void TearDown() override {
    std::error_code error;
    fs::remove_all(folder_, error);
  }

  Model load(const std::string& word) {
    const std::string file = (folder_ / (word + ".stateful")).string();
    std::ofstream(file) << "halyard-stateful " << word << "\n";
    RuntimeOptions r;
    r.plugin_path = HALYARD_TEST_STATEFUL_DIR;
    r.isolation = GetParam();
    r.state_dir = (folder_ / "plugins").string();
    const auto runtime = Runtime::create(std::move(r));
    EXPECT_TRUE(runtime.ok()) << runtime.status().message();
    auto model = runtime->load(file);
    EXPECT_TRUE(model.ok()) << model.status().message();
    return std::move(model).value();
  }
  static Session open(const Model& model, const std::string& function = {}) {
    SessionOptions o;
    o.function = function;
    auto session = model.session(o);
    EXPECT_TRUE(session.ok()) << session.status().message();
    return std::move(session).value();
  }
  static State fresh(const Session& session) {
    auto state = session.make_state();
    EXPECT_TRUE(state.ok()) << state.status().message();
    return std::move(state).value();
  }

  /// One step of the cache: the sums of its rows.
  static Floats step(const Session& session, const State& state, int row, int64_t at) {
    const Tensor x = tensor_of(row_of(row), {1, 1, kWidth});
    auto position = Tensor::create(HY_DTYPE_I64, {1});
    position->as<int64_t>()[0] = at;
    const std::vector<std::pair<std::string, const Tensor*>> in{{"x", &x}, {"at", &*position}};
    const std::vector<std::string> out{"y"};
    const auto y = session.run(in, out, {}, &state);
    EXPECT_TRUE(y.ok()) << y.status().message();
    return y.ok() ? floats_of(y->at(0)) : Floats();
  }
  static Result<std::vector<Tensor>> recur(const Session& session, const State* state,
                                           const Tensor& x) {
    const std::vector<std::pair<std::string, const Tensor*>> in{{"x", &x}};
    const std::vector<std::string> out{"y"};
    return session.run(in, out, {}, state);
  }

  fs::path folder_;
};

TEST_P(Stateful, ACacheIsFilledRowByRow) {
  const Model model = load("cache");
  const Session session = open(model);
  ASSERT_EQ(session.states().size(), 1u);
  EXPECT_EQ(session.states()[0].name, "cache");
  EXPECT_EQ(session.states()[0].dims, (std::vector<int64_t>{1, kRows, kWidth}));
  EXPECT_EQ(session.states()[0].growth_axis, 1u);
  EXPECT_EQ(session.inputs().size(), 2u);
  EXPECT_EQ(session.outputs().size(), 1u);
  const State state = fresh(session);
  Floats sums(kWidth, 0.0f);
  for (int i = 0; i < kRows; ++i) {
    for (size_t k = 0; k < sums.size(); ++k) sums[k] += row_of(i)[k];
    EXPECT_EQ(step(session, state, i, i), sums) << i;
  }
}

TEST_P(Stateful, TruncateAndForkEqualAReplay) {
  const Model model = load("cache");
  const Session session = open(model);
  State long_one = fresh(session);
  for (int i = 0; i < 6; ++i) step(session, long_one, i, i);
  auto fork = long_one.fork();
  ASSERT_TRUE(fork.ok()) << fork.status().message();
  ASSERT_TRUE(long_one.truncate(1, 3).ok());
  const State replay = fresh(session);
  for (int i = 0; i < 3; ++i) step(session, replay, i, i);
  EXPECT_EQ(floats_of(*long_one.get("cache")), floats_of(*replay.get("cache")));
  EXPECT_EQ(step(session, long_one, 9, 3), step(session, replay, 9, 3));
  // The fork knows nothing of that.
  const State whole = fresh(session);
  for (int i = 0; i < 6; ++i) step(session, whole, i, i);
  EXPECT_EQ(step(session, *fork, 7, 6), step(session, whole, 7, 6));
}

TEST_P(Stateful, ARecurrentOneStartsFromItsInitialContentAndRefusesTruncate) {
  const Model model = load("recurrent");
  const Session session = open(model);
  State state = fresh(session);
  float h = 0.5f;
  for (int i = 0; i < 20; ++i) {
    const float x = 0.1f * static_cast<float>(i) - 1.0f;
    h = std::tanh(h + x);
    const Tensor in = tensor_of(Floats(kWidth, x), {1, kWidth});
    const auto y = recur(session, &state, in);
    ASSERT_TRUE(y.ok()) << y.status().message();
    EXPECT_NEAR(y->at(0).as<float>()[2], h, 1e-5f) << i;
  }
  const Status refused = state.truncate(0, 0);
  EXPECT_EQ(refused.code(), HY_ERROR_UNSUPPORTED);
  EXPECT_NE(refused.message().find("state \"h\" does not grow"), std::string::npos)
      << refused.message();
  ASSERT_TRUE(state.reset().ok());
  EXPECT_EQ(floats_of(*state.get("h")), Floats(kWidth, 0.5f));
}

TEST_P(Stateful, RunsInTheBackgroundTakeTurns) {
  const Model model = load("recurrent");
  const Session session = open(model);
  const State together = fresh(session), alone = fresh(session);
  std::vector<Tensor> xs;
  for (int i = 0; i < 50; ++i)
    xs.push_back(tensor_of(Floats(kWidth, 0.03f * static_cast<float>(i) - 0.7f), {1, kWidth}));
  std::vector<halyard::Run> runs;
  const std::vector<std::string> out{"y"};
  for (const Tensor& x : xs) {
    const std::vector<std::pair<std::string, const Tensor*>> in{{"x", &x}};
    auto run = session.run_async(in, out, {}, &together);
    ASSERT_TRUE(run.ok()) << run.status().message();
    runs.push_back(std::move(run).value());
  }
  for (size_t i = 0; i < xs.size(); ++i) {
    const auto got = runs[i].get();
    ASSERT_TRUE(got.ok()) << got.status().message();
    EXPECT_EQ(floats_of(got->at(0)), floats_of(recur(session, &alone, xs[i])->at(0))) << i;
  }
}

TEST_P(Stateful, FunctionsShareAState) {
  const Model model = load("both");
  const Session write = open(model, "write"), read = open(model, "read");
  const State state = fresh(write);
  for (int i = 0; i < 3; ++i) {
    const Tensor x = tensor_of(row_of(i), {1, 1, kWidth});
    auto at = Tensor::create(HY_DTYPE_I64, {1});
    at->as<int64_t>()[0] = i;
    const std::vector<std::pair<std::string, const Tensor*>> in{{"x", &x}, {"at", &*at}};
    ASSERT_TRUE(write.run(in, std::vector<std::string>{}, {}, &state).ok());
  }
  const auto y = read.run(std::vector<std::pair<std::string, const Tensor*>>{},
                          std::vector<std::string>{"y"}, {}, &state);
  ASSERT_TRUE(y.ok()) << y.status().message();
  EXPECT_EQ(floats_of(y->at(0)), (Floats{6, -3, 1.5f, 6}));
}

TEST_P(Stateful, RefusesWhatHasNoStateOrAnother) {
  const Model model = load("recurrent");
  const Session session = open(model);
  const Tensor x = tensor_of(Floats(kWidth, 1), {1, kWidth});
  const auto none = recur(session, nullptr, x);
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.status().message().find("the model keeps h"), std::string::npos)
      << none.status().message();
  const Model other = load("cache");
  const Session cache = open(other);
  const State wrong = fresh(cache);
  const auto refused = recur(session, &wrong, x);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.status().message().find("no state \"h\"; there are cache"), std::string::npos)
      << refused.status().message();
  State mine = fresh(session);
  EXPECT_FALSE(mine.get("k").ok());
  EXPECT_EQ(mine.set("h", tensor_of(Floats(3, 0), {1, 3})).code(), HY_ERROR_MISMATCH);
  // A wrong input is found before anything is changed.
  const Tensor narrow = tensor_of(Floats(3, 0), {1, 3});
  EXPECT_FALSE(recur(session, &mine, narrow).ok());
  EXPECT_TRUE(recur(session, &mine, x).ok());
}

TEST_P(Stateful, BatchesTakeNone) {
  const Model model = load("recurrent");
  const Session session = open(model);
  const State state = fresh(session);
  hy_run_options options = HY_INIT(hy_run_options);
  options.state = state.raw();
  EXPECT_EQ(hy_session_run_batch(session.raw(), nullptr, 0, &options), HY_ERROR_INVALID_ARGUMENT);
  EXPECT_NE(std::string(hy_last_error()).find("no order"), std::string::npos);
}

TEST_P(Stateful, ReportsNameThem) {
  const Model model = load("cache");
  const auto report = nlohmann::json::parse(model.report());
  EXPECT_EQ(report["functions"][0]["states"][0]["name"], "cache") << report;
  EXPECT_EQ(report["functions"][0]["states"][0]["growth_axis"], 1) << report;
  EXPECT_EQ(report["functions"][0]["inputs"].size(), 2u) << report;
}

INSTANTIATE_TEST_SUITE_P(Isolation, Stateful, testing::Values("probe", "worker"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace halyard::test
