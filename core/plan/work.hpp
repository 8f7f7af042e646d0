// How much work a node is, on whatever device.
#pragma once

#include <vector>

#include "core/graph/graph.hpp"

namespace halyard::core {

struct Work {
  double operations = 0;  // arithmetic, as of f32
  double bytes = 0;       // read and written, each operand once
  bool assumed = false;   // some dims are not known; see node_work
};

/// A symbol counts as its smallest size, and as 1 at least; a dim that nothing is known of as 1.
Work node_work(const Graph& graph, const NodeData& node);
/// Bytes of a value, with dims counted likewise; 0 for what is no tensor of numbers.
double value_bytes(const Graph& graph, ValueId value);

}  // namespace halyard::core
