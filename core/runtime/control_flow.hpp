// If, Loop, Scan and SequenceMap.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/runtime/core_node.hpp"
#include "core/runtime/program.hpp"

namespace halyard::core {

/// The programs of a node's bodies, and their names in the same order.
struct NodeBodies {
  const std::vector<std::unique_ptr<Program>>& programs;
  const std::vector<BodyPlan>& plans;
  Program& named(std::string_view name) const;
};

std::unique_ptr<CoreNode> make_if(const NodeData& node, const NodeBodies& bodies);
std::unique_ptr<CoreNode> make_loop(const NodeData& node, const NodeBodies& bodies);
std::unique_ptr<CoreNode> make_scan(const NodeData& node, const NodeBodies& bodies);
std::unique_ptr<CoreNode> make_sequence_map(const NodeData& node, const NodeBodies& bodies);

}  // namespace halyard::core
