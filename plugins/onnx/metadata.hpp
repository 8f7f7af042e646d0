// What a model says about itself, as pairs of text.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "proto.hpp"

namespace halyard::onnx {

/// onnx.ir_version, onnx.opset.DOMAIN (the standard one is ai.onnx), onnx.model_version, onnx.domain,
/// producer, producer_version, description, graph_description, then metadata_props as they are. What is
/// empty or not UTF-8 is left out.
std::vector<std::pair<std::string, std::string>> metadata_of(const proto::Model& model);

}  // namespace halyard::onnx
