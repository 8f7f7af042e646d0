#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <vector>

#include "halyard/halyard.hpp"
#include "tests/runs/endless.hpp"

namespace halyard {
namespace {

using namespace std::chrono_literals;
using test::kEndless;
using test::ModelFile;

class Runs : public testing::Test {
 protected:
  Session open(int64_t iterations) {
    const ModelFile file(test::loop_model(iterations));
    auto runtime = Runtime::create();
    EXPECT_TRUE(runtime.ok()) << runtime.status().message();
    auto model = runtime->load(file.path());
    EXPECT_TRUE(model.ok()) << model.status().message();
    SessionOptions options;
    options.threads = 1;
    auto session = model->session(options);
    EXPECT_TRUE(session.ok()) << session.status().message();
    return std::move(session).value();
  }
  static Tensor one(float value) {
    auto x = Tensor::create(HY_DTYPE_F32, {1});
    x->as<float>()[0] = value;
    return std::move(x).value();
  }
};

TEST_F(Runs, GiveTheirResultsInTheBackground) {
  const Session session = open(5);
  const Tensor x = one(2);
  auto run = session.run_async({{"X", &x}}, {"Y"});
  ASSERT_TRUE(run.ok()) << run.status().message();
  const auto y = run->get();
  ASSERT_TRUE(y.ok()) << y.status().message();
  EXPECT_EQ(y->at(0).as<float>()[0], 7);
  EXPECT_TRUE(run->done_within(0us));
  EXPECT_EQ(run->get().status().code(), HY_ERROR_NOT_FOUND);  // given once
}

TEST_F(Runs, CallBackOnce) {
  const Session session = open(5);
  const Tensor x = one(1);
  struct Called {
    std::promise<hy_status> status;
    hy_run* run = nullptr;
  } called;
  hy_run_options options = HY_INIT(hy_run_options);
  options.user = &called;
  options.done = [](void* user, hy_run* run, hy_status status) {
    static_cast<Called*>(user)->run = run;
    static_cast<Called*>(user)->status.set_value(status);
  };
  const hy_named_tensor in{"X", x.raw()}, out{"Y", nullptr};
  hy_run* run = nullptr;
  ASSERT_EQ(hy_session_run_async(session.raw(), &in, 1, &out, 1, &options, &run), HY_OK);
  EXPECT_EQ(called.status.get_future().get(), HY_OK);
  EXPECT_EQ(called.run, run);
  hy_run_destroy(run);
}

TEST_F(Runs, MayDestroyThemselvesInTheirCallback) {
  const Session session = open(5);
  const Tensor x = one(1);
  std::promise<float> result;
  hy_run_options options = HY_INIT(hy_run_options);
  options.user = &result;
  options.done = [](void* user, hy_run* run, hy_status) {
    hy_tensor* y = nullptr;
    float value = -1;
    if (hy_run_output(run, 0, &y) == HY_OK) value = *static_cast<float*>(hy_tensor_data(y));
    hy_tensor_destroy(y);
    hy_run_destroy(run);
    static_cast<std::promise<float>*>(user)->set_value(value);
  };
  const hy_named_tensor in{"X", x.raw()}, out{"Y", nullptr};
  hy_run* run = nullptr;
  ASSERT_EQ(hy_session_run_async(session.raw(), &in, 1, &out, 1, &options, &run), HY_OK);
  EXPECT_EQ(result.get_future().get(), 6);
}

TEST_F(Runs, NeedNoHandleWhereTheyCallBack) {
  const Session session = open(5);
  const Tensor x = one(1);
  std::promise<hy_status> ended;
  hy_run_options options = HY_INIT(hy_run_options);
  options.user = &ended;
  options.done = [](void* user, hy_run*, hy_status status) {
    static_cast<std::promise<hy_status>*>(user)->set_value(status);
  };
  const hy_named_tensor in{"X", x.raw()}, out{"Y", nullptr};
  ASSERT_EQ(hy_session_run_async(session.raw(), &in, 1, &out, 1, &options, nullptr), HY_OK);
  EXPECT_EQ(ended.get_future().get(), HY_OK);
  EXPECT_EQ(hy_session_run_async(session.raw(), &in, 1, &out, 1, nullptr, nullptr),
            HY_ERROR_INVALID_ARGUMENT);
}

TEST_F(Runs, WriteIntoGivenTensors) {
  const Session session = open(5);
  const Tensor x = one(1), y = one(0);
  const hy_named_tensor in{"X", x.raw()}, out{"Y", y.raw()};
  hy_run* run = nullptr;
  ASSERT_EQ(hy_session_run_async(session.raw(), &in, 1, &out, 1, nullptr, &run), HY_OK);
  EXPECT_EQ(hy_run_wait(run, UINT64_MAX), HY_OK);
  EXPECT_EQ(*static_cast<float*>(hy_tensor_data(y.raw())), 6);
  hy_tensor* none = nullptr;
  EXPECT_EQ(hy_run_output(run, 0, &none), HY_ERROR_NOT_FOUND);
  hy_run_destroy(run);
}

TEST_F(Runs, EndWhenTheyAreCancelled) {
  const Session session = open(kEndless);
  const Tensor x = one(0);
  auto run = session.run_async({{"X", &x}}, {"Y"});
  ASSERT_TRUE(run.ok());
  EXPECT_FALSE(run->done_within(1000us));
  hy_tensor* early = nullptr;
  EXPECT_EQ(hy_run_output(run->raw(), 0, &early), HY_ERROR_BUSY);
  run->cancel();
  const auto y = run->get();
  ASSERT_FALSE(y.ok());
  EXPECT_EQ(y.status().code(), HY_ERROR_CANCELLED);
  EXPECT_NE(y.status().message().find("cancelled"), std::string::npos);
}

TEST_F(Runs, EndWhenTheyAreDestroyed) {
  const Session session = open(kEndless);
  const Tensor x = one(0);
  ASSERT_TRUE(session.run_async({{"X", &x}}, {"Y"}).ok());  // and gone: this must not hang
}

TEST_F(Runs, KeepTheirSession) {
  const Tensor x = one(0);
  auto run = open(1000).run_async({{"X", &x}}, {"Y"});
  ASSERT_TRUE(run.ok());
  const auto y = run->get();
  ASSERT_TRUE(y.ok()) << y.status().message();
  EXPECT_EQ(y->at(0).as<float>()[0], 1000);
}

TEST_F(Runs, EndByTheirDeadline) {
  const Session session = open(kEndless);
  const Tensor x = one(0);
  const std::pair<std::string, const Tensor*> in[] = {{"X", &x}};
  const std::string out[] = {"Y"};
  const auto waited = session.run(in, out, 2000us);
  EXPECT_EQ(waited.status().code(), HY_ERROR_DEADLINE);
  EXPECT_NE(waited.status().message().find("deadline"), std::string::npos);
  auto run = session.run_async(in, out, 2000us);
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run->get().status().code(), HY_ERROR_DEADLINE);
}

TEST_F(Runs, LeaveTheSessionUsableWhenTheyFail) {
  const Session session = open(300);
  const Tensor x = one(0);
  const std::pair<std::string, const Tensor*> in[] = {{"X", &x}};
  const std::string out[] = {"Y"};
  for (int i = 0; i < 5; ++i) {
    auto run = session.run_async(in, out);
    ASSERT_TRUE(run.ok());
    run->cancel();
    const hy_status ended = run->get().status().code();
    EXPECT_TRUE(ended == HY_OK || ended == HY_ERROR_CANCELLED) << ended;
    const auto y = session.run(in, out);
    ASSERT_TRUE(y.ok()) << y.status().message();
    EXPECT_EQ(y->at(0).as<float>()[0], 300);
  }
}

TEST_F(Runs, OfABatchHaveTheirOwnResults) {
  const Session session = open(3);
  std::vector<Tensor> x;
  for (int i = 0; i < 20; ++i) x.push_back(one(static_cast<float>(i)));
  std::vector<hy_named_tensor> in, out;
  for (const Tensor& t : x) {
    in.push_back({"X", t.raw()});
    out.push_back({"Y", nullptr});
  }
  std::vector<hy_batch_item> items;
  for (size_t i = 0; i < x.size(); ++i) {
    hy_batch_item item = HY_INIT(hy_batch_item);
    item.inputs = &in[i];
    item.outputs = &out[i];
    item.input_count = item.output_count = 1;
    items.push_back(item);
  }
  in[7].name = "nothing";
  EXPECT_EQ(hy_session_run_batch(session.raw(), items.data(), 20, nullptr), items[7].status);
  EXPECT_NE(std::string(hy_last_error()).find("prediction 7: "), std::string::npos);
  for (size_t i = 0; i < x.size(); ++i) {
    if (i == 7) {
      EXPECT_NE(items[i].status, HY_OK);
      continue;
    }
    EXPECT_EQ(items[i].status, HY_OK);
    const Tensor y = Tensor::adopt(out[i].tensor);
    EXPECT_EQ(y.as<float>()[0], static_cast<float>(i) + 3);
  }
}

}  // namespace
}  // namespace halyard
