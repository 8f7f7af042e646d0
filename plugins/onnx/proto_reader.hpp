// Finds the messages of proto.hpp in the bytes of a file.
#pragma once

#include <string_view>

#include "halyard/status.hpp"
#include "proto.hpp"

namespace halyard::onnx {

/// Cuts the tensors' bytes out of the file (skeleton.hpp), lets protobuf parse what is left, and shows it as
/// the importer's messages. No byte of tensor data is read. The result views the file. Unknown fields are
/// skipped. Fails with INVALID_MODEL on what is not wire format (with the byte and what is wrong there), on a
/// message or tensor field of a wrong kind, on names that are not UTF-8, and on graphs nested deeper than a
/// graph may be.
Result<proto::Model> read_model(std::string_view file);

}  // namespace halyard::onnx
