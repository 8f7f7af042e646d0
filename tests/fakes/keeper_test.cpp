// The compile cache through the public API, with a provider that saves and loads its executables, and with ones
// that lie about it. What a provider did stands in its log.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "halyard/halyard.hpp"
#include "tests/fakes/onnx_bytes.hpp"

namespace halyard::test {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr size_t kCount = 6;
constexpr float kInput[kCount] = {-1.5f, 0.0f, 2.0f, -3.0f, 0.5f, 4.0f};

class KeeperTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "halyard-keeper-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    setenv("HALYARD_KEEPER_LOG", log_file().c_str(), 1);
    unsetenv("HALYARD_KEEPER_DRIVER");
    unsetenv("HALYARD_CACHE");
    write_model(2.0f);
  }
  void TearDown() override {
    std::error_code error;
    fs::remove_all(folder_, error);
    unsetenv("HALYARD_KEEPER_LOG");
    unsetenv("HALYARD_KEEPER_DRIVER");
  }

  /// Y = Relu(X) * W + X, with W a weight that is too large to be inline.
  void write_model(float weight, int64_t rows = 2) {
    scale_ = weight;
    const std::vector<OnnxConstant> constants{{"W", {}, {weight}}};
    std::ofstream(model_file(), std::ios::binary) << onnx_model(
        {{"Relu", {"X"}, {"a"}}, {"Mul", {"a", "W"}, {"b"}}, {"Add", {"b", "X"}, {"Y"}}}, {rows, 3},
        constants);
  }
  std::string model_file() const { return (folder_ / "m.onnx").string(); }
  std::string log_file() const { return (folder_ / "log").string(); }
  fs::path cache() const { return folder_ / "cache"; }

  /// What the provider noted since the last call: "compile load".
  std::string noted() {
    std::ifstream in(log_file());
    std::string out;
    for (std::string word; in >> word;) out += (out.empty() ? "" : " ") + word;
    fs::remove(log_file());
    return out;
  }

  Result<Session> open(const std::string& variant, SessionOptions options = {}) {
    RuntimeOptions r;
    r.plugin_path = std::string(HALYARD_TEST_KEEPER_DIR) + "/" + variant;
    r.log = [this](uint32_t, std::string_view line) { lines_ += std::string(line) + "\n"; };
    r.log_level = 3;
    HY_ASSIGN_OR_RETURN(const Runtime runtime, Runtime::create(std::move(r)));
    HY_ASSIGN_OR_RETURN(const Model model, runtime.load(model_file()));
    if (options.cache_dir.empty()) options.cache_dir = cache().string();
    options.providers = "keeper,cpu";
    return model.session(options);
  }

  /// Opens a session, runs it, checks the result, and says what the provider did.
  std::string run(const std::string& variant = "good", SessionOptions options = {}) {
    const auto session = open(variant, std::move(options));
    EXPECT_TRUE(session.ok()) << session.status().message();
    if (!session.ok()) return "failed";
    report_ = Json::parse(session->cache());
    auto x = Tensor::create(HY_DTYPE_F32, {2, 3});
    std::copy(std::begin(kInput), std::end(kInput), x->as<float>().begin());
    const auto y = session->run({{"X", &*x}}, {"Y"});
    EXPECT_TRUE(y.ok()) << y.status().message();
    for (size_t i = 0; y.ok() && i < kCount; ++i)
      EXPECT_EQ(y->at(0).as<float>()[i], std::max(kInput[i], 0.0f) * scale_ + kInput[i]) << i;
    return noted();
  }
  std::string differing_part() const { return report_["clusters"][0]["differs"]["part"]; }
  std::vector<fs::path> entries() const {
    std::vector<fs::path> out;
    std::error_code error;
    for (fs::directory_iterator it(cache() / "entries", error), end; it != end; ++it)
      out.push_back(it->path());
    return out;
  }

  fs::path folder_;
  std::string lines_;
  Json report_;
  float scale_ = 0;
};

TEST_F(KeeperTest, WhatOneSessionCompilesTheNextOneLoads) {
  EXPECT_EQ(run(), "compile");
  EXPECT_EQ(report_["misses"], 1);
  EXPECT_EQ(run(), "load");
  EXPECT_EQ(report_["hits"], 1);
  EXPECT_EQ(report_["clusters"][0]["state"], "hit");
  EXPECT_EQ(lines_, "");
}

TEST_F(KeeperTest, WithoutACacheEachCompiles) {
  SessionOptions off;
  off.cache = false;
  EXPECT_EQ(run("good", off), "compile");
  EXPECT_EQ(run("good", off), "compile");
  EXPECT_EQ(report_["clusters"][0]["state"], "off");
  EXPECT_FALSE(fs::exists(cache()));
  setenv("HALYARD_CACHE", "off", 1);
  EXPECT_EQ(run(), "compile");
  unsetenv("HALYARD_CACHE");
  EXPECT_FALSE(fs::exists(cache()));
}

TEST_F(KeeperTest, APlanLooksAndLeavesNothing) {
  SessionOptions plan;
  plan.plan_only = true;
  auto session = open("good", plan);
  ASSERT_TRUE(session.ok());
  EXPECT_EQ(Json::parse(session->cache())["clusters"][0]["state"], "miss");
  EXPECT_EQ(Json::parse(session->cache())["clusters"][0]["reason"], "there is no artefact yet");
  EXPECT_TRUE(entries().empty());
  EXPECT_EQ(noted(), "");
  EXPECT_EQ(run(), "compile");
  session = open("good", plan);
  EXPECT_EQ(Json::parse(session->cache())["clusters"][0]["state"], "hit");
  EXPECT_EQ(noted(), "");
}

/// The first part that differs, of a plan of these options against what the cache holds.
#define EXPECT_MISS_FOR(part, variant, options)                           \
  do {                                                                    \
    SessionOptions o = options;                                           \
    o.plan_only = true;                                                   \
    const auto s = open(variant, o);                                      \
    ASSERT_TRUE(s.ok()) << s.status().message();                          \
    report_ = Json::parse(s->cache());                                    \
    ASSERT_EQ(report_["clusters"][0]["state"], "miss") << report_.dump(); \
    EXPECT_EQ(differing_part(), part) << report_.dump();                  \
    o.plan_only = false;                                                  \
    EXPECT_EQ(run(variant, o), "compile");                                \
    EXPECT_EQ(run(variant, o), "load");                                   \
  } while (false)

TEST_F(KeeperTest, WhateverTheArtefactDependsOnMakesAMissThatNamesIt) {
  ASSERT_EQ(run(), "compile");
  setenv("HALYARD_KEEPER_DRIVER", "1.1", 1);
  EXPECT_MISS_FOR("driver", "good", {});
  unsetenv("HALYARD_KEEPER_DRIVER");
  SessionOptions relaxed;
  relaxed.precision = HY_PRECISION_RELAXED;
  EXPECT_MISS_FOR("precision", "good", relaxed);
  SessionOptions threads;
  threads.threads = 1;
  EXPECT_MISS_FOR("threads", "good", threads);
  EXPECT_MISS_FOR("provider.version", "newer", {});
  EXPECT_EQ(run(), "load");
}

TEST_F(KeeperTest, AnotherWeightIsAnotherModel) {
  ASSERT_EQ(run(), "compile");
  write_model(3.0f);
  EXPECT_EQ(run(), "compile");
  EXPECT_EQ(run(), "load");
}

TEST_F(KeeperTest, AFileThatWasWrittenAnewInPlaceIsAnotherModel) {
  std::vector<float> weights(1 << 19, 2.0f);  // large enough for its digest to be kept
  const auto write = [&](float w) {
    scale_ = w;
    std::fill(weights.begin(), weights.end(), w);
    const std::vector<OnnxConstant> constants{{"W", {1 << 19}, weights}};
    std::fstream file(model_file(),
                      std::ios::binary | std::ios::in | std::ios::out | std::ios::trunc);
    file << onnx_model({{"Relu", {"X"}, {"a"}}, {"Mul", {"a", "W"}, {"Y"}}}, {1 << 19}, constants);
  };
  const auto result = [&] {
    const auto session = open("good");
    EXPECT_TRUE(session.ok()) << session.status().message();
    auto x = Tensor::create(HY_DTYPE_F32, {1 << 19});
    std::fill(x->as<float>().begin(), x->as<float>().end(), 1.0f);
    const auto y = session->run({{"X", &*x}}, {"Y"});
    EXPECT_TRUE(y.ok()) << y.status().message();
    return y->at(0).as<float>()[7];
  };
  write(2.0f);
  EXPECT_EQ(result(), 2.0f);
  EXPECT_EQ(result(), 2.0f);
  write(5.0f);
  EXPECT_EQ(result(), 5.0f);
}

TEST_F(KeeperTest, OpenDimsAreKeptForEachSetOfDims) {
  std::ofstream(model_file(), std::ios::binary)
      << onnx_model({{"Relu", {"X"}, {"a"}}, {"Neg", {"a"}, {"Y"}}}, {-1, 3});
  const auto rows = [&](int64_t n) {
    const auto session = open("good");
    EXPECT_TRUE(session.ok()) << session.status().message();
    auto x = Tensor::create(HY_DTYPE_F32, {n, 3});
    std::fill(x->as<float>().begin(), x->as<float>().end(), 1.0f);
    const auto y = session->run({{"X", &*x}}, {"Y"});
    EXPECT_TRUE(y.ok()) << y.status().message();
    EXPECT_EQ(y->at(0).as<float>().back(), -1.0f);
    return noted();
  };
  EXPECT_EQ(rows(2), "compile");
  EXPECT_EQ(rows(3), "compile");
  EXPECT_EQ(rows(2), "load");
  EXPECT_EQ(rows(3), "load");
}

TEST_F(KeeperTest, GarbageIsCompiledAnew) {
  EXPECT_EQ(run("garbage"), "compile");
  EXPECT_EQ(run("garbage"), "stale compile");
  EXPECT_EQ(lines_, "");  // the provider said so itself
}

TEST_F(KeeperTest, AProviderThatCannotSaveLosesTheGainAlone) {
  for (const char* variant : {"save_fails", "save_throws"}) {
    EXPECT_EQ(run(variant), "compile") << variant;
    EXPECT_EQ(run(variant), "compile") << variant;
    EXPECT_TRUE(entries().empty()) << variant;
    EXPECT_NE(lines_.find("is not kept"), std::string::npos) << variant;
    lines_.clear();
  }
}

TEST_F(KeeperTest, AProviderThatCannotLoadCompilesWithAWarning) {
  for (const char* variant : {"load_fails", "load_throws", "load_null"}) {
    EXPECT_EQ(run(variant), "compile") << variant;
    EXPECT_EQ(run(variant), "compile") << variant;
    EXPECT_NE(lines_.find("cannot be loaded; compiling instead"), std::string::npos) << variant;
    lines_.clear();
  }
}

TEST_F(KeeperTest, NoByteOfAnEntryCanChangeAResult) {
  ASSERT_EQ(run(), "compile");
  ASSERT_EQ(entries().size(), 1u);
  const fs::path file = entries()[0];
  std::ifstream in(file, std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  for (size_t i = 0; i < good.size(); i += 7) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    std::ofstream(file, std::ios::binary) << bad;
    run();  // checks the result
  }
  for (size_t n = 0; n < good.size(); n += 61) {
    std::ofstream(file, std::ios::binary) << good.substr(0, n);
    EXPECT_EQ(run(), "compile") << n;
  }
}

TEST_F(KeeperTest, SessionsOfManyThreadsCompileOnce) {
  setenv("HALYARD_KEEPER_MS", "30", 1);
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      SessionOptions o;
      RuntimeOptions r;
      r.plugin_path = std::string(HALYARD_TEST_KEEPER_DIR) + "/good";
      const auto runtime = Runtime::create(std::move(r));
      const auto model = runtime->load(model_file());
      o.cache_dir = cache().string();
      o.providers = "keeper,cpu";
      good += model->session(o).ok() ? 1 : 0;
    });
  for (std::thread& t : threads) t.join();
  unsetenv("HALYARD_KEEPER_MS");
  EXPECT_EQ(good, 4);
  const std::string did = noted();
  EXPECT_EQ(did.find("compile"), did.rfind("compile")) << did;
}

TEST_F(KeeperTest, TheFolderIsListedAndEmptied) {
  ASSERT_EQ(run(), "compile");
  const auto runtime = Runtime::create();
  const Json report = Json::parse(*runtime->cache(cache().string()));
  EXPECT_EQ(report["schema"], 1);
  ASSERT_EQ(report["entries"].size(), 1u);
  EXPECT_EQ(report["entries"][0]["provider"], "keeper");
  EXPECT_EQ(report["entries"][0]["key"]["driver"], "1.0");
  EXPECT_EQ(report["entries"][0]["notes"]["nodes"], 3);
  EXPECT_EQ(report["bytes"], report["entries"][0]["bytes"]);
  const Json pruned = Json::parse(*runtime->prune_cache(0, cache().string()));
  EXPECT_EQ(pruned["removed"]["entries"], 1);
  EXPECT_EQ(pruned["left"]["entries"], 0);
  EXPECT_EQ(run(), "compile");
}

TEST_F(KeeperTest, WhoeverWaitsForACompilationIsToldHowFarItIs) {
  std::vector<std::pair<std::string, double>> told;
  SessionOptions o;
  o.progress = [&](std::string_view what, double done) { told.emplace_back(what, done); };
  EXPECT_EQ(run("good", o), "compile");
  ASSERT_GE(told.size(), 2u);
  EXPECT_NE(told.front().first.find("for keeper"), std::string::npos) << told.front().first;
  EXPECT_EQ(told.front().second, 0);
  EXPECT_EQ(told.back().second, 1);
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end(), [](const auto& a, const auto& b) {
    return a.second < b.second;
  }));
}

}  // namespace
}  // namespace halyard::test
