#include "value_type.hpp"

#include <string>

#include "element_type.hpp"
#include "tensor_data.hpp"

namespace halyard::onnx {
namespace {

/// Exporters write these for "some size", in places that have nothing to do with each other.
bool names_nothing(std::string_view param) {
  return param.empty() || param == "?" || param == "None" || param == "-1" || param == "*";
}

Result<ShapeSpec> input_shape(const proto::ValueInfo& info, GraphWriter& writer) {
  if (!info.has_shape) return ShapeSpec();
  std::vector<int64_t> sizes;
  for (const proto::Dim& d : info.dims) sizes.push_back(d.has_value ? d.value : 1);
  if (const auto count = element_count(sizes); !count.ok())
    return invalid_model(count.status().message() +
                         " (a dim of any size has a name, or nothing, in place of a value)");
  std::vector<DimSpec> dims;
  for (const proto::Dim& d : info.dims) {
    if (d.has_value) {
      dims.push_back(DimSpec::fixed(d.value));
      continue;
    }
    const std::string own = std::string(info.name) + "." + std::to_string(dims.size());
    dims.push_back(DimSpec::symbol(writer.symbol(names_nothing(d.param) ? own : d.param)));
  }
  return ShapeSpec(std::move(dims));
}

}  // namespace

Result<InputType> input_type(const proto::ValueInfo& info, GraphWriter& writer) {
  if (info.kind == proto::TypeKind::kNone) return invalid_model("it has no type");
  const bool optional = info.kind == proto::TypeKind::kOptional;
  const proto::TypeKind held = optional ? info.inner : info.kind;
  if (held != proto::TypeKind::kTensor && held != proto::TypeKind::kSequence)
    return unsupported(
        "it is a map, a sparse tensor or nested; tensors, sequences and optionals can be inputs");
  InputType out;
  out.type = declared_type(info);
  if (optional) out.key = held == proto::TypeKind::kTensor ? HY_TYPE_TENSOR : HY_TYPE_SEQUENCE;
  out.dtype = dtype_of(info.elem_type);
  if (out.dtype == HY_DTYPE_UNDEFINED)
    return invalid_model("its element type is number " + std::to_string(info.elem_type) +
                         ", which is not known");
  if (held == proto::TypeKind::kTensor && !optional) {
    HY_ASSIGN_OR_RETURN(out.shape, input_shape(info, writer));
  }
  return out;
}

ValueFacts declared_facts(const proto::ValueInfo& info) {
  ValueFacts out;
  out.dtype = dtype_of(info.elem_type);
  if (info.has_shape) out.rank = static_cast<int64_t>(info.dims.size());
  return out;
}

uint32_t declared_type(const proto::ValueInfo& info) {
  if (info.kind == proto::TypeKind::kSequence) return HY_TYPE_SEQUENCE;
  if (info.kind == proto::TypeKind::kOptional) return HY_TYPE_OPTIONAL;
  return HY_TYPE_TENSOR;
}

}  // namespace halyard::onnx
