#include "core/plan/core_nodes.hpp"

#include <algorithm>

namespace halyard::core {
namespace {

constexpr std::string_view kAlways[] = {"If",
                                        "Loop",
                                        "Scan",
                                        "SequenceMap",
                                        "SequenceConstruct",
                                        "SequenceEmpty",
                                        "SequenceInsert",
                                        "SequenceErase",
                                        "SequenceAt",
                                        "SequenceLength",
                                        "SplitToSequence",
                                        "ConcatFromSequence",
                                        "Optional",
                                        "OptionalHasElement",
                                        "OptionalGetElement"};

}  // namespace

bool runs_in_core(const Graph& graph, const NodeData& node) {
  if (node.domain == "ai.onnx.ml") return node.op == "ZipMap";
  if (!node.domain.empty()) return false;
  if (node.op == "Identity")
    return node.has_input(0) && !graph.values[node.inputs[0]].type.is_tensor();
  return std::find(std::begin(kAlways), std::end(kAlways), node.op) != std::end(kAlways);
}

}  // namespace halyard::core
