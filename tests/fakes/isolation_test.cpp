// Plugins that crash or hang in one of their calls: this process lives, the model runs elsewhere, and the
// reports say what happened.
#include <sys/wait.h>

#include <cstdlib>
#include <thread>

#include "tests/fakes/zoo_runtime.hpp"

namespace halyard::test {
namespace {

// Long enough for an honest call on a busy machine, short enough to wait for one that never ends.
constexpr const char* kPatience = "60000";
constexpr const char* kImpatience = "3000";

const std::vector<std::string> kStages = {"load",  "create",  "devices", "open",    "close",
                                          "query", "compile", "run",     "release", "destroy"};
// Where a worker's end costs nothing that is asked for: the object is gone anyway.
const std::vector<std::string> kAfterUse = {"close", "release", "destroy"};

/// Every test starts with nothing learnt but that the default plugins are sound.
class Isolation : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "halyard_isolation_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    setenv("HALYARD_STATE_DIR", folder_.c_str(), 1);
    setenv("HALYARD_WATCHDOG_MS", kPatience, 1);
    const Zoo others(std::vector<std::string>{});
    (void)others.report(HY_REPORT_DEVICES);
  }
  void TearDown() override {
    std::error_code error;
    fs::remove_all(folder_, error);
  }
  size_t notes() const {
    std::error_code error;
    fs::directory_iterator it(folder_ / "journal", error);
    return static_cast<size_t>(std::distance(fs::begin(it), fs::end(it)));
  }

  fs::path folder_;
};

Json zoo_row(const Zoo& zoo) {
  const Json plugins = zoo.report(HY_REPORT_PLUGINS);
  for (const Json& row : plugins["plugins"])
    if (row["id"] == "zoo") return row;
  return {};
}

/// The plugin is locked away, the model runs without it, and the plan says why.
void expect_quarantined(const std::string& variant, const std::string& reason,
                        const std::string& stage, std::string_view detail) {
  SCOPED_TRACE(variant);
  const Zoo zoo(variant);
  const Json row = zoo.plugin();
  EXPECT_EQ(row["state"], "quarantined") << row;
  EXPECT_EQ(row["reason"], reason) << row;
  EXPECT_TRUE(has(row, "detail", " in " + stage)) << row;
  EXPECT_TRUE(has(row, "detail", detail)) << row;
  EXPECT_TRUE(has(row, "detail", "--release zoo")) << row;
  Job job(zoo);
  EXPECT_EQ(job.run(), HY_OK) << job.message();
  EXPECT_EQ(job.refusal(0)["reason"], "QUARANTINED") << job.plan();
  EXPECT_TRUE(has(job.refusal(0), "detail", stage)) << job.refusal(0);
}

TEST_F(Isolation, CrashInAnyCallIsCaughtByTheCanary) {
  for (const std::string& stage : kStages) {
    expect_quarantined("crash_at_" + stage, "CRASHED", stage, "");
    // And is known from then on, without another trial.
    const Zoo again("crash_at_" + stage);
    EXPECT_EQ(zoo_row(again)["state"], "quarantined") << stage;
  }
}

TEST_F(Isolation, HangInAnyCallIsCaughtByTheCanary) {
  setenv("HALYARD_WATCHDOG_MS", kImpatience, 1);
  for (const std::string& stage : kStages)
    expect_quarantined("hang_at_" + stage, "TIMEOUT", stage, "3000 ms");
}

TEST_F(Isolation, AGoodPluginIsTriedOnce) {
  {
    const Zoo zoo("well_behaved");
    EXPECT_EQ(zoo.plugin()["state"], "loaded") << zoo.plugin();
  }
  // With a helper that would fail everything, what is known is not tried again.
  setenv("HALYARD_WORKER", "/bin/false", 1);
  const Zoo zoo("well_behaved");
  Job job(zoo);
  EXPECT_EQ(job.provider(0), "zoo") << job.plan();
  EXPECT_EQ(job.run(), HY_OK) << job.message();
  unsetenv("HALYARD_WORKER");
}

TEST_F(Isolation, AHelperOfNoUseIsNoFaultOfThePlugin) {
  setenv("HALYARD_WORKER", "/bin/false", 1);
  {
    const Zoo zoo("well_behaved");
    EXPECT_EQ(zoo.plugin()["state"], "loaded") << zoo.plugin();
  }
  setenv("HALYARD_WORKER", "/nowhere/halyard-worker", 1);
  const Zoo zoo("well_behaved");
  EXPECT_EQ(zoo.plugin()["state"], "loaded") << zoo.plugin();
  const Json report = zoo.report(HY_REPORT_PLUGINS);
  EXPECT_TRUE(has(report["isolation"], "detail", "/nowhere/halyard-worker is not there")) << report;
  EXPECT_TRUE(report["isolation"]["helper"].is_null()) << report;
  unsetenv("HALYARD_WORKER");
}

TEST_F(Isolation, ReleaseLiftsAQuarantine) {
  { (void)Zoo("crash_at_run").plugin(); }
  {
    const Zoo zoo("crash_at_run");
    EXPECT_EQ(zoo_row(zoo)["state"], "quarantined");
    EXPECT_EQ(hy_runtime_release_plugin(zoo.runtime(), "zebra"), HY_ERROR_NOT_FOUND);
    ASSERT_EQ(hy_runtime_release_plugin(zoo.runtime(), "zoo"), HY_OK) << hy_last_error();
    EXPECT_EQ(hy_runtime_release_plugin(zoo.runtime(), "zoo"), HY_ERROR_NOT_FOUND);
    EXPECT_NE(std::string(hy_last_error()).find("not quarantined"), std::string::npos);
  }
  const Zoo zoo("crash_at_run");
  EXPECT_EQ(zoo.plugin()["state"], "loaded") << zoo.plugin();
}

TEST_F(Isolation, AChangedFileIsTriedAgain) {
  const fs::path own = folder_ / "plugins_of_test";
  fs::create_directories(own);
  const fs::path zoo_folder = HALYARD_TEST_ZOO_DIR;
  fs::copy_file(zoo_folder / "crash_at_create" / "zoo.json", own / "zoo.json");
  fs::copy_file(zoo_folder / "crash_at_create" / "zoo.so", own / "zoo.so");
  const std::string variant = fs::relative(own, zoo_folder).string();
  const auto state = [&] {
    const Zoo zoo(variant);
    (void)zoo.report(HY_REPORT_DEVICES);
    return zoo_row(zoo)["state"].get<std::string>();
  };
  EXPECT_EQ(state(), "quarantined");
  fs::remove(own / "zoo.so");
  fs::copy_file(zoo_folder / "well_behaved" / "zoo.so", own / "zoo.so");
  EXPECT_EQ(state(), "loaded");
}

TEST_F(Isolation, AReadOnlyStateFolderCostsNothingButTime) {
  setenv("HALYARD_STATE_DIR", "/proc/no/such/folder", 1);
  const Zoo zoo("well_behaved");
  Job job(zoo);
  EXPECT_EQ(job.provider(0), "zoo") << job.plan();
  EXPECT_EQ(job.run(), HY_OK) << job.message();
  const Zoo bad("crash_at_open");
  EXPECT_EQ(bad.plugin()["state"], "quarantined") << bad.plugin();
}

TEST_F(Isolation, CanaryCompilesUnknownGraphsFirst) {
  const auto lost = [](const std::string& variant, std::string_view words) {
    const Zoo zoo({variant}, "canary");
    EXPECT_EQ(zoo.plugin()["state"], "loaded") << zoo.plugin();
    Job job(zoo);
    EXPECT_NE(job.provider(0), "zoo");
    EXPECT_EQ(job.refusal(0)["reason"], "COMPILE_FAILED") << job.refusal(0);
    EXPECT_TRUE(has(job.refusal(0), "detail", words)) << job.refusal(0);
    EXPECT_EQ(job.run(), HY_OK) << job.message();
  };
  lost("crash_later", "its process ended in compile");
  lost("crash_later", "not given to it again");
  setenv("HALYARD_WATCHDOG_MS", kImpatience, 1);
  lost("hang_later", "no sign of life for 3000 ms in compile");
}

TEST_F(Isolation, CanaryLetsGoodGraphsThrough) {
  const Zoo zoo({"well_behaved"}, "canary");
  Job job(zoo);
  EXPECT_EQ(job.provider(0), "zoo") << job.plan();
  EXPECT_EQ(job.run(), HY_OK) << job.message();
}

TEST_F(Isolation, WorkerComputesWhatThePluginComputes) {
  for (const char* mode : {"worker", "zoo=worker"}) {
    const Zoo zoo({"well_behaved"}, mode);
    EXPECT_EQ(zoo.plugin()["isolation"], "worker") << zoo.plugin();
    Job job(zoo);
    EXPECT_EQ(job.provider(0), "zoo") << job.plan();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(job.run(), HY_OK) << job.message();
  }
}

TEST_F(Isolation, WorkerTellsFailuresInThePluginsWords) {
  const auto refusal = [](const std::string& variant) {
    const Zoo zoo({variant}, "zoo=worker");
    return Job(zoo).refusal(0);
  };
  EXPECT_TRUE(has(refusal("query_fails"), "detail", "lost the thread"));
  EXPECT_TRUE(has(refusal("confirm_refuses"), "detail", "9 KiB"));
  EXPECT_TRUE(has(refusal("compile_fails"), "detail", "no registers left"));
  EXPECT_TRUE(has(refusal("compile_throws"), "detail", "boom"));
  EXPECT_TRUE(has(refusal("open_fails"), "detail", "the device is in use"));
  const Zoo zoo({"run_fails"}, "zoo=worker");
  Job job(zoo);
  EXPECT_EQ(job.run(), HY_ERROR_DEVICE);
  EXPECT_NE(job.message().find("fell off the bus"), std::string::npos) << job.message();
  const Zoo dims({"wrong_output_dims"}, "zoo=worker");
  Job wrong(dims);
  EXPECT_NE(wrong.run(), HY_OK);
  EXPECT_NE(wrong.message().find("output 0"), std::string::npos) << wrong.message();
}

/// In a worker nothing is tried before: the crash happens where it happens.
void expect_worker_survives(const std::string& kind, const std::string& stage,
                            std::string_view words) {
  SCOPED_TRACE(kind + stage);
  const Zoo zoo({kind + stage}, "zoo=worker");
  const Json row = zoo.plugin();
  const bool early = stage == "load" || stage == "create" || stage == "devices";
  EXPECT_EQ(row["state"], early ? "rejected" : "loaded") << row;
  if (early) {
    EXPECT_TRUE(has(row, "detail", words)) << row;
  }
  Job job(zoo);
  if (stage == "run") {
    EXPECT_EQ(job.provider(0), "zoo");
    EXPECT_EQ(job.run(), HY_ERROR_DEVICE);
    EXPECT_NE(job.message().find(words), std::string::npos) << job.message();
    EXPECT_NE(job.message().find("on zoo"), std::string::npos) << job.message();
  }
  EXPECT_EQ(job.run(), HY_OK) << job.message();
  EXPECT_EQ(job.run(), HY_OK) << job.message();
  if (early) return;
  if (std::find(kAfterUse.begin(), kAfterUse.end(), stage) != kAfterUse.end()) return;
  EXPECT_NE(job.provider(0), "zoo") << job.plan();
  EXPECT_TRUE(has(job.refusal(0), "detail", words)) << job.refusal(0);
}

TEST_F(Isolation, CrashInAWorkerCostsOneRunAtMost) {
  for (const std::string& stage : kStages)
    expect_worker_survives("crash_at_", stage, "its process ended in " + stage);
}

TEST_F(Isolation, HangInAWorkerCostsOneRunAtMost) {
  setenv("HALYARD_WATCHDOG_MS", kImpatience, 1);
  for (const std::string& stage : kStages)
    expect_worker_survives("hang_at_", stage, "no sign of life for 3000 ms in " + stage);
}

TEST_F(Isolation, WorkerIsStartedAgainWhereThatIsWanted) {
  setenv("HALYARD_WORKER_RESTARTS", "1", 1);
  const Zoo zoo({"crash_at_run"}, "zoo=worker");
  unsetenv("HALYARD_WORKER_RESTARTS");
  Job job(zoo);
  EXPECT_EQ(job.run(), HY_ERROR_DEVICE);  // the first one
  EXPECT_EQ(job.run(), HY_ERROR_DEVICE);  // and its successor
  EXPECT_EQ(job.run(), HY_OK) << job.message();
}

TEST_F(Isolation, RunsAtOnceInOneWorker) {
  const Zoo zoo({"well_behaved"}, "zoo=worker");
  Job first(zoo), second(zoo);
  std::vector<std::thread> threads;
  for (Job* job : {&first, &second})
    threads.emplace_back([job] {
      for (int i = 0; i < 50; ++i) EXPECT_EQ(job->run(), HY_OK) << job->message();
    });
  for (std::thread& t : threads) t.join();
}

TEST_F(Isolation, UnknownModeIsAnError) {
  hy_runtime_options options = HY_INIT(hy_runtime_options);
  options.isolation = "zoo=jail";
  hy_runtime* runtime = nullptr;
  EXPECT_EQ(hy_runtime_create(&options, &runtime), HY_ERROR_CONFIG);
  EXPECT_NE(std::string(hy_last_error()).find("jail"), std::string::npos) << hy_last_error();
}

/// Runs f in a child of this process; true where it says so.
template <class F>
bool in_child(F&& f) {
  const pid_t child = fork();
  if (child == 0) _exit(f() ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(Isolation, HandlesFromBeforeAForkSaySo) {
  const Zoo zoo("well_behaved");
  Job job(zoo);
  EXPECT_EQ(job.run(), HY_OK);
  EXPECT_TRUE(in_child([&] {
    hy_str json{};
    return job.run() == HY_ERROR_CLOSED && job.message().find("forked") != std::string::npos &&
           hy_runtime_report(zoo.runtime(), HY_REPORT_PLUGINS, &json) == HY_ERROR_CLOSED;
  }));
  EXPECT_EQ(job.run(), HY_OK) << job.message();  // here all is as it was
}

TEST_F(Isolation, ANewRuntimeWorksAfterAFork) {
  const Zoo zoo("well_behaved");
  Job job(zoo);
  EXPECT_EQ(job.run(), HY_OK);
  EXPECT_TRUE(in_child([&] {
    const Zoo again("well_behaved");
    Job there(again);
    return there.run() == HY_OK && there.provider(0) == "zoo" &&
           zoo_row(again)["isolation"] == "worker";
  }));
  EXPECT_EQ(notes(), 1u);  // the child left the note file of this process alone
}

}  // namespace
}  // namespace halyard::test
