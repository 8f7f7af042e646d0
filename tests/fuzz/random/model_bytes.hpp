// A random graph as a model file, and as text.
#pragma once

#include <string>

#include "tests/fuzz/random/value.hpp"

namespace halyard::fuzz {

inline std::string value_name(int number) { return "v" + std::to_string(number); }
/// Every value that a node makes is an output where all is true, else those that nothing reads.
std::string model_bytes(const RandomGraph& graph, bool all);
/// The outputs of model_bytes.
std::vector<int> output_values(const RandomGraph& graph, bool all);
/// A line for each input, constant and node.
std::string describe(const RandomGraph& graph);

}  // namespace halyard::fuzz
