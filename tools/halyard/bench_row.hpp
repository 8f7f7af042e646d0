// One row of a benchmark: a model with one setting, measured in this process.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "verbs.hpp"

namespace halyard::cli {

struct BenchSetting {
  int64_t batch = 1;       // the first dim of inputs where it is open
  size_t concurrency = 1;  // threads that predict at once
  size_t warmup = 5;       // predictions before the measured ones, of each thread
  size_t iterations = 0;   // of each thread; 0: as many as the time allows
  std::chrono::duration<double> time{5};
  std::vector<std::string> input;   // NAME=VALUE
  std::vector<std::string> inputs;  // at most one .npz
};

/// As `halyard bench --json` has it. Inputs are made once, outside of the timing; load_ms counts from the
/// call that reads the model to the session being ready; the times are of single predictions.
Result<nlohmann::ordered_json> bench_row(const Common& common, ModelOptions& model,
                                         const BenchSetting& setting);

/// The value at a part 0..1 of the sorted times, between neighbours in proportion.
double percentile(const std::vector<double>& sorted, double part);

}  // namespace halyard::cli
