// Which file a MODEL argument means.
#pragma once

#include <string>

#include "halyard/status.hpp"

namespace halyard::cli {

/// The path itself for a file, or for a folder that is a model (.mlpackage, .mlmodelc); for another
/// folder the one model in it. INVALID_MODEL where there is none, or several, which are named.
Result<std::string> resolve_model(const std::string& path);

}  // namespace halyard::cli
