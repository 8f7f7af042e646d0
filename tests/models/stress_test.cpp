// Many sessions one after the other, and many threads on one session: memory stays flat, results stay right.
//
//   stress_models MODEL.onnx [SESSIONS]      default: 1000 sessions

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "halyard/halyard.hpp"

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // their own bookkeeping grows
#else
constexpr bool kSanitized = false;
#endif
// What a process may gain after its caches are warm: allocator slack, not leaks of a session.
constexpr long kMaxGrowthBytes = 4 << 20;
constexpr int kThreads = 8;
constexpr int kRuns = 100;

long resident_bytes() {
  std::ifstream in("/proc/self/statm");
  long total = 0, resident = 0;
  in >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

halyard::Result<std::vector<float>> predict(halyard::Session& session, int64_t batch, float value) {
  auto ports = session.inputs();
  std::vector<int64_t> dims = ports[0].dims;
  for (int64_t& d : dims) d = d < 0 ? batch : d;
  auto input = halyard::Tensor::create(HY_DTYPE_F32, dims);
  if (!input.ok()) return input.status();
  for (float& v : input->as<float>()) v = value;
  auto results = session.run({{ports[0].name, &*input}}, {session.outputs()[0].name});
  if (!results.ok()) return results.status();
  const auto y = results->front().as<float>();
  return std::vector<float>(y.begin(), y.end());
}

bool many_sessions(halyard::Runtime& runtime, const char* path, int count) {
  long warm = 0;
  for (int i = 0; i < count; ++i) {
    const auto model = runtime.load(path);
    if (!model.ok()) return std::printf("FAIL %s\n", model.status().message().c_str()), false;
    halyard::SessionOptions options;
    options.threads = 1;
    auto session = model->session(options);
    if (!session.ok()) return std::printf("FAIL %s\n", session.status().message().c_str()), false;
    if (const auto y = predict(*session, 1 + i % 3, 0.5f); !y.ok())
      return std::printf("FAIL %s\n", y.status().message().c_str()), false;
    if (i == count / 5) warm = resident_bytes();
  }
  const long growth = resident_bytes() - warm;
  std::printf("%d sessions: %ld KiB more resident than after the first fifth\n", count,
              growth / 1024);
  return kSanitized || growth <= kMaxGrowthBytes;
}

bool many_threads(halyard::Runtime& runtime, const char* path) {
  const auto model = runtime.load(path);
  if (!model.ok()) return false;
  halyard::SessionOptions options;
  options.threads = 1;
  auto session = model->session(options);
  if (!session.ok()) return false;
  std::vector<std::vector<float>> expected;
  for (int t = 0; t < kThreads; ++t) {
    const auto y = predict(*session, 1 + t % 4, static_cast<float>(t) / kThreads);
    if (!y.ok()) return false;
    expected.push_back(*y);
  }
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRuns; ++i) {
        const auto y = predict(*session, 1 + t % 4, static_cast<float>(t) / kThreads);
        wrong += y.ok() && *y == expected[static_cast<size_t>(t)] ? 0 : 1;
      }
    });
  for (std::thread& t : threads) t.join();
  std::printf("%d threads of %d runs on one session: %d wrong\n", kThreads, kRuns, wrong.load());
  return wrong == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const int sessions = argc > 2 ? std::atoi(argv[2]) : 1000;
  auto runtime = halyard::Runtime::create();
  if (!runtime.ok()) return 1;
  const bool threads = many_threads(*runtime, argv[1]);
  const bool flat = many_sessions(*runtime, argv[1], sessions);
  return threads && flat ? 0 : 1;
}
