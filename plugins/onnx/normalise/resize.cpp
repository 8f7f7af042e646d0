// Resize of all versions, and Upsample, its ancestor.
#include <string>

#include "normalise/table.hpp"
#include "text.hpp"

namespace halyard::onnx {
namespace {

/// Upsample and Resize of opset 10 say only the mode: coordinates are asymmetric, the nearest is below.
Status finish_asymmetric(Rewriter& node, uint32_t scales) {
  Result<std::string> taken = node.take_string("mode", "nearest");
  if (!taken.ok()) return taken.status();
  std::string& mode = *taken;
  if (mode == "bilinear") mode = "linear";  // its name in opset 1
  if (mode != "nearest" && mode != "linear")
    return invalid_model("mode is " + quote(mode) + "; it must be \"nearest\" or \"linear\"");
  Attributes attributes = node.rest();
  attributes.emplace_back("mode", mode);
  attributes.emplace_back("coordinate_transformation_mode", std::string("asymmetric"));
  attributes.emplace_back("nearest_mode", std::string("floor"));
  return node.finish("Resize", {node.input(0), HY_NONE, scales}, std::move(attributes));
}

bool is_empty(const Rewriter& node, uint32_t value) {
  const TensorData* known = node.known(value);
  return known != nullptr && known->bytes.empty();
}

}  // namespace

Status upsample(Rewriter& node) {
  if (node.version() >= 9) return finish_asymmetric(node, node.input(1));
  HY_ASSIGN_OR_RETURN(const auto scales, node.take_floats("scales"));
  HY_ASSIGN_OR_RETURN(const double height, node.take_float("height_scale", 0));
  HY_ASSIGN_OR_RETURN(const double width, node.take_float("width_scale", 0));
  if (scales) return finish_asymmetric(node, node.floats(*scales));
  if (height <= 0 || width <= 0)
    return invalid_model("attribute \"scales\" is missing; Upsample needs it");
  return finish_asymmetric(node, node.floats({1, 1, height, width}));
}

Status resize_10(Rewriter& node) { return finish_asymmetric(node, node.input(1)); }

/// Since opset 11 operands that are not meant may be empty tensors; here they are absent.
Status resize(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const std::string coordinates,
                      node.take_string("coordinate_transformation_mode", "half_pixel"));
  uint32_t roi = node.input(1), scales = node.input(2), sizes = node.input(3);
  if (coordinates != "tf_crop_and_resize") roi = HY_NONE;
  if (is_empty(node, scales)) scales = HY_NONE;
  if (is_empty(node, sizes)) sizes = HY_NONE;
  if (scales == HY_NONE && sizes == HY_NONE)
    return invalid_model("it has neither scales nor sizes; Resize needs one of them");
  Attributes attributes = node.rest();
  attributes.emplace_back("coordinate_transformation_mode", coordinates);
  return node.finish("Resize", {node.input(0), roi, scales, sizes}, std::move(attributes));
}

}  // namespace halyard::onnx
