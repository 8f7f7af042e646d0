// Messages that hold no nodes: tensors, types, pairs.
#include "proto_decoder.hpp"
#include "wire_message.hpp"

namespace halyard::onnx {

Status Decoder::entry(std::string_view bytes, std::pair<std::string_view, std::string_view>* out) {
  WireMessage m(bytes, file_, "StringStringEntryProto");
  for (WireField f; m.next(&f);) {
    if (f.number == 1) m.take_bytes(f, &out->first);
    if (f.number == 2) m.take_bytes(f, &out->second);
  }
  return m.status();
}

Status Decoder::opset(std::string_view bytes, std::pair<std::string_view, int64_t>* out) {
  WireMessage m(bytes, file_, "OperatorSetIdProto");
  for (WireField f; m.next(&f);) {
    if (f.number == 1) m.take_text(f, &out->first);
    if (f.number == 2) m.take_int(f, &out->second);
  }
  return m.status();
}

Status Decoder::tensor(std::string_view bytes, proto::Tensor* out) {
  WireMessage m(bytes, file_, "TensorProto");
  int64_t location = 0;
  for (WireField f; m.next(&f);) {
    switch (f.number) {
      case 1:
        m.take_ints(f, &out->dims);
        break;
      case 2:
        m.take_int(f, &out->data_type);
        break;
      case proto::kFloatData:
      case proto::kInt32Data:
      case proto::kInt64Data:
      case proto::kDoubleData:
      case proto::kUint64Data:
        out->typed.push_back({f.number, f.bytes});
        break;
      case 6:
        m.take_bytes(f, &out->strings.emplace_back());
        break;
      case 8:
        m.take_text(f, &out->name);
        break;
      case 9:
        m.take_bytes(f, &out->raw);
        out->has_raw = true;
        break;
      case 13:
        m.take_message(f, [&](auto b) { return entry(b, &out->external_data.emplace_back()); });
        break;
      case 14:
        m.take_int(f, &location);
        break;
      default:
        break;
    }
  }
  out->external = location == 1;
  return m.status();
}

Status Decoder::sparse_name(std::string_view bytes, std::string_view* out) {
  WireMessage m(bytes, file_, "SparseTensorProto");
  proto::Tensor values;
  for (WireField f; m.next(&f);)
    if (f.number == 1) m.take_message(f, [&](auto b) { return tensor(b, &values); });
  *out = values.name;
  return m.status();
}

Status Decoder::dim(std::string_view bytes, proto::Dim* out) {
  WireMessage m(bytes, file_, "TensorShapeProto.Dimension");
  for (WireField f; m.next(&f);) {
    if (f.number == 1) {
      m.take_int(f, &out->value);
      out->has_value = true;
    }
    if (f.number == 2) {
      m.take_text(f, &out->param);
      out->has_value = false;
    }
  }
  return m.status();
}

Status Decoder::shape(std::string_view bytes, std::vector<proto::Dim>* out) {
  WireMessage m(bytes, file_, "TensorShapeProto");
  for (WireField f; m.next(&f);)
    if (f.number == 1) m.take_message(f, [&](auto b) { return dim(b, &out->emplace_back()); });
  return m.status();
}

Status Decoder::tensor_type(std::string_view bytes, proto::ValueInfo* out) {
  WireMessage m(bytes, file_, "TypeProto.Tensor");
  for (WireField f; m.next(&f);) {
    if (f.number == 1) m.take_int(f, &out->elem_type);
    if (f.number == 2) {
      m.take_message(f, [&](auto b) { return shape(b, &out->dims); });
      out->has_shape = true;
    }
  }
  return m.status();
}

/// Of a sequence or an optional: the tensors' type where it holds tensors.
Status Decoder::element(std::string_view bytes, proto::ValueInfo* out) {
  WireMessage m(bytes, file_, "TypeProto.Sequence");
  proto::ValueInfo tensors;
  const auto inner = [&](std::string_view b) -> Status {
    WireMessage t(b, file_, "TypeProto");
    for (WireField f; t.next(&f);)
      if (f.number == 1) t.take_message(f, [&](auto c) { return tensor_type(c, &tensors); });
    return t.status();
  };
  for (WireField f; m.next(&f);)
    if (f.number == 1) m.take_message(f, inner);
  out->elem_type = tensors.elem_type;
  return m.status();
}

Status Decoder::type(std::string_view bytes, proto::ValueInfo* out) {
  WireMessage m(bytes, file_, "TypeProto");
  for (WireField f; m.next(&f);) {
    switch (f.number) {
      case 1:
        out->kind = proto::TypeKind::kTensor;
        m.take_message(f, [&](auto b) { return tensor_type(b, out); });
        break;
      case 4:
      case 9:
        out->kind = f.number == 4 ? proto::TypeKind::kSequence : proto::TypeKind::kOptional;
        m.take_message(f, [&](auto b) { return element(b, out); });
        break;
      case 5:
        out->kind = proto::TypeKind::kMap;
        break;
      case 6:
        break;  // what the value means
      default:
        out->kind = proto::TypeKind::kOther;
        break;
    }
  }
  return m.status();
}

Status Decoder::value_info(std::string_view bytes, proto::ValueInfo* out) {
  WireMessage m(bytes, file_, "ValueInfoProto");
  for (WireField f; m.next(&f);) {
    if (f.number == 1) m.take_text(f, &out->name);
    if (f.number == 2) m.take_message(f, [&](auto b) { return type(b, out); });
  }
  return m.status();
}

}  // namespace halyard::onnx
