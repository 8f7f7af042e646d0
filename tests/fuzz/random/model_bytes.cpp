#include "tests/fuzz/random/model_bytes.hpp"

#include "tests/fakes/onnx_bytes.hpp"
#include "tests/fuzz/random/elements.hpp"

namespace halyard::fuzz {
namespace {

using test::Message;

// The opset in which the newest of the covered operators is.
constexpr uint64_t kOpset = 26;
// Kinds of attributes in onnx.proto.
constexpr uint64_t kReal = 1, kInteger = 2, kText = 3, kTensor = 4, kReals = 6, kIntegers = 7;

std::string joined(const std::vector<int64_t>& list) {
  std::string out = "[";
  for (size_t i = 0; i < list.size(); ++i) out += (i ? "," : "") + std::to_string(list[i]);
  return out + "]";
}

std::string number_text(double v) {
  std::string out = std::to_string(v);
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
  return out;
}

std::string elements_text(const std::vector<double>& v) {
  constexpr size_t kShown = 24;
  std::string out = "{";
  for (size_t i = 0; i < v.size() && i < kShown; ++i) out += (i ? "," : "") + number_text(v[i]);
  return out + (v.size() > kShown ? ",...}" : "}");
}

Message tensor(const Dims& dims, Type type, const std::vector<double>& elements) {
  Message out;
  for (const int64_t d : dims) out.number(1, static_cast<uint64_t>(d));
  return out.number(2, facts(type).onnx).text(9, bytes_of(type, elements));
}

Message port(const RandomGraph& g, int i, bool open_dims) {
  const Value& v = g.values[static_cast<size_t>(i)];
  Message shape;
  for (size_t d = 0; d < v.array.dims.size(); ++d)
    shape.message(1, open_dims ? Message().text(2, value_name(i) + "_" + std::to_string(d))
                               : Message().number(1, static_cast<uint64_t>(v.array.dims[d])));
  Message type = Message().number(1, facts(v.type).onnx);
  // Of an output in open form not even the rank is said.
  if (!open_dims || v.source == Value::Source::input) type.message(2, shape);
  return Message().text(1, value_name(i)).message(2, Message().message(1, type));
}

Message attribute_message(const Attribute& a) {
  Message out = Message().text(1, a.name);
  switch (a.kind) {
    case Attribute::Kind::integer:
      return out.number(3, static_cast<uint64_t>(a.integers[0])).number(20, kInteger);
    case Attribute::Kind::integers:
      for (const int64_t v : a.integers) out.number(8, static_cast<uint64_t>(v));
      return out.number(20, kIntegers);
    case Attribute::Kind::real:
      return out.real(2, static_cast<float>(a.reals[0])).number(20, kReal);
    case Attribute::Kind::reals:
      for (const double v : a.reals) out.real(7, static_cast<float>(v));
      return out.number(20, kReals);
    case Attribute::Kind::text:
      return out.text(4, a.text).number(20, kText);
    case Attribute::Kind::tensor:
      break;
  }
  return out.message(5, tensor({1}, a.type, a.reals)).number(20, kTensor);
}

std::string attribute_text(const Attribute& a) {
  switch (a.kind) {
    case Attribute::Kind::integer:
      return std::to_string(a.integers[0]);
    case Attribute::Kind::integers:
      return joined(a.integers);
    case Attribute::Kind::text:
      return a.text;
    default:
      return a.reals.size() == 1 ? number_text(a.reals[0]) : elements_text(a.reals);
  }
}

std::string operand_name(int i) { return i == kAbsent ? std::string() : value_name(i); }

Message node_message(const Node& node) {
  Message out;
  for (const int i : node.inputs) out.text(1, operand_name(i));
  for (const int i : node.outputs) out.text(2, operand_name(i));
  out.text(3, "n" + operand_name(node.outputs.back())).text(4, node.op);
  for (const Attribute& a : node.attributes) out.message(5, attribute_message(a));
  return out;
}

}  // namespace

std::vector<int> output_values(const RandomGraph& g, bool all) {
  std::vector<int> out;
  for (const Node& n : g.nodes)
    for (const int i : n.outputs)
      if (i != kAbsent && (all || !g.values[static_cast<size_t>(i)].used)) out.push_back(i);
  return out;
}

std::string model_bytes(const RandomGraph& g, const ModelForm& form) {
  Message graph;
  for (const Node& n : g.nodes) graph.message(1, node_message(n));
  graph.text(2, "random");
  for (size_t i = 0; i < g.values.size(); ++i) {
    const Value& v = g.values[i];
    if (!v.used) continue;
    const int number = static_cast<int>(i);
    if (v.source == Value::Source::constant)
      graph.message(5, tensor(v.array.dims, v.type, v.array.data).text(8, value_name(number)));
    if (v.source == Value::Source::input) graph.message(11, port(g, number, form.open_dims));
  }
  for (const int i : output_values(g, form.all_outputs))
    graph.message(12, port(g, i, form.open_dims));
  return Message()
      .number(1, 10)
      .message(7, graph)
      .message(8, Message().text(1, "").number(2, kOpset))
      .bytes();
}

std::string describe(const RandomGraph& g) {
  std::string out;
  for (size_t i = 0; i < g.values.size(); ++i) {
    const Value& v = g.values[i];
    if (!v.used || v.source == Value::Source::node) continue;
    out += "  " + value_name(static_cast<int>(i)) + " = " + facts(v.type).name +
           joined(v.array.dims) + (v.source == Value::Source::input ? " input " : " constant ") +
           elements_text(v.array.data) + "\n";
  }
  for (const Node& n : g.nodes) {
    std::string results, types;
    for (const int i : n.outputs) {
      results += (results.empty() ? "" : ", ") + (i == kAbsent ? std::string("_") : value_name(i));
      if (i == kAbsent) continue;
      const Value& v = g.values[static_cast<size_t>(i)];
      types += std::string(" ") + facts(v.type).name + joined(v.array.dims);
    }
    out += "  " + results + " = " + n.op + "(";
    for (size_t i = 0; i < n.inputs.size(); ++i)
      out +=
          (i ? ", " : "") + (n.inputs[i] == kAbsent ? std::string("_") : value_name(n.inputs[i]));
    out += ")";
    for (const Attribute& a : n.attributes) out += " " + a.name + "=" + attribute_text(a);
    out += " ->" + types + "\n";
  }
  return out;
}

}  // namespace halyard::fuzz
