// An ONNX TensorProto in a file (.pb): field numbers from onnx.proto.
#pragma once

#include <string_view>

#include "host_tensor.hpp"

namespace halyard::cli {

/// Reads the wire format itself: raw data, and the typed fields, packed or not. External data is
/// refused.
Result<HostTensor> parse_tensor_proto(std::string_view bytes);

}  // namespace halyard::cli
