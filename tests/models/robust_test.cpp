// Broken model files: each model cut at 50 places and 2,000 copies of a small one with flipped bytes.
// Every one loads and runs, or fails with a status and words; none crashes or hangs.
//
//   robust_models FOLDER SMALL.onnx     the models of FOLDER where it is there, and SMALL always

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "halyard/halyard.h"

namespace fs = std::filesystem;

namespace {

constexpr int kCuts = 50;
constexpr int kFlips = 2000;
constexpr uint32_t kSeed = 20240601;
constexpr int64_t kMaxInputElements =
    1 << 22;  // a flipped dim may ask for any size: no need to feed it

int failures = 0;
int refused = 0, ran = 0;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void expect_words(hy_status code, const std::string& what) {
  ++refused;
  if (code == HY_OK || std::string(hy_last_error()).empty()) {
    ++failures;
    std::printf("FAIL %s: status %d without words\n", what.c_str(), code);
  }
}

/// Feeds zeros; dims that are not known are 1.
void run_zeros(hy_session* session, const std::string& what) {
  std::vector<std::string> names;
  std::vector<hy_tensor*> tensors;
  bool feasible = true;
  for (uint32_t i = 0; i < hy_session_input_count(session); ++i) {
    hy_port_info info = HY_INIT(hy_port_info);
    if (hy_session_input(session, i, &info) != HY_OK || info.rank == HY_NONE_RANK) return;
    std::vector<int64_t> dims(info.dims, info.dims + info.rank);
    int64_t count = 1;
    for (int64_t& d : dims) {
      d = d < 0 ? 1 : d;
      feasible =
          feasible && !__builtin_mul_overflow(count, d, &count) && count <= kMaxInputElements;
    }
    hy_tensor* t = nullptr;
    if (!feasible || hy_tensor_create(info.dtype, info.rank, dims.data(), &t) != HY_OK) {
      feasible = false;
      break;
    }
    names.emplace_back(info.name.data, info.name.size);
    tensors.push_back(t);
  }
  if (feasible) {
    std::vector<hy_named_tensor> inputs;
    for (size_t i = 0; i < names.size(); ++i) inputs.push_back({names[i].c_str(), tensors[i]});
    const hy_status code =
        hy_session_run(session, inputs.data(), static_cast<uint32_t>(inputs.size()), nullptr, 0);
    code == HY_OK ? void(++ran) : expect_words(code, what);
  }
  for (hy_tensor* t : tensors) hy_tensor_destroy(t);
}

void try_model(hy_runtime* runtime, const fs::path& path, const std::string& what) {
  hy_model* model = nullptr;
  hy_status code = hy_model_load(runtime, path.c_str(), &model);
  if (code != HY_OK) {
    expect_words(code, what);
    return;
  }
  hy_session_options options = HY_INIT(hy_session_options);
  options.threads = 1;
  hy_session* session = nullptr;
  code = hy_session_create(model, &options, &session);
  if (code == HY_OK)
    run_zeros(session, what);
  else
    expect_words(code, what);
  hy_session_destroy(session);
  hy_model_destroy(model);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const fs::path folder = argv[1], small = argv[2];
  std::vector<fs::path> models{small};
  std::error_code error;
  for (const auto& e : fs::directory_iterator(folder, error))
    if (e.path().extension() == ".onnx") models.push_back(e.path());
  if (models.size() == 1)
    std::printf("%s is not there: only %s is cut\n", folder.c_str(), small.c_str());

  const fs::path scratch =
      fs::temp_directory_path() / ("halyard-robust-" + std::to_string(getpid()));
  fs::create_directories(scratch);
  const fs::path file = scratch / "broken.onnx";
  hy_runtime* runtime = nullptr;
  if (hy_runtime_create(nullptr, &runtime) != HY_OK) return 1;
  std::mt19937 random(kSeed);
  std::printf("seed %u\n", kSeed);
  for (const fs::path& path : models) {
    const std::string bytes = read_file(path);
    for (int i = 0; i < kCuts; ++i) {
      const size_t length = bytes.size() * static_cast<size_t>(i) / kCuts;
      write_file(file, bytes.substr(0, length));
      try_model(runtime, file, path.filename().string() + " cut to " + std::to_string(length));
    }
  }
  const fs::path flipped =
      fs::exists(folder / "mnist_cntk.onnx") ? folder / "mnist_cntk.onnx" : small;
  const std::string bytes = read_file(flipped);
  for (int i = 0; i < kFlips; ++i) {
    std::string copy = bytes;
    const size_t at = random() % copy.size();
    copy[at] = static_cast<char>(copy[at] ^ (1 + random() % 255));
    write_file(file, copy);
    try_model(runtime, file,
              flipped.filename().string() + " with byte " + std::to_string(at) + " flipped");
  }
  hy_runtime_destroy(runtime);
  fs::remove_all(scratch);
  std::printf("%zu models: %d refused with words, %d ran, %d failures\n", models.size(), refused,
              ran, failures);
  return failures == 0 && refused > 0 && ran > 0 ? 0 : 1;
}
