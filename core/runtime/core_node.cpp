#include "core/runtime/core_node.hpp"

#include <fmt/format.h>

#include "core/runtime/control_flow.hpp"
#include "core/runtime/executor.hpp"
#include "core/runtime/sequences.hpp"

namespace halyard::core {

std::unique_ptr<CoreNode> make_core_node(Executor& executor, uint32_t cluster) {
  const Cluster& c = executor.program().plan().clusters[cluster];
  const NodeData& node = executor.graph().nodes[c.nodes.front()];
  const NodeBodies bodies{executor.program().bodies(cluster), c.bodies};
  if (node.op == "If") return make_if(node, bodies);
  if (node.op == "Loop") return make_loop(node, bodies);
  if (node.op == "Scan") return make_scan(node, bodies);
  if (node.op == "SequenceMap") return make_sequence_map(node, bodies);
  return make_sequence_node(node);
}

}  // namespace halyard::core
