// Messages that hold no nodes: tensors and types.
#include "proto_convert.hpp"

namespace halyard::onnx {

Status Converter::tensor(const schema::TensorProto& from, proto::Tensor* out) {
  constexpr uint32_t kStrings = 6, kRaw = 9;
  HY_RETURN_IF_ERROR(take_text(from.name(), "name of TensorProto", &out->name));
  out->dims.assign(from.dims().begin(), from.dims().end());
  out->data_type = from.data_type();
  out->external = from.data_location() == 1;
  for (const auto& entry : from.external_data())
    out->external_data.emplace_back(entry.key(), entry.value());
  for (const schema::Payload& p : from.payload()) {
    const std::string_view bytes = file_.substr(p.offset(), p.size());
    if (p.field() == kRaw) {
      out->raw = bytes;
      out->has_raw = true;
    } else if (p.field() == kStrings) {
      out->strings.push_back(bytes);
    } else {
      out->typed.push_back({p.field(), bytes});
    }
  }
  return {};
}

template <class Tensor>
Status Converter::tensor_type(const Tensor& from, proto::ValueInfo* out) {
  out->elem_type = from.elem_type();
  out->has_shape = from.has_shape();
  return take_each(from.shape().dim(), &out->dims,
                   [](const schema::TensorShapeProto::Dimension& d, proto::Dim* dim) {
                     dim->has_value = d.has_dim_value();
                     dim->value = d.dim_value();
                     return take_text(d.dim_param(), "dim_param of a dimension", &dim->param);
                   });
}

Status Converter::type(const schema::TypeProto& from, proto::ValueInfo* out) {
  // The tensors' type, where a sequence holds tensors.
  const auto element = [out](const schema::TypeProto& inner) {
    out->elem_type = inner.tensor_type().elem_type();
  };
  switch (from.value_case()) {
    case schema::TypeProto::kTensorType:
      out->kind = proto::TypeKind::kTensor;
      return tensor_type(from.tensor_type(), out);
    case schema::TypeProto::kSequenceType:
      out->kind = proto::TypeKind::kSequence;
      element(from.sequence_type().elem_type());
      return {};
    case schema::TypeProto::kOptionalType:
      HY_RETURN_IF_ERROR(type(from.optional_type().elem_type(), out));
      out->inner = out->kind;
      out->kind = proto::TypeKind::kOptional;
      return {};
    case schema::TypeProto::kMapType:
      out->kind = proto::TypeKind::kMap;
      return {};
    case schema::TypeProto::VALUE_NOT_SET:
      return {};
    default:
      out->kind = proto::TypeKind::kOther;
      return {};
  }
}

Status Converter::value_info(const schema::ValueInfoProto& from, proto::ValueInfo* out) {
  HY_RETURN_IF_ERROR(take_text(from.name(), "name of ValueInfoProto", &out->name));
  return from.has_type() ? type(from.type(), out) : Status();
}

}  // namespace halyard::onnx
