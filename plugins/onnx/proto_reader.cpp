#include "proto_reader.hpp"

#include <memory>
#include <string>

#include "halyard/abi/graph.h"
#include "proto_decoder.hpp"
#include "wire_message.hpp"

namespace halyard::onnx {

Status Decoder::attribute(std::string_view bytes, proto::Attribute* out) {
  WireMessage m(bytes, file_, "AttributeProto");
  int64_t type = 0;
  uint32_t seen = proto::kUndefined;  // files of before the type field
  for (WireField f; m.next(&f);) {
    switch (f.number) {
      case 1:
        m.take_text(f, &out->name);
        break;
      case 2:
        m.take_float(f, &out->f);
        seen = proto::kFloat;
        break;
      case 3:
        m.take_int(f, &out->i);
        seen = proto::kInt;
        break;
      case 4:
        m.take_bytes(f, &out->s);
        seen = proto::kString;
        break;
      case 5:
        out->t = std::make_unique<proto::Tensor>();
        m.take_message(f, [&](auto b) { return tensor(b, out->t.get()); });
        seen = proto::kTensor;
        break;
      case 6:
        out->g = std::make_unique<proto::Graph>();
        m.take_message(f, [&](auto b) { return graph(b, out->g.get()); });
        seen = proto::kGraph;
        break;
      case 7:
        m.take_floats(f, &out->floats);
        seen = proto::kFloats;
        break;
      case 8:
        m.take_ints(f, &out->ints);
        seen = proto::kInts;
        break;
      case 9:
        m.take_bytes(f, &out->strings.emplace_back());
        seen = proto::kStrings;
        break;
      case 20:
        m.take_int(f, &type);
        break;
      case 21:
        m.take_text(f, &out->ref_name);
        break;
      default:
        break;
    }
  }
  out->type = type > 0 && type <= proto::kTypeProtos ? static_cast<uint32_t>(type) : seen;
  return m.status();
}

Status Decoder::node(std::string_view bytes, proto::Node* out) {
  WireMessage m(bytes, file_, "NodeProto");
  for (WireField f; m.next(&f);) {
    switch (f.number) {
      case 1:
        m.take_text(f, &out->inputs.emplace_back());
        break;
      case 2:
        m.take_text(f, &out->outputs.emplace_back());
        break;
      case 3:
        m.take_text(f, &out->name);
        break;
      case 4:
        m.take_text(f, &out->op);
        break;
      case 5:
        m.take_message(f, [&](auto b) { return attribute(b, &out->attributes.emplace_back()); });
        break;
      case 7:
        m.take_text(f, &out->domain);
        break;
      case 8:
        m.take_text(f, &out->overload);
        break;
      default:
        break;
    }
  }
  return m.status();
}

Status Decoder::graph(std::string_view bytes, proto::Graph* out) {
  WireMessage m(bytes, file_, "GraphProto");
  ++depth_;
  for (WireField f; m.next(&f);) {
    if (depth_ > HY_GRAPH_MAX_DEPTH) {
      m.refuse(f, "is in a graph nested deeper than " + std::to_string(HY_GRAPH_MAX_DEPTH));
      break;
    }
    const auto info = [&](std::vector<proto::ValueInfo>* list) {
      m.take_message(f, [&](auto b) { return value_info(b, &list->emplace_back()); });
    };
    switch (f.number) {
      case 1:
        m.take_message(f, [&](auto b) { return node(b, &out->nodes.emplace_back()); });
        break;
      case 2:
        m.take_text(f, &out->name);
        break;
      case 5:
        m.take_message(f, [&](auto b) { return tensor(b, &out->initializers.emplace_back()); });
        break;
      case 10:
        m.take_bytes(f, &out->doc);
        break;
      case 11:
        info(&out->inputs);
        break;
      case 12:
        info(&out->outputs);
        break;
      case 13:
        info(&out->value_infos);
        break;
      case 15:
        m.take_message(
            f, [&](auto b) { return sparse_name(b, &out->sparse_initializers.emplace_back()); });
        break;
      default:
        break;
    }
  }
  --depth_;
  return m.status();
}

Status Decoder::function(std::string_view bytes, proto::Function* out) {
  WireMessage m(bytes, file_, "FunctionProto");
  for (WireField f; m.next(&f);) {
    switch (f.number) {
      case 1:
        m.take_text(f, &out->name);
        break;
      case 4:
        m.take_text(f, &out->inputs.emplace_back());
        break;
      case 5:
        m.take_text(f, &out->outputs.emplace_back());
        break;
      case 7:
        m.take_message(f, [&](auto b) { return node(b, &out->nodes.emplace_back()); });
        break;
      case 9:
        m.take_message(f, [&](auto b) { return opset(b, &out->opsets.emplace_back()); });
        break;
      case 10:
        m.take_text(f, &out->domain);
        break;
      case 11:
        m.take_message(f, [&](auto b) { return attribute(b, &out->defaults.emplace_back()); });
        break;
      case 13:
        m.take_text(f, &out->overload);
        break;
      default:
        break;
    }
  }
  return m.status();
}

Status Decoder::model(std::string_view bytes, proto::Model* out) {
  WireMessage m(bytes, file_, "ModelProto");
  for (WireField f; m.next(&f);) {
    switch (f.number) {
      case 1:
        m.take_int(f, &out->ir_version);
        break;
      case 2:
        m.take_bytes(f, &out->producer_name);
        break;
      case 3:
        m.take_bytes(f, &out->producer_version);
        break;
      case 4:
        m.take_bytes(f, &out->domain);
        break;
      case 5:
        m.take_int(f, &out->model_version);
        break;
      case 6:
        m.take_bytes(f, &out->doc);
        break;
      case 7:
        m.take_message(f, [&](auto b) { return graph(b, &out->graph); });
        out->has_graph = true;
        break;
      case 8:
        m.take_message(f, [&](auto b) { return opset(b, &out->opsets.emplace_back()); });
        break;
      case 14:
        m.take_message(f, [&](auto b) { return entry(b, &out->metadata.emplace_back()); });
        break;
      case 25:
        m.take_message(f, [&](auto b) { return function(b, &out->functions.emplace_back()); });
        break;
      default:
        break;
    }
  }
  return m.status();
}

Result<proto::Model> read_model(std::string_view file) {
  proto::Model model;
  HY_RETURN_IF_ERROR(Decoder(file).model(file, &model));
  return model;
}

}  // namespace halyard::onnx
