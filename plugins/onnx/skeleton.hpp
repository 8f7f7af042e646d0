// A model file without its tensors' bytes: what is left for a protobuf parser.
#pragma once

#include <string>
#include <string_view>

#include "halyard/status.hpp"

namespace halyard::onnx {

/// Walks the file once on the wire level and copies it, but for the bytes of tensors: each is replaced by
/// a Payload of schema/onnx.proto, which says where in the file they lie. So weights stay in the memory
/// map and files of any size can be parsed. Fails with INVALID_MODEL, with the position, where the file is
/// not wire format, a length does not fit, or graphs nest deeper than HY_GRAPH_MAX_DEPTH.
Result<std::string> skeleton_of(std::string_view file);

}  // namespace halyard::onnx
