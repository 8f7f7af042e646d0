// A runtime over folders of the zoo beside the default plugins, and a small model on it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "halyard/halyard.h"
#include "tests/fakes/onnx_bytes.hpp"

namespace halyard::test {

using Json = nlohmann::json;
namespace fs = std::filesystem;

inline constexpr float kInput[6] = {-1.5f, 0.0f, 2.0f, -3.0f, 0.5f, 4.0f};

/// A runtime that sees some folders of the zoo and the default plugins.
class Zoo {
 public:
  explicit Zoo(const std::string& variant) : Zoo(std::vector<std::string>{variant}) {}
  /// isolation: as hy_runtime_options has it; empty: the environment's.
  /// settings: keys and texts.
  explicit Zoo(const std::vector<std::string>& variants, const std::string& isolation = {},
               const std::vector<std::pair<const char*, const char*>>& settings = {}) {
    std::string path;
    for (const std::string& v : variants)
      path += (path.empty() ? "" : ":") + std::string(HALYARD_TEST_ZOO_DIR) + "/" + v;
    // What the zoo takes goes there, however little that gains.
    hy_config* config = nullptr;
    EXPECT_EQ(hy_config_create(&config), HY_OK);
    EXPECT_EQ(hy_config_set(config, "policy.placement", "priority", nullptr), HY_OK);
    for (const auto& [key, text] : settings)
      EXPECT_EQ(hy_config_set(config, key, text, nullptr), HY_OK) << hy_last_error();
    hy_runtime_options options = HY_INIT(hy_runtime_options);
    options.plugin_path = path.c_str();
    options.config = config;
    if (!isolation.empty()) options.isolation = isolation.c_str();
    EXPECT_EQ(hy_runtime_create(&options, &runtime_), HY_OK) << hy_last_error();
    hy_config_destroy(config);
  }
  ~Zoo() { hy_runtime_destroy(runtime_); }
  Zoo(const Zoo&) = delete;

  hy_runtime* runtime() const { return runtime_; }
  Json report(uint32_t which) const {
    hy_str json{};
    EXPECT_EQ(hy_runtime_report(runtime_, which, &json), HY_OK) << hy_last_error();
    return Json::parse(std::string(json.data, json.size));
  }
  /// The first row of the zoo's plugins, after every provider was opened.
  Json plugin(size_t i = 0) const {
    (void)report(HY_REPORT_DEVICES);
    const Json plugins = report(HY_REPORT_PLUGINS);
    for (const Json& row : plugins["plugins"])
      if (row["path"].get<std::string>().find("/zoo/") != std::string::npos && i-- == 0) return row;
    ADD_FAILURE() << "the report lists no plugin of the zoo";
    return {};
  }
  Json rejected_device() const {
    const Json devices = report(HY_REPORT_DEVICES);
    for (const Json& row : devices["rejected"])
      if (row["provider"] == "zoo") return row;
    return {};
  }

 private:
  hy_runtime* runtime_ = nullptr;
};

/// X -> Relu -> Mul(., X) -> Relu -> Y, of 2 x 3.
inline const std::string& model_file() {
  static const std::string file = [] {
    const auto path =
        fs::temp_directory_path() / ("halyard_zoo_" + std::to_string(getpid()) + ".onnx");
    std::ofstream(path, std::ios::binary) << onnx_model(
        {{"Relu", {"X"}, {"a"}}, {"Mul", {"a", "X"}, {"b"}}, {"Relu", {"b"}, {"Y"}}}, {2, 3});
    return path.string();
  }();
  return file;
}

/// A session over that model, and what became of its nodes.
class Job {
 public:
  explicit Job(const Zoo& zoo) {
    status_ = hy_model_load(zoo.runtime(), model_file().c_str(), &model_);
    EXPECT_EQ(status_, HY_OK) << hy_last_error();
    if (status_ == HY_OK) status_ = hy_session_create(model_, nullptr, &session_);
    EXPECT_EQ(status_, HY_OK) << hy_last_error();
  }
  ~Job() {
    hy_session_destroy(session_);
    hy_model_destroy(model_);
  }
  Job(const Job&) = delete;

  Json plan() const {
    hy_str json{};
    EXPECT_EQ(hy_session_plan(session_, &json), HY_OK) << hy_last_error();
    return Json::parse(std::string(json.data, json.size));
  }
  std::string provider(size_t node) const { return plan()["nodes"][node]["provider"]; }
  /// Why the zoo lost a node; null where it did not.
  Json refusal(size_t node) const {
    const Json whole = plan();
    for (const Json& r : whole["nodes"][node]["refused_by"])
      if (r["provider"] == "zoo") return r;
    return {};
  }
  hy_status run() {
    const int64_t dims[2] = {2, 3};
    hy_tensor* x = nullptr;
    EXPECT_EQ(hy_tensor_create(HY_DTYPE_F32, 2, dims, &x), HY_OK);
    std::copy(std::begin(kInput), std::end(kInput), static_cast<float*>(hy_tensor_data(x)));
    const hy_named_tensor in{"X", x};
    hy_named_tensor out{"Y", nullptr};
    const hy_status status = hy_session_run(session_, &in, 1, &out, 1);
    message_ = hy_last_error();
    for (int i = 0; status == HY_OK && i < 6; ++i) {
      const float a = std::max(kInput[i], 0.0f);
      EXPECT_EQ(static_cast<const float*>(hy_tensor_data(out.tensor))[i],
                std::max(a * kInput[i], 0.0f))
          << i;
    }
    hy_tensor_destroy(out.tensor);
    hy_tensor_destroy(x);
    return status;
  }
  const std::string& message() const { return message_; }

 private:
  hy_status status_;
  hy_model* model_ = nullptr;
  hy_session* session_ = nullptr;
  std::string message_;
};

inline bool has(const Json& row, const char* key, std::string_view part) {
  return row.is_object() && row.contains(key) &&
         row[key].get<std::string>().find(part) != std::string::npos;
}

}  // namespace halyard::test
