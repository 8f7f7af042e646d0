// A function of a program becomes a graph.
#pragma once

#include <string>
#include <vector>

#include "coreml.pb.h"
#include "literal.hpp"
#include "weights.hpp"

namespace halyard::coreml {

/// What a model says of its features, by name.
using Features = std::map<std::string, const schema::FeatureDescription*, std::less<>>;

/// The flat graph. UNSUPPORTED and INVALID_MODEL name the operation.
Result<std::vector<unsigned char>> import_function(const std::string& name,
                                                   const schema::Function& function,
                                                   const Features& inputs, Blobs& blobs,
                                                   Weights& weights);

}  // namespace halyard::coreml
