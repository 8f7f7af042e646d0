// A random graph as a model file, and as text.
#pragma once

#include <string>
#include <vector>

#include "tests/fuzz/random/value.hpp"

namespace halyard::fuzz {

struct ModelForm {
  bool all_outputs = false;  // every value that a node makes is one, else those that nothing reads
  bool open_dims = false;    // no dim of an input or output is known
};

inline std::string value_name(int number) { return "v" + std::to_string(number); }
std::string model_bytes(const RandomGraph& graph, const ModelForm& form);
/// The outputs of model_bytes.
std::vector<int> output_values(const RandomGraph& graph, bool all);
/// A line for each input, constant and node.
std::string describe(const RandomGraph& graph);

}  // namespace halyard::fuzz
