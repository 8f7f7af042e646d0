// What `run` prints.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "npy.hpp"
#include "ranking.hpp"

namespace halyard::cli {

struct Prediction {
  double ms = 0;  // of the run alone
  NamedTensors outputs;
  std::vector<Ranked> top;
  std::vector<std::string> differences;
};

struct RunReport {
  std::string model, plan, summary;  // plan: JSON
  bool compared = false;
  std::vector<Prediction> predictions;

  bool as_expected() const {
    return std::all_of(predictions.begin(), predictions.end(),
                       [](const Prediction& p) { return p.differences.empty(); });
  }
};

/// To stdout; the differences go to stderr too.
void print_text(const RunReport& report);
void print_json(const RunReport& report);

}  // namespace halyard::cli
