// An ONNX SequenceProto or OptionalProto in a file (.pb): field numbers from onnx-data.proto.
#pragma once

#include <string_view>

#include "host_tensor.hpp"

namespace halyard::cli {

/// A value of that kind: HY_TYPE_TENSOR, HY_TYPE_SEQUENCE of tensors, or HY_TYPE_OPTIONAL of one of these
/// two. Fails on maps, sparse tensors and nested sequences.
Result<HostTensor> parse_value_proto(std::string_view bytes, uint32_t kind);

}  // namespace halyard::cli
