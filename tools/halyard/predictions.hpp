// What a run takes and gives, between host tensors and the API's.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "halyard/halyard.hpp"
#include "input_value.hpp"
#include "npy.hpp"

namespace halyard::cli {

/// Values for the ports: from an archive, and from --input texts (NAME=VALUE), which go before it.
/// Each has the port's type. Names that the model lacks are an error whose message has the right
/// ones.
Result<NamedTensors> gather_inputs(const std::vector<Port>& ports, NamedTensors archive,
                                   const std::vector<std::string>& texts,
                                   const ValueOptions& options);

/// Adds random:0 for every required port without a value; gives their names.
Result<std::vector<std::string>> fill_missing(const std::vector<Port>& ports, NamedTensors* values);

/// The API's view of a host tensor, which must outlive it.
Result<Tensor> to_tensor(HostTensor& tensor);
/// What Session::run takes: every value by its name, and the names of all outputs.
struct Bound {
  std::vector<Tensor> tensors;
  std::vector<std::pair<std::string, const Tensor*>> inputs;
  std::vector<std::string> outputs;
};
/// The values must outlive it, and stay where they are.
Result<Bound> bind_values(const std::vector<Port>& outputs, NamedTensors& values);
/// What a model with states runs on, as it is before any run; null for one without.
Result<std::shared_ptr<State>> fresh_state(const Session& session);
/// A result, copied, with all its parts.
Result<HostTensor> to_host(const Tensor& tensor);
/// Appends a result by its parts: a sequence is NAME.0, NAME.1, ..., a map NAME.keys and NAME.values, an
/// optional what it holds.
Status append_host(const std::string& name, const Tensor& tensor, NamedTensors* to);

}  // namespace halyard::cli
