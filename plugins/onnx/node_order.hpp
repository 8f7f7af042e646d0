// The order of a graph's nodes, and the names that it takes from outside.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "halyard/status.hpp"
#include "proto.hpp"

namespace halyard::onnx {

/// A node's own name, or "Operator:output" where it has none.
std::string name_of(const proto::Node& node);
/// `node "conv1" (Conv)`
std::string describe(const proto::Node& node);

/// The domain of Gradient, which differentiates a value of its graph that it names by an attribute.
inline constexpr std::string_view kTrainingDomain = "ai.onnx.preview.training";
bool is_gradient(const proto::Node& node);
/// Of a Gradient: the value that it differentiates; empty where the attribute is missing.
std::string_view differentiated(const proto::Node& node);

/// Names that a graph uses and does not define, its bodies' included, in the order of their use.
std::vector<std::string_view> free_names(const proto::Graph& graph);
/// The same of the bodies of a node, together.
std::vector<std::string_view> captured_names(const proto::Node& node);

/// The nodes' numbers in an order in which every value is computed before it is used: their own order
/// where that is one. own: whether a name is an input or an initializer of the nodes' graph; outer:
/// whether one around it defines the name. Fails with INVALID_MODEL on a value that nothing defines or that is
/// defined twice in this graph, and on a cycle, naming the nodes.
using IsDefined = std::function<bool(std::string_view)>;
Result<std::vector<uint32_t>> order_nodes(const std::vector<proto::Node>& nodes,
                                          const IsDefined& own, const IsDefined& outer);

}  // namespace halyard::onnx
