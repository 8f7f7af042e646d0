// From protobuf's messages to the importer's. Private to proto_reader.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "halyard/status.hpp"
#include "onnx.pb.h"
#include "proto.hpp"

namespace halyard::onnx {

/// A function for each message. The results are views into the messages and the file. Fails with
/// INVALID_MODEL on a name that is not UTF-8, naming the field. One object a file.
class Converter {
 public:
  explicit Converter(std::string_view file) : file_(file) {}

  Status model(const schema::ModelProto& from, proto::Model* out);

 private:
  // proto_convert_leaves.cpp: messages that hold no nodes.
  Status tensor(const schema::TensorProto& from, proto::Tensor* out);
  Status value_info(const schema::ValueInfoProto& from, proto::ValueInfo* out);
  Status type(const schema::TypeProto& from, proto::ValueInfo* out);
  template <class Tensor>
  Status tensor_type(const Tensor& from, proto::ValueInfo* out);

  // proto_convert.cpp
  Status attribute(const schema::AttributeProto& from, proto::Attribute* out);
  Status node(const schema::NodeProto& from, proto::Node* out);
  Status graph(const schema::GraphProto& from, proto::Graph* out);
  Status function(const schema::FunctionProto& from, proto::Function* out);

  std::string_view file_;
};

/// `from` must be UTF-8; what: "name of NodeProto".
Status take_text(const std::string& from, const char* what, std::string_view* out);

/// A function applied to each message of a repeated field, appending to a list.
template <class List, class Out, class F>
Status take_each(const List& from, std::vector<Out>* out, F&& take) {
  out->reserve(static_cast<size_t>(from.size()));
  for (const auto& one : from) HY_RETURN_IF_ERROR(take(one, &out->emplace_back()));
  return {};
}

}  // namespace halyard::onnx
