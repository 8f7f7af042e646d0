// What holds for every operator, by its declaration alone.
#pragma once

#include <string>

#include "core/graph/graph.hpp"
#include "halyard/opset.hpp"
#include "halyard/status.hpp"

namespace halyard::core {

/// "f32, i64": for messages.
std::string types_text(DtypeSet types);

/// Counts and types of the operands, presence and kinds of the attributes. Types that are not known yet
/// are passed over. Fails with INVALID_MODEL, naming node and operand.
Status check_node(const Graph& graph, const NodeData& node, const OperatorDecl& decl);

}  // namespace halyard::core
