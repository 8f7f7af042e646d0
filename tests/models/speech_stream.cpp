// One stream through the voice detector: each call gets the next frame and the state that the call before
// it gave.
//
//   speech_stream MODEL FRAMES CALLS      FRAMES: float32, 512 samples each; begins again at their end
//
// Prints a line a call: the probability of speech and the resident memory in KiB.
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "halyard/halyard.hpp"

namespace {

using halyard::Result;
using halyard::Status;
using halyard::Tensor;

constexpr size_t kFrame = 512, kContext = 64;

Result<std::vector<float>> read_samples(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto bytes = static_cast<size_t>(std::max<std::streamoff>(file.tellg(), 0));
  std::vector<float> samples(bytes / sizeof(float));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(samples.data()), static_cast<std::streamsize>(bytes));
  if (!file || samples.size() < kFrame || samples.size() % kFrame != 0)
    return halyard::io_error(path + " holds no whole frames of 512 samples");
  return samples;
}

long resident_kib() {
  long total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

Status stream(const std::string& path, const std::string& frames, int calls) {
  HY_ASSIGN_OR_RETURN(const std::vector<float> samples, read_samples(frames));
  HY_ASSIGN_OR_RETURN(const halyard::Runtime runtime, halyard::Runtime::create());
  HY_ASSIGN_OR_RETURN(const halyard::Model model, runtime.load(path));
  HY_ASSIGN_OR_RETURN(const halyard::Session session, model.session());
  HY_ASSIGN_OR_RETURN(Tensor input, Tensor::create(HY_DTYPE_F32, {1, kContext + kFrame}));
  HY_ASSIGN_OR_RETURN(Tensor state, Tensor::create(HY_DTYPE_F32, {2, 1, 128}));
  HY_ASSIGN_OR_RETURN(Tensor rate, Tensor::create(HY_DTYPE_I64, {}));
  rate.as<int64_t>()[0] = 16000;
  float* window = input.as<float>().data();
  for (int call = 0; call < calls; ++call) {
    // The end of the last window is the context of this one.
    std::memmove(window, window + kFrame, kContext * sizeof(float));
    const size_t at = static_cast<size_t>(call) * kFrame % samples.size();
    std::memcpy(window + kContext, samples.data() + at, kFrame * sizeof(float));
    HY_ASSIGN_OR_RETURN(
        std::vector<Tensor> results,
        session.run({{"input", &input}, {"state", &state}, {"sr", &rate}}, {"output", "stateN"}));
    std::printf("%.6f %ld\n", static_cast<double>(results[0].as<float>()[0]), resident_kib());
    state = std::move(results[1]);
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: speech_stream MODEL FRAMES CALLS\n";
    return 2;
  }
  const Status status = stream(argv[1], argv[2], std::stoi(argv[3]));
  if (status.ok()) return 0;
  std::cerr << status.message() << "\n";
  return 1;
}
