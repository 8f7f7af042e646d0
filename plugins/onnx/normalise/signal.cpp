// Operators on signals.
#include <string>

#include "element_type.hpp"
#include "normalise/table.hpp"

namespace halyard::onnx {

/// Before opset 20 the axis is an attribute, and the first after the batch by default.
Status dft_axis_attribute(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const int64_t axis, node.take_int("axis", 1));
  return node.finish({node.input(0), node.input(1), node.ints({axis})});
}

/// Of windows and MelWeightMatrix: ONNX's element type becomes the graph's.
Status output_datatype(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const int64_t number, node.take_int("output_datatype", 1));
  const uint32_t dtype = dtype_of(number);
  if (dtype == HY_DTYPE_UNDEFINED)
    return invalid_model("attribute \"output_datatype\" is " + std::to_string(number) +
                         ", which is no known element type");
  Attributes attributes = node.rest();
  attributes.emplace_back("output_datatype", static_cast<int64_t>(dtype));
  return node.finish(node.op(), node.inputs(), std::move(attributes));
}

}  // namespace halyard::onnx
