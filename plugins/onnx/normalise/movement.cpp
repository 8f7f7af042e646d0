// Old forms of operators that change shapes: their attributes became operands.
#include <string>

#include "element_type.hpp"
#include "normalise/table.hpp"
#include "text.hpp"

namespace halyard::onnx {

/// Squeeze, Unsqueeze, Reduce...: absent and empty axes mean the same in the old forms.
Status axes_attribute(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const auto axes, node.take_ints("axes"));
  if (node.input_count() > 1)
    return invalid_model(
        "it has " + std::to_string(node.input_count()) + " inputs; before opset " +
        (node.op().starts_with("Reduce") && node.op() != "ReduceSum" ? "18" : "13") +
        " it has 1, and its axes are an attribute");
  if (!axes || axes->empty()) return node.finish({node.input(0)});
  return node.finish({node.input(0), node.ints(*axes)});
}

/// Empty axes are no axes: every dim of 1 goes.
Status squeeze(Rewriter& node) {
  if (!node.has_input(1)) return node.finish();
  const auto axes = node.known_ints(node.input(1));
  if (axes && axes->empty()) return node.finish({node.input(0)});
  return node.finish();
}

Status reshape_attribute(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const auto shape, node.take_ints("shape"));
  if (!shape) return node.finish();
  return node.finish({node.input(0), node.ints(*shape)});
}

Status slice_attributes(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const auto starts, node.take_ints("starts"));
  HY_ASSIGN_OR_RETURN(const auto ends, node.take_ints("ends"));
  HY_ASSIGN_OR_RETURN(const auto axes, node.take_ints("axes"));
  if (!starts || !ends) return invalid_model("attribute \"starts\" or \"ends\" is missing");
  const uint32_t from = node.ints(*starts), to = node.ints(*ends);
  return node.finish({node.input(0), from, to, axes ? node.ints(*axes) : HY_NONE});
}

/// Without sizes it divides evenly among the outputs, which the newest form wants said.
Status split(Rewriter& node) {
  uint32_t sizes = node.input(1);
  if (node.version() < 13) {
    HY_ASSIGN_OR_RETURN(const auto list, node.take_ints("split"));
    if (list && !list->empty()) sizes = node.ints(*list);
  }
  Attributes attributes = node.rest();
  bool counted = false;
  for (const auto& a : attributes) counted = counted || a.first == "num_outputs";
  if (sizes == HY_NONE && !counted)
    attributes.emplace_back("num_outputs", static_cast<int64_t>(node.output_count()));
  return node.finish("Split", {node.input(0), sizes}, std::move(attributes));
}

Status pad_attributes(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(auto pads, node.take_ints(node.version() < 2 ? "paddings" : "pads"));
  HY_ASSIGN_OR_RETURN(const double value, node.take_float("value", 0));
  if (!pads) return invalid_model("attribute \"pads\" is missing; Pad needs it");
  const uint32_t x = node.input(0), amounts = node.ints(*pads);
  return node.finish({x, amounts, value == 0 ? HY_NONE : node.scalar(node.facts(x).dtype, value)});
}

/// The name of before opset 11.
Status scatter(Rewriter& node) {
  return node.finish("ScatterElements", node.inputs(), node.rest());
}

/// ONNX's element type becomes the graph's.
/// ONNX's number of an element type becomes ours.
Status dtype_attribute(Rewriter& node) {
  Attributes types;
  for (const char* name : {"dtype", "output_dtype", "softmax_precision"}) {
    if (!node.has(name)) continue;
    HY_ASSIGN_OR_RETURN(const int64_t number, node.take_int(name, 0));
    const uint32_t dtype = dtype_of(number);
    if (dtype == HY_DTYPE_UNDEFINED && number != 0)  // 0: nothing is asked for
      return invalid_model("attribute " + quote(name) + " is " + std::to_string(number) +
                           ", which is no known element type");
    if (number != 0) types.emplace_back(name, static_cast<int64_t>(dtype));
  }
  Attributes attributes = node.rest();
  attributes.insert(attributes.end(), types.begin(), types.end());
  return node.finish(node.op(), node.inputs(), std::move(attributes));
}

Status old_concat(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const int64_t axis, node.take_int("axis", 1));
  Attributes attributes = node.rest();
  attributes.emplace_back("axis", axis);
  return node.finish("Concat", node.inputs(), std::move(attributes));
}

Status old_tile(Rewriter&) {
  return unsupported("Tile of before opset 6 is not read; convert the model to opset 6 or newer");
}

}  // namespace halyard::onnx
