// Makes valid random graphs: dims agree and contents are well-conditioned by construction.
#pragma once

#include <set>
#include <string>

#include "tests/fuzz/random/value.hpp"

namespace halyard::fuzz {

/// The same graph for the same seed, everywhere.
RandomGraph make_graph(uint64_t seed);

/// The operators that graphs may hold.
const std::set<std::string>& covered_operators();

}  // namespace halyard::fuzz
