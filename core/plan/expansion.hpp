// Expansion moves: which nodes should change to one device, all at once, found by a minimum cut.
#pragma once

#include <vector>

#include "core/plan/placement.hpp"

namespace halyard::core {

/// The placement that costs least among those where every node either stays where it is or changes to
/// `device`, by the sum of node costs, hand-overs of values (each once, however many nodes read it) and a
/// launch for a value that crosses devices. Boykov, Veksler, Zabih: Fast Approximate Energy Minimization
/// via Graph Cuts, 2001.
std::vector<uint32_t> expand(const PlacementProblem& problem, std::vector<uint32_t> device_of,
                             uint32_t device);

}  // namespace halyard::core
