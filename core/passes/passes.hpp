// Small rewrites of a graph, one a file. Each keeps the graph valid and what its outputs compute.
#pragma once

#include "core/opset/infer.hpp"
#include "core/plugin/provider.hpp"

namespace halyard::core {

/// Replaces reads of what an Identity copies by reads of the original.
void remove_identities(Graph& graph);

/// Replaces an If whose condition shape inference knows by the nodes of the branch that it takes. The new
/// values are not inferred yet. True: something was replaced.
bool inline_known_branches(Graph& graph, const Inference& inference);

/// Removes nodes, constants and values that no output depends on. Graph inputs stay. Renumbers values.
void remove_dead_code(Graph& graph);

/// Replaces values whose content shape inference knows by constants: shape arithmetic.
void fold_known_ints(Graph& graph, const Inference& inference);

/// Where folded constants go that are too large to stand in the graph: gives the weight's id.
using WeightAdder = std::function<uint64_t(std::shared_ptr<const std::vector<unsigned char>>)>;

/// Computes every node whose operands are all constants on this device, whose provider must be exact.
/// Nodes that the device refuses, or fails on, stay, and so do random ones. Results of over kMaxFoldedBytes stay, too.
inline constexpr int64_t kMaxFoldedBytes = 64 << 20;
Status fold_constants(Graph& graph, const std::shared_ptr<Device>& device, hy_weights& weights,
                      const WeightAdder& add_weight, const Logger& logger);

}  // namespace halyard::core
