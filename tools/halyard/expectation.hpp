// What --expect asks for: an archive against the outputs of a prediction.
#pragma once

#include <string>
#include <vector>

#include "compare.hpp"
#include "npy.hpp"

namespace halyard::cli {

/// One line for each output that is not as expected; empty: all are. The archive's keys decide: an
/// output that it lacks is not compared, a key that is no output of the model is a difference, and
/// so is an archive without arrays.
std::vector<std::string> differences(const NamedTensors& outputs, const NamedTensors& expected,
                                     Tolerance tolerance);

}  // namespace halyard::cli
