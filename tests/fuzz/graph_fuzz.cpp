// Mutated graphs against the validator: none may crash it, and what it takes must be in bounds for the
// readers.
//
//   graph_fuzz [RUNS [SEED]]     RUNS default: HALYARD_FUZZ_RUNS, else 1000000
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "halyard/abi/graph_validate.h"
#include "tests/fuzz/graph_seeds.hpp"
#include "tests/fuzz/graph_walk.hpp"

namespace halyard::test {
namespace {

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed), seeds_(graph_seeds()) {
    for (const Bytes& s : seeds_) apart_.push_back(take_apart(s));
  }

  Bytes next() {
    const size_t which = below(seeds_.size());
    if (below(4) == 0) return mutate_sections(apart_[which]);
    Bytes bytes = seeds_[which];
    for (uint64_t n = 1 + below(3); n != 0 && bytes.size() > 8; --n) mutate_bytes(bytes);
    return bytes;
  }

 private:
  uint64_t below(uint64_t n) { return n == 0 ? 0 : random_() % n; }

  uint64_t interesting(uint64_t size) {
    static constexpr uint64_t kValues[] = {
        0,           1,          2,           3,          7,          8,          16,
        33,          64,         65,          0x7fffffff, 0x80000000, 0xfffffffe, HY_NONE,
        0x100000000, 1ull << 58, ~0ull >> 1u, 1ull << 63, ~0ull,      ~0ull - 7};
    const uint64_t pick = below(std::size(kValues) + 12);
    if (pick < std::size(kValues)) return kValues[pick];
    return pick % 2 == 0 ? below(24) : size - below(16);
  }

  void mutate_bytes(Bytes& b) {
    const uint64_t word = below(b.size() / 4) * 4;
    uint32_t value;
    std::memcpy(&value, b.data() + word, 4);
    switch (below(6)) {
      case 0:
        b[below(b.size())] ^= static_cast<unsigned char>(1u << below(8));
        return;
      case 1: {
        const uint64_t v = interesting(b.size());
        std::memcpy(b.data() + word, &v, word + 8 <= b.size() && below(2) != 0 ? 8 : 4);
        return;
      }
      case 2:
        value += static_cast<uint32_t>(below(5)) - 2;
        break;
      case 3:
        std::memcpy(&value, b.data() + below(b.size() / 4) * 4, 4);
        break;
      case 4:
        b[below(b.size())] = static_cast<unsigned char>(random_());
        return;
      default:
        if (below(8) != 0) return;
        b.resize(below(b.size()));
        if (const uint64_t size = b.size(); size >= 24 && below(4) != 0)
          std::memcpy(b.data() + 8, &size, 8);
        return;
    }
    std::memcpy(b.data() + word, &value, 4);
  }

  Bytes mutate_sections(std::vector<Section> s) {
    Section& a = s[below(s.size())];
    Section& b = s[below(s.size())];
    switch (below(7)) {
      case 0:
        std::swap(a.data, b.data);
        break;
      case 1:
        std::swap(a.kind, b.kind);
        break;
      case 2: {  // from another graph
        const auto& other = apart_[below(apart_.size())];
        const Section& from = other[below(other.size())];
        if (Section* to = find(s, from.kind)) *to = from;
        break;
      }
      case 3:
        widen(a, a.kind == HY_SECTION_STRINGS ? 0 : static_cast<uint32_t>(below(3)) * 8);
        break;
      case 4:
        copy_record(a);
        break;
      case 5:
        a.data.resize(a.data.size() / a.stride / 2 * a.stride);
        break;
      default:
        a.data.insert(a.data.end(), a.data.begin(), a.data.end());
        break;
    }
    if (below(4) == 0) {
      Section& c = s[below(s.size())];
      copy_record(c);
    }
    return put_together(s);
  }

  void copy_record(Section& s) {
    const uint64_t count = s.data.size() / s.stride;
    if (count == 0) return;
    const Bytes copy(s.data.begin() + static_cast<std::ptrdiff_t>(below(count) * s.stride),
                     s.data.end());
    std::memcpy(s.data.data() + below(count) * s.stride, copy.data(), s.stride);
  }

  std::mt19937_64 random_;
  std::vector<Bytes> seeds_;
  std::vector<std::vector<Section>> apart_;
};

int fuzz(uint64_t runs, uint64_t seed) {
  std::printf("graph_fuzz: %" PRIu64 " runs, seed %" PRIu64 "\n", runs, seed);
  std::fflush(stdout);
  Mutator mutator(seed);
  uint64_t valid = 0, sum = 0;
  for (uint64_t i = 0; i < runs; ++i) {
    const Bytes bytes = mutator.next();
    char message[256];
    const hy_status status = hy_graph_validate(bytes.data(), bytes.size(), message, sizeof message);
    if (status != HY_OK) {
      if (status == HY_ERROR_INVALID_MODEL && message[0] != 0) continue;
      std::printf("run %" PRIu64 ": status %d, message \"%s\"\n", i, status, message);
      return 1;
    }
    ++valid;
    const GraphWalk walk({bytes.data(), bytes.size()});
    sum += walk.sum();
    if (!walk.problem().empty()) {
      std::printf("run %" PRIu64 ": the validator took it, but %s\n", i, walk.problem().c_str());
      return 1;
    }
  }
  std::printf("graph_fuzz: %" PRIu64 " of %" PRIu64
              " mutants were graphs still; all of them in bounds (sum %" PRIu64 ")\n",
              valid, runs, sum);
  return 0;
}

}  // namespace
}  // namespace halyard::test

int main(int argc, char** argv) {
  const char* env = std::getenv("HALYARD_FUZZ_RUNS");
  const char* runs = argc > 1 ? argv[1] : env != nullptr ? env : "1000000";
  return halyard::test::fuzz(std::strtoull(runs, nullptr, 10),
                             argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
}
