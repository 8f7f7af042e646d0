// The operators of sequences, optionals and maps.
#pragma once

#include <memory>

#include "core/graph/graph.hpp"
#include "core/runtime/core_node.hpp"

namespace halyard::core {

/// Fails at its run, with INTERNAL, for an operator that it does not know.
std::unique_ptr<CoreNode> make_sequence_node(const NodeData& node);

}  // namespace halyard::core
