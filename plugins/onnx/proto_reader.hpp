// Finds the messages of proto.hpp in the bytes of a file.
#pragma once

#include <string_view>

#include "halyard/status.hpp"
#include "proto.hpp"

namespace halyard::onnx {

/// Walks the whole file once, without reading a byte of tensor data. The result views the file. Unknown
/// fields are skipped. Fails with INVALID_MODEL, the byte and what is wrong there, on what is not wire
/// format, on a known field of a wrong kind, on names that are not UTF-8, and on graphs nested deeper
/// than a graph may be.
Result<proto::Model> read_model(std::string_view file);

}  // namespace halyard::onnx
