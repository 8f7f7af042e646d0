#include "proto_reader.hpp"

#include <google/protobuf/io/coded_stream.h>

#include <memory>
#include <string>

#include "halyard/abi/graph.h"
#include "onnx.pb.h"
#include "proto_convert.hpp"
#include "skeleton.hpp"

namespace halyard::onnx {
namespace {

// A body lies three messages below its graph: node, attribute, graph. Types end the deepest chain.
constexpr int kDeepestMessage = 3 * HY_GRAPH_MAX_DEPTH + 3 * 64 + 16;

}  // namespace

Result<proto::Model> read_model(std::string_view file) {
  HY_ASSIGN_OR_RETURN(const std::string bytes, skeleton_of(file));
  if (bytes.size() > INT32_MAX)
    return unsupported("what it holds besides tensors has " + std::to_string(bytes.size()) +
                       " bytes; the limit is " + std::to_string(INT32_MAX));
  auto message = std::make_shared<schema::ModelProto>();
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  in.SetRecursionLimit(kDeepestMessage);
  if (!message->ParseFromCodedStream(&in) || !in.ConsumedEntireMessage())
    return invalid_model("a number or a list of numbers in it is cut short");
  proto::Model model;
  HY_RETURN_IF_ERROR(Converter(file).model(*message, &model));
  model.message = std::move(message);
  return model;
}

}  // namespace halyard::onnx
