// Sequences, optionals and maps.
#include <fmt/format.h>

#include "core/opset/shapes.hpp"
#include "core/opset/type_join.hpp"

namespace halyard::core {
namespace {

TensorType of_kind(TensorType type, uint32_t kind) {
  type.kind = kind;
  return type;
}

/// The shape that an element and those of a sequence have in common.
Shape common_shape(const TensorType& a, const TensorType& b) {
  TensorType x = a, y = b;
  x.kind = y.kind = HY_TYPE_TENSOR;
  const auto joined = join_types(x, y);
  return joined ? joined->shape : std::nullopt;
}

}  // namespace

Status infer_identity(InferContext& context) {
  context.set_output(0, context.input(0));
  return {};
}

Status infer_sequence_construct(InferContext& context) {
  TensorType type = context.input(0);
  for (size_t i = 1; i < context.input_count(); ++i)
    type.shape = common_shape(type, context.input(i));
  context.set_output(0, of_kind(std::move(type), HY_TYPE_SEQUENCE));
  return {};
}

Status infer_sequence_empty(InferContext& context) {
  const auto dtype = static_cast<uint32_t>(context.node().attr_int("dtype", HY_DTYPE_F32));
  if (dtype_name(dtype) == std::string_view("undefined"))
    return context.error(fmt::format("attribute \"dtype\" is {}, which is no type", dtype));
  context.set_output(0, TensorType{dtype, std::nullopt, HY_TYPE_SEQUENCE});
  return {};
}

Status infer_sequence_insert(InferContext& context) {
  TensorType type = context.input(0);
  type.shape = common_shape(type, context.input(1));
  if (type.dtype == HY_DTYPE_UNDEFINED) type.dtype = context.dtype(1);
  context.set_output(0, std::move(type));
  return {};
}

Status infer_sequence_at(InferContext& context) {
  context.set_output(0, of_kind(context.input(0), HY_TYPE_TENSOR));
  return {};
}

Status infer_sequence_length(InferContext& context) {
  context.set_output(0, HY_DTYPE_I64, Dims());
  return {};
}

Status infer_split_to_sequence(InferContext& context) {
  TensorType type = of_kind(context.input(0), HY_TYPE_SEQUENCE);
  if (type.shape) {
    HY_ASSIGN_OR_RETURN(const size_t axis,
                        axis_of(context, context.node().attr_int("axis"), type.shape->size()));
    const auto at = type.shape->begin() + static_cast<std::ptrdiff_t>(axis);
    if (context.has_input(1))
      *at = Dim::unknown();
    else if (context.node().attr_int("keepdims", 1) != 0)
      *at = Dim::fixed(1);
    else
      type.shape->erase(at);
  }
  context.set_output(0, std::move(type));
  return {};
}

Status infer_concat_from_sequence(InferContext& context) {
  TensorType type = of_kind(context.input(0), HY_TYPE_TENSOR);
  if (type.shape) {
    const bool fresh = context.node().attr_int("new_axis") != 0;
    const size_t rank = type.shape->size() + (fresh ? 1 : 0);
    if (rank == 0) return context.error("scalars are joined along a new axis alone (new_axis = 1)");
    HY_ASSIGN_OR_RETURN(const size_t axis, axis_of(context, context.node().attr_int("axis"), rank));
    const auto at = type.shape->begin() + static_cast<std::ptrdiff_t>(axis);
    if (fresh)
      type.shape->insert(at, Dim::unknown());
    else
      *at = Dim::unknown();
  }
  context.set_output(0, std::move(type));
  return {};
}

Status infer_optional(InferContext& context) {
  TensorType type;
  if (context.has_input(0)) {
    type = context.input(0);
    type.key = type.kind;
  } else if (context.node().has_output(0)) {
    type = context.graph().values[context.node().outputs[0]].type;  // as it is declared
  }
  context.set_output(0, of_kind(std::move(type), HY_TYPE_OPTIONAL));
  return {};
}

Status infer_optional_has_element(InferContext& context) {
  context.set_output(0, HY_DTYPE_BOOL, Dims());
  return {};
}

Status infer_optional_get_element(InferContext& context) {
  TensorType type = context.input(0);
  if (type.kind == HY_TYPE_OPTIONAL) {
    type.kind = type.key;
    type.key = 0;
  }
  context.set_output(0, std::move(type));
  return {};
}

Status infer_zip_map(InferContext& context) {
  const bool strings = context.node().attribute("classlabels_strings") != nullptr;
  const bool ints = context.node().attribute("classlabels_int64s") != nullptr;
  if (strings == ints)
    return context.error(
        "one of the attributes \"classlabels_strings\" and \"classlabels_int64s\" must be given");
  TensorType type = of_kind(context.input(0), HY_TYPE_MAP);
  type.key = strings ? HY_DTYPE_STRING : HY_DTYPE_I64;
  context.set_output(0, std::move(type));
  return {};
}

}  // namespace halyard::core
