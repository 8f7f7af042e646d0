// What a length costs that was never seen before: a model whose inputs are all [1, n], fed every length of a range in random
// order, each once for the first time and then warm. In time of the processor, which other programs do not change much:
// with one thread that is what passes on an idle machine. Prints one line of JSON.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "halyard/halyard.hpp"

namespace {

using namespace halyard;

constexpr int kWarmRuns = 5;

template <class T>
T taken(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "lengths: %s\n", result.status().message().c_str());
    std::exit(1);
  }
  return std::move(result).value();
}

double cpu_ms() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}

/// Milliseconds of one run at that length.
double run_ms(const Session& session, const std::vector<Port>& ports,
              const std::vector<std::string>& outputs, int64_t length) {
  std::vector<Tensor> tensors;
  for (const Port& p : ports) {
    tensors.push_back(taken(Tensor::create(p.dtype, {1, length})));
    if (p.dtype == HY_DTYPE_I64)
      std::fill(tensors.back().as<int64_t>().begin(), tensors.back().as<int64_t>().end(), 1);
  }
  std::vector<std::pair<std::string, const Tensor*>> inputs;
  for (size_t i = 0; i < ports.size(); ++i) inputs.emplace_back(ports[i].name, &tensors[i]);
  const double start = cpu_ms();
  taken(session.run(inputs, outputs));
  return cpu_ms() - start;
}

uint64_t rss_bytes() {
  std::ifstream in("/proc/self/statm");
  uint64_t all = 0, resident = 0;
  in >> all >> resident;
  return resident * 4096;
}

double quantile(std::vector<double> v, double part) {
  std::sort(v.begin(), v.end());
  return v[static_cast<size_t>(part * static_cast<double>(v.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: lengths MODEL LONGEST THREADS\n");
    return 2;
  }
  const Runtime runtime = taken(Runtime::create());
  const Model model = taken(runtime.load(argv[1]));
  SessionOptions options;
  options.threads = static_cast<uint32_t>(std::atoi(argv[3]));
  const Session session = taken(model.session(options));
  const std::vector<Port> ports = session.inputs();
  std::vector<std::string> outputs;
  for (const Port& p : session.outputs()) outputs.push_back(p.name);
  std::vector<int64_t> lengths;
  for (int64_t n = 1; n <= std::atoi(argv[2]); ++n) lengths.push_back(n);
  std::shuffle(lengths.begin(), lengths.end(), std::mt19937(7));

  std::vector<double> over;  // what the first run took beyond 1.5 warm ones, in ms
  size_t worse = 0;
  uint64_t half = 0;
  run_ms(session, ports, outputs, std::atoi(argv[2]));
  for (size_t i = 0; i < lengths.size(); ++i) {
    const double first = run_ms(session, ports, outputs, lengths[i]);
    double warm = first;
    for (int k = 0; k < kWarmRuns; ++k)
      warm = std::min(warm, run_ms(session, ports, outputs, lengths[i]));
    over.push_back(first - 1.5 * warm);
    worse += first > 1.5 * warm + 2 ? 1 : 0;
    if (i == lengths.size() / 2) half = rss_bytes();
  }
  std::printf(
      "{\"lengths\": %zu, \"beyond_ms\": {\"p50\": %.3f, \"p99\": %.3f, \"max\": %.3f}, "
      "\"over_the_limit\": %zu, \"rss_half\": %llu, \"rss_end\": %llu}\n",
      lengths.size(), quantile(over, 0.5), quantile(over, 0.99), quantile(over, 1), worse,
      static_cast<unsigned long long>(half), static_cast<unsigned long long>(rss_bytes()));
  return 0;
}
