#include "providers/cpu/processor.hpp"

#include <omp.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace halyard::cpu {

namespace {

// Guesses that hold within a factor of two or so; the core weighs providers by them.
constexpr double kClock = 2.5e9;
constexpr double kReached = 0.5;  // of the peak
constexpr double kBandwidthCore = 8e9, kBandwidthMost = 40e9;

std::string name_of_processor() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("model name", 0) != 0) continue;
    const size_t at = line.find(':');
    return at == std::string::npos || at + 2 > line.size() ? "CPU" : line.substr(at + 2);
  }
  return "CPU";
}

}  // namespace

Processor this_processor() {
  Processor p;
  p.name = name_of_processor();
  p.cores = std::max(1, omp_get_num_procs());
  double per_clock = 8;
  p.instructions = "baseline";
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    p.instructions = "avx2";
    per_clock = 32;
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
    p.instructions = "avx512";
    per_clock = 64;
  }
#endif
  p.flops = kReached * kClock * per_clock * p.cores;
  p.bandwidth = std::min(kBandwidthCore * p.cores, kBandwidthMost);
  const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
  if (pages > 0 && size > 0)
    p.memory_bytes = static_cast<uint64_t>(pages) * static_cast<uint64_t>(size);
  return p;
}

}  // namespace halyard::cpu
