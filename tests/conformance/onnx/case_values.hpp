// The recorded inputs and outputs of a case.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "halyard/halyard.hpp"
#include "host_tensor.hpp"

namespace halyard::conformance {

/// One recorded value. name: empty where the record has none.
struct Value {
  std::string name;
  cli::HostTensor tensor;
};

struct DataSet {
  std::vector<Value> inputs, outputs;
};

/// {"kind": "tensor", "file": "input_0.pb"}. UNSUPPORTED for the kinds that are not read.
Result<Value> read_value(const nlohmann::json& spec);

/// A record in one JSON file: {"inputs": [{name, type, dims, b64}], "outputs": ...}.
Result<DataSet> read_record(const std::string& path);

/// arange(n) / n in f32, in the shape of the port, whose dims must be known.
Result<cli::HostTensor> ramp(const Port& port);

}  // namespace halyard::conformance
