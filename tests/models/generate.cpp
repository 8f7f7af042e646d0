// Greedy generation with a decoder that has a KV cache: one process, each step's caches are the next one's.
//
//   generate MODEL.onnx FIRST_TOKEN STEPS
//
// Inputs tokens and past_*, outputs logits and present_*. Line 1 of stdout has the logits after the first
// token, line 2 the ids that follow it. Exit 1 with words on stderr where something fails.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "halyard/halyard.hpp"

namespace {

using halyard::Result;
using halyard::Session;
using halyard::Status;
using halyard::Tensor;

constexpr std::string_view kPast = "past_";

/// The inputs that carry the cache, and the tensors that stand for them in the next step.
struct Cache {
  std::vector<std::string> names;   // "past_key_0", ...
  std::vector<std::string> wanted;  // "logits", then the "present_" twin of each name
  std::vector<Tensor> tensors;
};

/// Empty: the dim that is open has length 0.
Result<Cache> empty_cache(const Session& session) {
  Cache cache;
  cache.wanted.emplace_back("logits");
  for (const halyard::Port& port : session.inputs()) {
    if (!port.name.starts_with(kPast)) continue;
    std::vector<int64_t> dims = port.dims;
    for (int64_t& d : dims) d = std::max<int64_t>(d, 0);
    auto tensor = Tensor::create(port.dtype, dims);
    if (!tensor.ok()) return tensor.status();
    cache.names.push_back(port.name);
    cache.wanted.push_back("present_" + port.name.substr(kPast.size()));
    cache.tensors.push_back(std::move(*tensor));
  }
  return cache;
}

/// The logits after the token; the cache then holds it, too.
Result<Tensor> step(const Session& session, int64_t token, Cache& cache) {
  const int64_t dims[] = {1, 1};
  auto tokens = Tensor::borrow(HY_DTYPE_I64, dims, &token, sizeof token);
  if (!tokens.ok()) return tokens.status();
  std::vector<std::pair<std::string, const Tensor*>> inputs = {{"tokens", &*tokens}};
  for (size_t i = 0; i < cache.names.size(); ++i)
    inputs.emplace_back(cache.names[i], &cache.tensors[i]);
  auto results = session.run(inputs, cache.wanted);
  if (!results.ok()) return results.status();
  for (size_t i = 0; i < cache.names.size(); ++i) cache.tensors[i] = std::move((*results)[i + 1]);
  return std::move(results->front());
}

Status generate(const std::string& path, int64_t token, int steps) {
  auto runtime = halyard::Runtime::create();
  if (!runtime.ok()) return runtime.status();
  auto model = runtime->load(path);
  if (!model.ok()) return model.status();
  auto session = model->session();
  if (!session.ok()) return session.status();
  auto cache = empty_cache(*session);
  if (!cache.ok()) return cache.status();
  for (int i = 0; i < steps; ++i) {
    const auto logits = step(*session, token, *cache);
    if (!logits.ok()) return logits.status();
    const auto row = logits->as<float>();
    if (i == 0) {
      for (const float v : row) std::printf("%.9g ", static_cast<double>(v));
      std::printf("\n");
    }
    token = std::max_element(row.begin(), row.end()) - row.begin();
    std::printf("%lld ", static_cast<long long>(token));
  }
  std::printf("\n");
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "generate MODEL.onnx FIRST_TOKEN STEPS\n"), 2;
  const Status status = generate(argv[1], std::atoll(argv[2]), std::atoi(argv[3]));
  if (!status.ok()) return std::fprintf(stderr, "generate: %s\n", status.message().c_str()), 1;
  return 0;
}
