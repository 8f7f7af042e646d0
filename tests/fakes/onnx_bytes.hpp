// A small ONNX model, byte by byte, so that the tests need no other file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace halyard::test {

/// A message of the protobuf wire format.
class Message {
 public:
  Message& number(uint32_t field, uint64_t value) {
    varint(uint64_t{field} << 3);
    varint(value);
    return *this;
  }
  Message& text(uint32_t field, std::string_view value) {
    varint(uint64_t{field} << 3 | 2);
    varint(value.size());
    bytes_.append(value);
    return *this;
  }
  Message& real(uint32_t field, float value) {
    varint(uint64_t{field} << 3 | 5);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Message& message(uint32_t field, const Message& value) { return text(field, value.bytes_); }
  const std::string& bytes() const { return bytes_; }

 private:
  void varint(uint64_t v) {
    for (; v >= 128; v >>= 7) bytes_.push_back(static_cast<char>(v | 128));
    bytes_.push_back(static_cast<char>(v));
  }
  std::string bytes_;
};

struct OnnxNode {
  std::string op;
  std::vector<std::string> inputs, outputs;
};

struct OnnxConstant {
  std::string name;
  std::vector<int64_t> dims;
  std::vector<float> values;
};

/// X (f32) -> nodes -> Y (f32), both of these dims; a dim below 0 is the symbol "n".
inline std::string onnx_model(const std::vector<OnnxNode>& nodes, const std::vector<int64_t>& dims,
                              const std::vector<OnnxConstant>& constants = {}) {
  Message shape;
  for (int64_t d : dims)
    shape.message(1,
                  d < 0 ? Message().text(2, "n") : Message().number(1, static_cast<uint64_t>(d)));
  const Message tensor = Message().number(1, 1).message(2, shape);
  const auto port = [&](const char* name) {
    return Message().text(1, name).message(2, Message().message(1, tensor));
  };
  Message graph;
  for (size_t i = 0; i < nodes.size(); ++i) {
    Message node;
    for (const std::string& in : nodes[i].inputs) node.text(1, in);
    for (const std::string& out : nodes[i].outputs) node.text(2, out);
    node.text(3, nodes[i].op + "_" + std::to_string(i)).text(4, nodes[i].op);
    graph.message(1, node);
  }
  for (const OnnxConstant& c : constants) {
    Message tensor_proto;
    for (int64_t d : c.dims) tensor_proto.number(1, static_cast<uint64_t>(d));
    tensor_proto.number(2, 1).text(8, c.name).text(
        9, {reinterpret_cast<const char*>(c.values.data()), c.values.size() * sizeof(float)});
    graph.message(5, tensor_proto);
  }
  graph.text(2, "test").message(11, port("X")).message(12, port("Y"));
  return Message()
      .number(1, 8)
      .message(7, graph)
      .message(8, Message().text(1, "").number(2, 17))
      .bytes();
}

}  // namespace halyard::test
