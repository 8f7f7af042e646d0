#include "tests/fuzz/random/model_bytes.hpp"

#include "tests/fakes/onnx_bytes.hpp"

namespace halyard::fuzz {
namespace {

using test::Message;

// Numbers of onnx.proto: element types, and the kinds of attributes.
constexpr uint64_t kInt64 = 7, kAttributeInt = 2, kAttributeInts = 7, kOpset = 18;

uint64_t type_code(Type t) {
  switch (t) {
    case Type::f32:
      return 1;
    case Type::i32:
      return 6;
    case Type::i64:
      return kInt64;
    case Type::f64:
      return 11;
  }
  return 0;
}

const char* type_name(Type t) {
  switch (t) {
    case Type::f32:
      return "f32";
    case Type::i32:
      return "i32";
    case Type::i64:
      return "i64";
    case Type::f64:
      return "f64";
  }
  return "?";
}

std::string joined(const std::vector<int64_t>& list) {
  std::string out = "[";
  for (size_t i = 0; i < list.size(); ++i) out += (i ? "," : "") + std::to_string(list[i]);
  return out + "]";
}

Message port(const RandomGraph& g, int i) {
  const Value& v = g.values[static_cast<size_t>(i)];
  Message shape;
  for (const int64_t d : v.array.dims)
    shape.message(1, Message().number(1, static_cast<uint64_t>(d)));
  const Message tensor = Message().number(1, type_code(v.type)).message(2, shape);
  return Message().text(1, value_name(i)).message(2, Message().message(1, tensor));
}

Message node_message(const Node& node) {
  Message out;
  for (const int i : node.inputs) out.text(1, value_name(i));
  out.text(2, value_name(node.output)).text(3, "n" + std::to_string(node.output)).text(4, node.op);
  for (const auto& [name, value] : node.ints)
    out.message(
        5,
        Message().text(1, name).number(3, static_cast<uint64_t>(value)).number(20, kAttributeInt));
  for (const auto& [name, list] : node.lists) {
    Message attribute = Message().text(1, name);
    for (const int64_t v : list) attribute.number(8, static_cast<uint64_t>(v));
    out.message(5, attribute.number(20, kAttributeInts));
  }
  return out;
}

}  // namespace

std::vector<int> output_values(const RandomGraph& g, bool all) {
  std::vector<int> out;
  for (const Node& n : g.nodes)
    if (all || !g.values[static_cast<size_t>(n.output)].used) out.push_back(n.output);
  return out;
}

std::string model_bytes(const RandomGraph& g, bool all) {
  Message graph;
  for (const Node& n : g.nodes) graph.message(1, node_message(n));
  graph.text(2, "random");
  for (size_t i = 0; i < g.values.size(); ++i) {
    const Value& v = g.values[i];
    if (v.index.empty() || !v.used) continue;
    Message constant;
    constant.number(1, v.index.size()).number(2, kInt64);
    for (const int64_t e : v.index) constant.number(7, static_cast<uint64_t>(e));
    graph.message(5, constant.text(8, value_name(static_cast<int>(i))));
  }
  for (size_t i = 0; i < g.values.size(); ++i)
    if (g.values[i].is_input && g.values[i].used) graph.message(11, port(g, static_cast<int>(i)));
  for (const int i : output_values(g, all)) graph.message(12, port(g, i));
  return Message()
      .number(1, 8)
      .message(7, graph)
      .message(8, Message().text(1, "").number(2, kOpset))
      .bytes();
}

std::string describe(const RandomGraph& g) {
  std::string out;
  for (size_t i = 0; i < g.values.size(); ++i) {
    const Value& v = g.values[i];
    if (!v.used || (!v.is_input && v.index.empty())) continue;
    out += "  " + value_name(static_cast<int>(i)) + " = ";
    out += v.is_input ? std::string(type_name(v.type)) + joined(v.array.dims) + " input\n"
                      : "constant " + joined(v.index) + "\n";
  }
  for (const Node& n : g.nodes) {
    const Value& v = g.values[static_cast<size_t>(n.output)];
    out += "  " + value_name(n.output) + " = " + n.op + "(";
    for (size_t i = 0; i < n.inputs.size(); ++i) out += (i ? ", " : "") + value_name(n.inputs[i]);
    out += ")";
    for (const auto& [name, value] : n.ints) out += " " + name + "=" + std::to_string(value);
    for (const auto& [name, list] : n.lists) out += " " + name + "=" + joined(list);
    out += " -> " + std::string(type_name(v.type)) + joined(v.array.dims) + "\n";
  }
  return out;
}

}  // namespace halyard::fuzz
