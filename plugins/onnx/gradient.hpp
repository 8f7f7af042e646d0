// Reverse-mode differentiation of what was already written to the graph.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "halyard/graph_builder.hpp"
#include "rewriter.hpp"

namespace halyard::onnx {

/// Writes the nodes that compute the derivatives of the sum of y with respect to each of xs, and gives
/// their values. nodes: those of the subgraph so far, each after those it reads; y and xs are values of
/// it. Other operands, `fixed` among them, count as constants. A derivative has the shape of its x; of
/// one on which y does not depend it is zero.
///
/// UNSUPPORTED names the first operator between xs and y that has no rule (gradient.cpp has the table),
/// or a value whose element type the importer does not know.
Result<std::vector<uint32_t>> differentiate(Rewriter& rewriter, std::span<const NodeSpec> nodes,
                                            uint32_t y, std::span<const uint32_t> xs,
                                            std::span<const uint32_t> fixed);

}  // namespace halyard::onnx
