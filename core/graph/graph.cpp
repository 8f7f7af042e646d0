#include "core/graph/graph.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace halyard::core {

const AttributeValue* NodeData::attribute(std::string_view wanted) const {
  for (const auto& [attribute_name, value] : attributes)
    if (attribute_name == wanted) return &value;
  return nullptr;
}

int64_t NodeData::attr_int(std::string_view wanted, int64_t otherwise) const {
  const AttributeValue* a = attribute(wanted);
  const auto* i = a == nullptr ? nullptr : std::get_if<int64_t>(a);
  return i == nullptr ? otherwise : *i;
}

double NodeData::attr_float(std::string_view wanted, double otherwise) const {
  const AttributeValue* a = attribute(wanted);
  const auto* f = a == nullptr ? nullptr : std::get_if<double>(a);
  return f == nullptr ? otherwise : *f;
}

std::string NodeData::attr_string(std::string_view wanted, std::string_view otherwise) const {
  const AttributeValue* a = attribute(wanted);
  const auto* s = a == nullptr ? nullptr : std::get_if<std::string>(a);
  return s == nullptr ? std::string(otherwise) : *s;
}

std::vector<int64_t> NodeData::attr_ints(std::string_view wanted) const {
  const AttributeValue* a = attribute(wanted);
  const auto* list = a == nullptr ? nullptr : std::get_if<std::vector<int64_t>>(a);
  return list == nullptr ? std::vector<int64_t>() : *list;
}

std::string NodeData::label() const {
  const std::string kind = domain.empty() ? op : fmt::format("{}.{}", domain, op);
  return name.empty() ? kind : fmt::format("{} ({})", name, kind);
}

const char* value_kind_name(uint32_t kind) {
  static constexpr const char* kNames[] = {"a tensor", "a sequence", "an optional", "a map"};
  return kind < std::size(kNames) ? kNames[kind] : "unknown";
}

const Graph* Graph::body(const NodeData& node, std::string_view attribute) const {
  const AttributeValue* value = node.attribute(attribute);
  const auto* g = value == nullptr ? nullptr : std::get_if<GraphAttr>(value);
  return g == nullptr || g->subgraph >= bodies.size() ? nullptr : &bodies[g->subgraph];
}

Graph* Graph::body(const NodeData& node, std::string_view attribute) {
  return const_cast<Graph*>(std::as_const(*this).body(node, attribute));
}

ValueId Graph::add_result(std::string_view value_name, TensorType type) {
  values.push_back({std::string(value_name), std::move(type), HY_VALUE_RESULT, kNone});
  return static_cast<ValueId>(values.size() - 1);
}

ValueId Graph::add_constant(std::string_view value_name, uint32_t dtype, std::vector<int64_t> dims,
                            const void* data, uint64_t bytes) {
  std::vector<Dim> shape;
  for (int64_t d : dims) shape.push_back(Dim::fixed(d));
  const auto* begin = static_cast<const unsigned char*>(data);
  auto content = bytes == 0
                     ? std::make_shared<const std::vector<unsigned char>>()
                     : std::make_shared<const std::vector<unsigned char>>(begin, begin + bytes);
  constants.push_back({dtype, std::move(dims), std::move(content), 0, bytes});
  values.push_back({std::string(value_name),
                    {dtype, std::move(shape)},
                    HY_VALUE_CONSTANT,
                    static_cast<uint32_t>(constants.size() - 1)});
  return static_cast<ValueId>(values.size() - 1);
}

namespace {

size_t how_many(const std::vector<StateData>& states, bool StateData::*port, size_t before) {
  return static_cast<size_t>(std::count_if(states.begin(),
                                           states.begin() + static_cast<ptrdiff_t>(before),
                                           [port](const StateData& s) { return s.*port; }));
}

}  // namespace

size_t Graph::plain_inputs() const {
  return inputs.size() - how_many(states, &StateData::read, states.size());
}
size_t Graph::plain_outputs() const {
  return outputs.size() - how_many(states, &StateData::written, states.size());
}
uint32_t Graph::input_of_state(size_t state) const {
  if (!states[state].read) return kNone;
  return static_cast<uint32_t>(plain_inputs() + how_many(states, &StateData::read, state));
}
uint32_t Graph::output_of_state(size_t state) const {
  if (!states[state].written) return kNone;
  return static_cast<uint32_t>(plain_outputs() + how_many(states, &StateData::written, state));
}

std::vector<std::string> Graph::symbol_names() const {
  std::vector<std::string> out;
  for (const Symbol& s : symbols) out.push_back(s.name);
  return out;
}

std::vector<NodeId> Graph::producers() const {
  std::vector<NodeId> out(values.size(), kNone);
  for (NodeId n = 0; n < nodes.size(); ++n)
    for (ValueId v : nodes[n].outputs)
      if (v != kNone) out[v] = n;
  return out;
}

std::vector<uint32_t> Graph::use_counts() const {
  std::vector<uint32_t> out(values.size());
  for (const NodeData& node : nodes)
    for (ValueId v : node.inputs)
      if (v != kNone) ++out[v];
  for (ValueId v : outputs) ++out[v];
  return out;
}

}  // namespace halyard::core
