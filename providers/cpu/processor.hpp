// The processor this runs on, as far as estimates and reports need it.
#pragma once

#include <cstdint>
#include <string>

namespace halyard::cpu {

struct Processor {
  std::string name;          // "AMD EPYC ..."
  std::string instructions;  // the widest that kernels use: "avx512", "avx2" or "baseline"
  int cores = 1;             // that this process may use
  double flops = 0;          // of all cores, f32, as matrix products reach them
  double bandwidth = 0;      // bytes a second
  uint64_t memory_bytes = 0;
};

/// Cheap. Any thread.
Processor this_processor();

}  // namespace halyard::cpu
