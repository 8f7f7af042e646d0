// Many threads on one session: each run gives the right result, or ends as it was told to.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "halyard/halyard.hpp"
#include "tests/runs/endless.hpp"

namespace halyard {
namespace {

constexpr int kThreads = 8, kRuns = 1000, kIterations = 20;

struct Counts {
  std::atomic<int> ok{0}, cancelled{0}, late{0}, wrong{0};
};

/// One run at random: waited for, in the background, cancelled at some moment, or with little time.
void run_once(const Session& session, std::mt19937& random, Counts& counts) {
  const auto value = static_cast<float>(random() % 1000);
  auto x = Tensor::create(HY_DTYPE_F32, {1});
  x->as<float>()[0] = value;
  const std::pair<std::string, const Tensor*> in[] = {{"X", &*x}};
  const std::string out[] = {"Y"};
  const std::chrono::microseconds timeout(random() % 3 == 0 ? 1 + random() % 200 : 0);
  Result<std::vector<Tensor>> y = Status(HY_ERROR_INTERNAL, "not run");
  if (random() % 2 == 0) {
    y = session.run(in, out, timeout);
  } else {
    auto run = session.run_async(in, out, timeout);
    if (!run.ok()) {
      ++counts.wrong;
      return;
    }
    if (random() % 2 == 0) {
      for (uint32_t spin = random() % 2000; spin > 0; --spin)
        std::atomic_signal_fence(std::memory_order_seq_cst);
      run->cancel();
    }
    y = run->get();
  }
  if (y.ok())
    ++(y->at(0).as<float>()[0] == value + kIterations ? counts.ok : counts.wrong);
  else if (y.status().code() == HY_ERROR_CANCELLED)
    ++counts.cancelled;
  else if (y.status().code() == HY_ERROR_DEADLINE && timeout.count() != 0)
    ++counts.late;
  else
    ++counts.wrong;
}

TEST(Storm, EveryRunIsRightOrEndsAsItWasTold) {
  const test::ModelFile file(test::loop_model(kIterations));
  auto runtime = Runtime::create();
  ASSERT_TRUE(runtime.ok());
  auto model = runtime->load(file.path());
  ASSERT_TRUE(model.ok()) << model.status().message();
  SessionOptions options;
  options.threads = 1;
  const auto session = model->session(options);
  ASSERT_TRUE(session.ok()) << session.status().message();
  Counts counts;
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      for (int i = 0; i < kRuns; ++i) run_once(*session, random, counts);
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(counts.wrong, 0);
  EXPECT_EQ(counts.ok + counts.cancelled + counts.late, kThreads * kRuns);
  EXPECT_GT(counts.ok, 0);
}

}  // namespace
}  // namespace halyard
