// Mutated compiled models (.hyc) against their reader: none may crash it, and what it takes must be whole. Most
// mutants get their checksums made right again, as one who means harm would.
//
//   compiled_fuzz [RUNS [SEED]]     RUNS default: HALYARD_FUZZ_RUNS, else 200000
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>

#include "core/cache/compiled_model.hpp"
#include "halyard/abi/graph_validate.h"
#include "tests/fuzz/graph_seeds.hpp"

namespace halyard::core {
namespace {

using Bytes = std::vector<unsigned char>;

// Where container.cpp has its fields; a seed that does not fit ends the program.
constexpr size_t kHeader = 64, kRecord = 48, kTotalAt = 16, kDirectoryAt = 24, kCountAt = 32,
                 kDigestAt = 40;

class SeedModel final : public ModelSource {
 public:
  SeedModel() {
    for (const auto& g : test::graph_seeds())
      functions_.push_back({"f" + std::to_string(functions_.size()), {g.begin(), g.end()}});
    metadata_ = {{"author", "nobody"}, {"licence", ""}};
  }
  const std::string& format_id() const override { return id_; }
  const std::vector<Function>& functions() const override { return functions_; }
  const std::map<std::string, std::string>& metadata() const override { return metadata_; }
  Result<hy_bytes> weight(uint64_t id) const override { return hy_bytes{weights_, 40 * (id + 1)}; }

 private:
  std::string id_ = "seed";
  std::vector<Function> functions_;
  std::map<std::string, std::string> metadata_;
  const unsigned char weights_[200] = {1, 2, 3};
};

Bytes seed_file() {
  const SeedModel model;
  CompiledParts parts;
  parts.origin = "seed.model";
  parts.model = &model;
  parts.weights = {0, 1, 4};
  parts.options.settings = {{"providers", "[{\"id\":\"a\"}]"}};
  parts.plan = "{\"schema\":1}";
  for (const char* driver : {"1.0", "2.0"}) {
    CacheKey key;
    key.add("format", "cluster 1");
    key.add("driver", driver);
    parts.artifacts.push_back({key, "{\"nodes\":1}", Bytes(100, 7)});
  }
  const std::string path = "/tmp/halyard_compiled_fuzz_" + std::to_string(getpid());
  if (!write_compiled_model(path, parts).ok()) std::abort();
  std::ifstream in(path, std::ios::binary);
  const Bytes out{std::istreambuf_iterator<char>(in), {}};
  unlink(path.c_str());
  return out;
}

template <class T>
T get(const Bytes& b, size_t at) {
  T out{};
  if (at <= b.size() && sizeof out <= b.size() - at) std::memcpy(&out, b.data() + at, sizeof out);
  return out;
}
template <class T>
void put(Bytes& b, size_t at, const T& value) {
  if (at <= b.size() && sizeof value <= b.size() - at)
    std::memcpy(b.data() + at, &value, sizeof value);
}

/// Makes every checksum right for what now stands there, as far as places are within the file.
void make_checksums(Bytes& b) {
  put<uint64_t>(b, kTotalAt, b.size());
  const auto directory = get<uint64_t>(b, kDirectoryAt);
  const auto count = get<uint32_t>(b, kCountAt);
  if (directory > b.size() || count > (b.size() - directory) / kRecord) return;
  for (uint32_t i = 0; i < count; ++i) {
    const size_t record = static_cast<size_t>(directory) + i * kRecord;
    const auto offset = get<uint64_t>(b, record + 16), bytes = get<uint64_t>(b, record + 24);
    if (offset <= b.size() && bytes <= b.size() - offset)
      put(b, record + 32, digest_of(ByteSpan(b).subspan(offset, bytes)));
  }
  Hasher hasher;
  hasher.add(ByteSpan(b).first(std::min(kDigestAt, b.size())));
  hasher.add(ByteSpan(b).subspan(directory, count * kRecord));
  put(b, kDigestAt, hasher.digest());
}

class Mutator {
 public:
  Mutator(Bytes seed, uint64_t number) : random_(number), seed_(std::move(seed)) {}

  Bytes next() {
    Bytes b = seed_;
    for (uint64_t n = 1 + below(3); n != 0; --n) change(b);
    if (below(8) == 0) b.resize(below(b.size() + 1));
    if (below(8) != 0) make_checksums(b);
    return b;
  }

 private:
  uint64_t below(uint64_t n) { return n == 0 ? 0 : random_() % n; }
  uint64_t interesting(uint64_t size) {
    static constexpr uint64_t kValues[] = {0,     1,          2,          63,         64,
                                           65,    0x7fffffff, 0xffffffff, 1ull << 32, 1ull << 63,
                                           ~0ull, ~0ull - 63, ~0ull >> 1};
    const uint64_t pick = below(std::size(kValues) + 8);
    return pick < std::size(kValues) ? kValues[pick] : size - below(160);
  }
  /// Half of the changes fall on header and directory, where the numbers are.
  size_t place(const Bytes& b) {
    const auto directory = get<uint64_t>(seed_, kDirectoryAt);
    const uint64_t pick = below(4);
    if (pick == 0) return below(kHeader);
    if (pick == 1) return directory + below(b.size() - directory);
    return below(b.size());
  }
  void change(Bytes& b) {
    const size_t at = place(b) / 4 * 4;
    switch (below(4)) {
      case 0:
        b[at] ^= static_cast<unsigned char>(1u << below(8));
        break;
      case 1:
        put(b, at, static_cast<uint32_t>(interesting(b.size())));
        break;
      case 2:
        put(b, at / 8 * 8, interesting(b.size()));
        break;
      default: {
        const size_t from = below(b.size() - 16), n = 1 + below(16);
        for (size_t i = 0; i < n && at + i < b.size(); ++i) b[at + i] = b[from + i];
      }
    }
  }

  std::mt19937_64 random_;
  const Bytes seed_;
};

/// Reads all that the file gives; the sanitizers watch.
uint64_t walk(const CompiledModel& m) {
  uint64_t sum = m.plan().size() + m.origin().size() + m.options().settings.size();
  for (const auto& f : m.functions()) {
    alignas(8) char message[128];
    std::vector<uint64_t> aligned((f.graph.size() + 7) / 8);
    if (!f.graph.empty()) std::memcpy(aligned.data(), f.graph.data(), f.graph.size());
    sum += static_cast<uint64_t>(
        hy_graph_validate(aligned.data(), f.graph.size(), message, sizeof message));
  }
  for (uint64_t id = 0; id < 6; ++id)
    if (const auto w = m.weight(id); w.ok())
      for (uint64_t i = 0; i < w->size; ++i) sum += static_cast<const unsigned char*>(w->data)[i];
  for (const CacheKey& key : m.keys())
    if (const auto artifact = m.find(key))
      for (const unsigned char c : *artifact) sum += c;
  return sum;
}

int fuzz(uint64_t runs, uint64_t number) {
  const Bytes seed = seed_file();
  if (!CompiledModel::parse(seed, "seed").ok()) {
    std::fprintf(stderr, "the seed itself is refused\n");
    return 1;
  }
  Bytes same = seed;
  make_checksums(same);
  if (same != seed) {
    std::fprintf(stderr, "the fields of the container are not where this program thinks\n");
    return 1;
  }
  Mutator mutator(seed, number);
  uint64_t taken = 0, sum = 0;
  for (uint64_t i = 0; i < runs; ++i) {
    const Bytes bytes = mutator.next();
    const auto model = CompiledModel::parse(bytes, "mutant");
    if (!model.ok() && model.status().message().empty()) {
      std::fprintf(stderr, "run %" PRIu64 " of seed %" PRIu64 " was refused without a word\n", i,
                   number);
      return 1;
    }
    if (!model.ok()) continue;
    ++taken;
    sum += walk(**model);
  }
  std::printf("seed %" PRIu64 ": %" PRIu64 " mutants, %" PRIu64 " taken (%" PRIx64 ")\n", number,
              runs, taken, sum);
  return 0;
}

}  // namespace
}  // namespace halyard::core

int main(int argc, char** argv) {
  const char* environment = std::getenv("HALYARD_FUZZ_RUNS");
  const char* runs = argc > 1 ? argv[1] : environment != nullptr ? environment : "200000";
  return halyard::core::fuzz(std::strtoull(runs, nullptr, 10),
                             argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
}
