// What the core adds to a run: a model of one node that does nothing, through the public API, against the provider's own
// run function, called as the core calls it. In turns; medians of many rounds. Prints one line of JSON.
#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "halyard/graph_builder.hpp"
#include "halyard/halyard.h"
#include "tests/fakes/onnx_bytes.hpp"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 200, kRuns = 2000;

void check(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "overhead: %s: %s\n", what, hy_last_error());
  std::exit(1);
}

/// Nanoseconds of one call, over kRuns of them.
template <class F>
double lap(F&& f) {
  const auto start = Clock::now();
  for (int i = 0; i < kRuns; ++i) f();
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / kRuns;
}

double median(std::vector<double> v) {
  std::nth_element(v.begin(), v.begin() + static_cast<ptrdiff_t>(v.size() / 2), v.end());
  return v[v.size() / 2];
}

/// The plugin without the core: opened, compiled and run by hand.
class Direct {
 public:
  explicit Direct(const std::string& library) {
    void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    check(handle != nullptr, "the provider cannot be opened");
    const auto entry = reinterpret_cast<hy_plugin_query_fn>(dlsym(handle, HY_PLUGIN_ENTRY_NAME));
    api_ = entry()->provider;
    host_.poll = [](void*, hy_job*, double) -> hy_status { return HY_OK; };
    host_.fail = [](void*, hy_job*, hy_status, hy_str) {};
    check(api_->create(&host_, nullptr, &provider_) == HY_OK, "create");
    hy_open_args open = HY_INIT(hy_open_args);
    check(api_->open(provider_, nullptr, &open, &device_) == HY_OK, "open");
    halyard::GraphBuilder b;
    const uint32_t g = b.add_subgraph("main");
    const halyard::ShapeSpec one = std::vector<halyard::DimSpec>{halyard::DimSpec::fixed(1)};
    const uint32_t x = b.add_input(g, "X", HY_DTYPE_F32, one);
    const uint32_t y = b.add_result(g, "Y", HY_DTYPE_F32, one);
    b.add_node(g, {"", "Relu", "relu", {x}, {y}, {}, {}});
    b.add_output(g, y);
    graph_ = b.finish().value();
    hy_compile_args compile = HY_INIT(hy_compile_args);
    compile.graph = {graph_.data(), graph_.size()};
    check(api_->compile(device_, nullptr, &compile, &executable_) == HY_OK, "compile");
    for (hy_binding* binding : {&in_, &out_}) {
      *binding = HY_INIT(hy_binding);
      binding->dtype = HY_DTYPE_F32;
      binding->rank = 1;
      binding->dims = &dim_;
      binding->bytes = 4;
    }
    in_.data = &x_;
    out_.data = &y_;
    args_.inputs = {&in_, 1, sizeof in_};
    args_.outputs = {&out_, 1, sizeof out_};
  }
  void run() { check(api_->run(executable_, nullptr, &args_) == HY_OK, "run"); }

 private:
  const hy_provider_api* api_ = nullptr;
  hy_host host_ = HY_INIT(hy_host);
  void *provider_ = nullptr, *device_ = nullptr, *executable_ = nullptr;
  std::vector<unsigned char> graph_;
  const int64_t dim_ = 1;
  float x_ = 2, y_ = 0;
  hy_binding in_{}, out_{};
  hy_run_args args_ = HY_INIT(hy_run_args);
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: overhead FOLDER_OF_THE_IDLE_PROVIDER\n");
    return 2;
  }
  const std::string folder = argv[1], file = folder + "/relu.onnx";
  std::ofstream(file, std::ios::binary) << halyard::test::onnx_model({{"Relu", {"X"}, {"Y"}}}, {1});
  hy_runtime_options options = HY_INIT(hy_runtime_options);
  options.plugin_path = folder.c_str();
  options.isolation = "none";
  hy_runtime* runtime = nullptr;
  hy_model* model = nullptr;
  hy_session* session = nullptr;
  check(hy_runtime_create(&options, &runtime) == HY_OK, "runtime");
  check(hy_model_load(runtime, file.c_str(), &model) == HY_OK, "model");
  hy_session_options asked = HY_INIT(hy_session_options);
  asked.providers = "idle";
  check(hy_session_create(model, &asked, &session) == HY_OK, "session");
  const int64_t dim = 1;
  float x = 2, y = 0;
  hy_named_tensor in{"X", nullptr}, out{"Y", nullptr};
  check(hy_tensor_borrow(HY_DTYPE_F32, 1, &dim, &x, 4, &in.tensor) == HY_OK, "input");
  check(hy_tensor_borrow(HY_DTYPE_F32, 1, &dim, &y, 4, &out.tensor) == HY_OK, "output");
  Direct direct(folder + "/idle.so");
  std::vector<double> through, alone;
  for (int round = 0; round < kRounds; ++round) {
    through.push_back(
        lap([&] { check(hy_session_run(session, &in, 1, &out, 1) == HY_OK, "run"); }));
    alone.push_back(lap([&] { direct.run(); }));
  }
  check(y == 2, "the result is wrong");
  std::printf("{\"run_ns\": %.0f, \"provider_run_ns\": %.0f, \"overhead_ns\": %.0f}\n",
              median(through), median(alone), median(through) - median(alone));
  hy_session_destroy(session);
  hy_model_destroy(model);
  hy_runtime_destroy(runtime);
  return 0;
}
