#include "proto_convert.hpp"

#include "text.hpp"

namespace halyard::onnx {

Status take_text(const std::string& from, const char* what, std::string_view* out) {
  *out = from;
  if (!is_utf8(from))
    return invalid_model(std::string(what) + " is not UTF-8 text: " + quote(from));
  return {};
}

namespace {

template <class List>
Status take_texts(const List& from, const char* what, proto::Texts* out) {
  return take_each(from, out, [what](const std::string& one, std::string_view* text) {
    return take_text(one, what, text);
  });
}

template <class List>
Status take_opsets(const List& from, proto::Opsets* out) {
  return take_each(from, out, [](const schema::OperatorSetIdProto& one, auto* pair) {
    pair->second = one.version();
    return take_text(one.domain(), "domain of OperatorSetIdProto", &pair->first);
  });
}

/// Which field an attribute of before the type field has.
uint32_t implied_type(const schema::AttributeProto& a) {
  if (a.has_f()) return proto::kFloat;
  if (a.has_i()) return proto::kInt;
  if (a.has_s()) return proto::kString;
  if (a.has_t()) return proto::kTensor;
  if (a.has_g()) return proto::kGraph;
  if (a.has_tp()) return proto::kTypeProto;
  if (a.floats_size() > 0) return proto::kFloats;
  if (a.ints_size() > 0) return proto::kInts;
  if (a.strings_size() > 0) return proto::kStrings;
  return proto::kUndefined;
}

}  // namespace

Status Converter::attribute(const schema::AttributeProto& from, proto::Attribute* out) {
  HY_RETURN_IF_ERROR(take_text(from.name(), "name of AttributeProto", &out->name));
  HY_RETURN_IF_ERROR(
      take_text(from.ref_attr_name(), "ref_attr_name of AttributeProto", &out->ref_name));
  const bool said = from.type() > 0 && from.type() <= static_cast<int32_t>(proto::kTypeProtos);
  out->type = said ? static_cast<uint32_t>(from.type()) : implied_type(from);
  out->f = from.f();
  out->i = from.i();
  out->s = from.s();
  out->floats.assign(from.floats().begin(), from.floats().end());
  out->ints.assign(from.ints().begin(), from.ints().end());
  out->strings.assign(from.strings().begin(), from.strings().end());
  if (from.has_t()) {
    out->t = std::make_unique<proto::Tensor>();
    HY_RETURN_IF_ERROR(tensor(from.t(), out->t.get()));
  }
  if (from.has_tp()) {
    out->tp = std::make_unique<proto::ValueInfo>();
    HY_RETURN_IF_ERROR(type(from.tp(), out->tp.get()));
  }
  if (from.has_g()) {
    out->g = std::make_unique<proto::Graph>();
    HY_RETURN_IF_ERROR(graph(from.g(), out->g.get()));
  }
  return {};
}

Status Converter::node(const schema::NodeProto& from, proto::Node* out) {
  HY_RETURN_IF_ERROR(take_text(from.name(), "name of NodeProto", &out->name));
  HY_RETURN_IF_ERROR(take_text(from.op_type(), "op_type of NodeProto", &out->op));
  HY_RETURN_IF_ERROR(take_text(from.domain(), "domain of NodeProto", &out->domain));
  HY_RETURN_IF_ERROR(take_text(from.overload(), "overload of NodeProto", &out->overload));
  HY_RETURN_IF_ERROR(take_texts(from.input(), "input of NodeProto", &out->inputs));
  HY_RETURN_IF_ERROR(take_texts(from.output(), "output of NodeProto", &out->outputs));
  return take_each(from.attribute(), &out->attributes,
                   [this](const auto& a, auto* to) { return attribute(a, to); });
}

Status Converter::graph(const schema::GraphProto& from, proto::Graph* out) {
  const auto infos = [this](const auto& list, std::vector<proto::ValueInfo>* to) {
    return take_each(list, to, [this](const auto& v, auto* info) { return value_info(v, info); });
  };
  out->doc = from.doc_string();
  HY_RETURN_IF_ERROR(take_text(from.name(), "name of GraphProto", &out->name));
  HY_RETURN_IF_ERROR(
      take_each(from.node(), &out->nodes, [this](const auto& n, auto* to) { return node(n, to); }));
  HY_RETURN_IF_ERROR(take_each(from.initializer(), &out->initializers,
                               [this](const auto& t, auto* to) { return tensor(t, to); }));
  HY_RETURN_IF_ERROR(
      take_each(from.sparse_initializer(), &out->sparse_initializers, [](const auto& s, auto* to) {
        return take_text(s.values().name(), "name of a tensor", to);
      }));
  HY_RETURN_IF_ERROR(infos(from.input(), &out->inputs));
  HY_RETURN_IF_ERROR(infos(from.output(), &out->outputs));
  return infos(from.value_info(), &out->value_infos);
}

Status Converter::function(const schema::FunctionProto& from, proto::Function* out) {
  HY_RETURN_IF_ERROR(take_text(from.name(), "name of FunctionProto", &out->name));
  HY_RETURN_IF_ERROR(take_text(from.domain(), "domain of FunctionProto", &out->domain));
  HY_RETURN_IF_ERROR(take_text(from.overload(), "overload of FunctionProto", &out->overload));
  HY_RETURN_IF_ERROR(take_texts(from.input(), "input of FunctionProto", &out->inputs));
  HY_RETURN_IF_ERROR(take_texts(from.output(), "output of FunctionProto", &out->outputs));
  HY_RETURN_IF_ERROR(take_opsets(from.opset_import(), &out->opsets));
  HY_RETURN_IF_ERROR(take_each(from.attribute_proto(), &out->defaults,
                               [this](const auto& a, auto* to) { return attribute(a, to); }));
  return take_each(from.node(), &out->nodes,
                   [this](const auto& n, auto* to) { return node(n, to); });
}

Status Converter::model(const schema::ModelProto& from, proto::Model* out) {
  out->ir_version = from.ir_version();
  out->model_version = from.model_version();
  out->producer_name = from.producer_name();
  out->producer_version = from.producer_version();
  out->domain = from.domain();
  out->doc = from.doc_string();
  for (const auto& entry : from.metadata_props())
    out->metadata.emplace_back(entry.key(), entry.value());
  out->has_graph = from.has_graph();
  HY_RETURN_IF_ERROR(graph(from.graph(), &out->graph));
  HY_RETURN_IF_ERROR(take_opsets(from.opset_import(), &out->opsets));
  return take_each(from.functions(), &out->functions,
                   [this](const auto& f, auto* to) { return function(f, to); });
}

}  // namespace halyard::onnx
