// The messages of an ONNX file, one by one. Private to proto_reader.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "halyard/status.hpp"
#include "proto.hpp"

namespace halyard::onnx {

/// A function for each message of ONNX; the numbers in them are those of its schema. One object a file.
class Decoder {
 public:
  explicit Decoder(std::string_view file) : file_(file) {}

  Status model(std::string_view bytes, proto::Model* out);

 private:
  Status entry(std::string_view bytes, std::pair<std::string_view, std::string_view>* out);
  Status opset(std::string_view bytes, std::pair<std::string_view, int64_t>* out);
  Status tensor(std::string_view bytes, proto::Tensor* out);
  Status sparse_name(std::string_view bytes, std::string_view* out);
  Status attribute(std::string_view bytes, proto::Attribute* out);
  Status node(std::string_view bytes, proto::Node* out);
  Status dim(std::string_view bytes, proto::Dim* out);
  Status shape(std::string_view bytes, std::vector<proto::Dim>* out);
  Status tensor_type(std::string_view bytes, proto::ValueInfo* out);
  Status element(std::string_view bytes, proto::ValueInfo* out);
  Status type(std::string_view bytes, proto::ValueInfo* out);
  Status value_info(std::string_view bytes, proto::ValueInfo* out);
  Status graph(std::string_view bytes, proto::Graph* out);
  Status function(std::string_view bytes, proto::Function* out);

  std::string_view file_;
  int depth_ = 0;  // of graphs within graphs
};

}  // namespace halyard::onnx
