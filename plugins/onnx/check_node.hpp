// Whether a node is what the operator table says of its operator.
#pragma once

#include "halyard/graph_builder.hpp"
#include "halyard/status.hpp"

namespace halyard::onnx {

/// Checks the number of operands, that required ones are there, and names and types of attributes.
/// Fails with INVALID_MODEL, and with UNSUPPORTED for an attribute that the row does not have: to ignore it
/// would change the result. Operators without a row pass.
Status check_node(const NodeSpec& node);

}  // namespace halyard::onnx
