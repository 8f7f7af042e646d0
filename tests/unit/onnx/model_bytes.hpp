// Writes small ONNX models, good and bad, as bytes: no more of protobuf than that takes.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace halyard::onnx::test {

/// A protobuf message in the making; every function appends one field.
struct Message {
  std::string bytes;

  Message& raw_varint(uint64_t v) {
    for (; v >= 0x80; v >>= 7) bytes += static_cast<char>(v | 0x80);
    bytes += static_cast<char>(v);
    return *this;
  }
  Message& number(uint32_t field, int64_t v) {
    return raw_varint(uint64_t{field} << 3).raw_varint(static_cast<uint64_t>(v));
  }
  Message& text(uint32_t field, std::string_view v) {
    raw_varint(uint64_t{field} << 3 | 2).raw_varint(v.size());
    bytes += v;
    return *this;
  }
  Message& message(uint32_t field, const Message& v) { return text(field, v.bytes); }
  Message& real(uint32_t field, float v) {
    raw_varint(uint64_t{field} << 3 | 5);
    bytes.append(reinterpret_cast<const char*>(&v), sizeof v);
    return *this;
  }
};

template <class T>
std::string bytes_of_list(const std::vector<T>& list) {
  return {reinterpret_cast<const char*>(list.data()), list.size() * sizeof(T)};
}

enum : int { kF32 = 1, kU8 = 2, kI32 = 6, kI64 = 7, kStringType = 8, kBool = 9, kF16 = 10 };

/// A TensorProto with raw data.
inline Message tensor(std::string_view name, int type, const std::vector<int64_t>& dims,
                      std::string_view raw) {
  Message m;
  for (int64_t d : dims) m.number(1, d);
  return m.number(2, type).text(8, name).text(9, raw);
}
inline Message floats(std::string_view name, const std::vector<int64_t>& dims,
                      const std::vector<float>& v) {
  return tensor(name, kF32, dims, bytes_of_list(v));
}
inline Message ints(std::string_view name, const std::vector<int64_t>& v) {
  return tensor(name, kI64, {static_cast<int64_t>(v.size())}, bytes_of_list(v));
}
/// A TensorProto whose data lies in a file.
inline Message external(std::string_view name, const std::vector<int64_t>& dims,
                        std::string_view location, std::string_view offset = "",
                        std::string_view length = "") {
  Message m;
  for (int64_t d : dims) m.number(1, d);
  m.number(2, kF32).text(8, name).number(14, 1);
  const auto entry = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) m.message(13, Message().text(1, key).text(2, value));
  };
  entry("location", location);
  entry("offset", offset);
  entry("length", length);
  return m;
}

/// A dim: "" of unknown size, "3" of that size, else named.
inline Message value(std::string_view name, int type, const std::vector<std::string>& dims) {
  Message shape;
  for (const std::string& d : dims) {
    const bool size = !d.empty() && d.find_first_not_of("-0123456789") == std::string::npos;
    Message dim;
    if (size) dim.number(1, std::stoll(d));
    if (!size && !d.empty()) dim.text(2, d);
    shape.message(1, dim);
  }
  return Message().text(1, name).message(
      2, Message().message(1, Message().number(1, type).message(2, shape)));
}

inline Message attribute(std::string_view name, int64_t v) {
  return Message().text(1, name).number(3, v).number(20, 2);
}
inline Message attribute(std::string_view name, int v) { return attribute(name, int64_t{v}); }
inline Message attribute(std::string_view name, float v) {
  return Message().text(1, name).real(2, v).number(20, 1);
}
inline Message attribute(std::string_view name, const char* v) {
  return Message().text(1, name).text(4, v).number(20, 3);
}
inline Message attribute(std::string_view name, const std::vector<int64_t>& list) {
  Message m;
  m.text(1, name).number(20, 7);
  for (int64_t v : list) m.number(8, v);
  return m;
}
inline Message attribute(std::string_view name, const std::vector<float>& list) {
  return Message().text(1, name).number(20, 6).text(7, bytes_of_list(list));
}
inline Message tensor_attribute(std::string_view name, const Message& t) {
  return Message().text(1, name).message(5, t).number(20, 4);
}
inline Message graph_attribute(std::string_view name, const Message& g) {
  return Message().text(1, name).message(6, g).number(20, 5);
}
/// The value of an attribute of the enclosing function.
inline Message reference(std::string_view name, std::string_view of, int type) {
  return Message().text(1, name).text(21, of).number(20, type);
}

using Names = std::vector<std::string>;
inline Message node(std::string_view op, const Names& inputs, const Names& outputs,
                    const std::vector<Message>& attributes = {}, std::string_view name = "",
                    std::string_view domain = "") {
  Message m;
  for (const std::string& i : inputs) m.text(1, i);
  for (const std::string& o : outputs) m.text(2, o);
  if (!name.empty()) m.text(3, name);
  m.text(4, op);
  for (const Message& a : attributes) m.message(5, a);
  if (!domain.empty()) m.text(7, domain);
  return m;
}

struct GraphSpec {
  std::vector<Message> nodes, initializers, inputs, outputs, infos;

  Message message() const {
    Message m;
    m.text(2, "graph");
    for (const Message& n : nodes) m.message(1, n);
    for (const Message& t : initializers) m.message(5, t);
    for (const Message& v : inputs) m.message(11, v);
    for (const Message& v : outputs) m.message(12, v);
    for (const Message& v : infos) m.message(13, v);
    return m;
  }
};

inline Message opset(std::string_view domain, int64_t version) {
  return Message().text(1, domain).number(2, version);
}

inline std::string model(const GraphSpec& graph, int64_t version = 18, int64_t ir = 8,
                         const std::vector<Message>& functions = {}) {
  Message m;
  m.number(1, ir).text(2, "test").message(7, graph.message());
  if (version > 0) m.message(8, opset("", version));
  for (const Message& f : functions) m.message(25, f);
  return m.bytes;
}

}  // namespace halyard::onnx::test
