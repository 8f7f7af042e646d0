// One case: a model, its recorded data, and what came of it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "halyard/halyard.hpp"

namespace halyard::conformance {

struct Outcome {
  std::string status;    // pass, wrong, load, unplaced, run, data
  std::string detail;    // one line; empty for pass
  bool claimed = false;  // the first provider has a node of it, or there is none to have
};

/// What the worker was started with.
struct Setting {
  SessionOptions session;
  std::string first_provider;  // empty: any
};

/// spec: {"model", "rtol", "atol", "half_rtol", and one of
///   "sets": [{"inputs": [value...], "outputs": [value...]}...],
///   "record": FILE,
///   "ramp": true with "sets" that hold outputs alone,
///   "robust": true, which any answer passes}.
/// Types and dims must be equal, strings and the types that are not compared as numbers exact.
Outcome check_case(const Runtime& runtime, const Setting& setting, const nlohmann::json& spec);

}  // namespace halyard::conformance
