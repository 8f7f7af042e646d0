#include "importer.hpp"

#include <algorithm>

#include "halyard/abi/graph.h"
#include "node_order.hpp"
#include "text.hpp"
#include "value_type.hpp"

namespace halyard::onnx {

Result<std::vector<unsigned char>> Importer::run() {
  index_functions();
  for (const auto& [domain, version] : model_.opsets)
    if (domain == kTrainingDomain) writer_.keep_nodes();
  HY_RETURN_IF_ERROR(read_main());
  return writer_.finish();
}

Status Importer::read_main() {
  const proto::Graph& graph = model_.graph;
  if (graph.outputs.empty()) return invalid_model("the graph has no outputs");
  Scope scope;
  scope.opsets = &model_.opsets;
  scope.subgraph = writer_.add_subgraph(graph.name);
  read_hints(scope, graph);
  HY_RETURN_IF_ERROR(read_initializers(scope, graph));
  for (const proto::ValueInfo& input : graph.inputs) {
    // Before IR version 4 weights had to be inputs too; later it meant a default: constants, both.
    if (scope.constants.contains(input.name)) continue;
    const std::string what = "input " + quote(input.name);
    if (input.name.empty()) return invalid_model("an input has no name");
    if (scope.values.contains(input.name)) return invalid_model(what + " is defined twice");
    Result<InputType> type = input_type(input, writer_);
    if (!type.ok()) return type.status().with_context(what);
    const uint32_t value = writer_.add_input(scope.subgraph, input.name, type->dtype, type->shape,
                                             declared_facts(input));
    if (type->type != HY_TYPE_TENSOR)
      writer_.set_type(scope.subgraph, value, type->type, type->key);
    scope.values[input.name] = value;
  }
  HY_RETURN_IF_ERROR(read_nodes(scope, graph.nodes));
  return read_outputs(scope, graph);
}

Result<uint32_t> Importer::read_constant(const proto::Tensor& tensor) {
  if (const auto known = constants_.find(&tensor); known != constants_.end()) return known->second;
  HY_ASSIGN_OR_RETURN(const TensorData data, read_tensor(tensor, external_, store_));
  return constants_[&tensor] = writer_.add_constant(data);
}

Status Importer::read_initializers(Scope& scope, const proto::Graph& graph) {
  if (!graph.sparse_initializers.empty())
    return unsupported("initializer " + quote(graph.sparse_initializers[0]) +
                       " is sparse; store it as a dense tensor");
  for (const proto::Tensor& tensor : graph.initializers) {
    const std::string what = "initializer " + quote(tensor.name);
    if (tensor.name.empty()) return invalid_model("an initializer has no name");
    if (scope.constants.contains(tensor.name)) return invalid_model(what + " is defined twice");
    Result<uint32_t> constant = read_constant(tensor);
    if (!constant.ok()) return constant.status().with_context(what);
    scope.constants[tensor.name] = *constant;
  }
  return {};
}

void Importer::read_hints(Scope& scope, const proto::Graph& graph) {
  for (const proto::ValueInfo& v : graph.value_infos) scope.hints[v.name] = &v;
  for (const proto::ValueInfo& v : graph.outputs) {
    scope.hints[v.name] = &v;
    scope.outputs.insert(v.name);
    scope.used.insert(v.name);
  }
}

Status Importer::read_outputs(Scope& scope, const proto::Graph& graph) {
  for (const proto::ValueInfo& output : graph.outputs) {
    const std::optional<uint32_t> value = value_of(scope, output.name);
    if (!value || *value == HY_NONE)
      return invalid_model("output " + quote(output.name) +
                           " is no input, no initializer and no node's output");
    writer_.add_output(scope.subgraph, *value);
  }
  return {};
}

std::optional<uint32_t> Importer::value_of(Scope& scope, std::string_view name) {
  if (const auto it = scope.values.find(name); it != scope.values.end()) return it->second;
  const uint32_t constant = scope.constant(name);
  if (constant == HY_NONE) return std::nullopt;
  scope.constants[name] = constant;  // bodies within this one see it as a constant, too
  return scope.values[name] =
             writer_.add_constant_value(scope.subgraph, scope.shown(name), constant);
}

Result<uint32_t> Importer::read_body(const Scope& outside, const proto::Graph& graph,
                                     const std::vector<std::string_view>& captured,
                                     const std::vector<uint32_t>& operand_types) {
  if (outside.depth >= HY_GRAPH_MAX_DEPTH)
    return unsupported("bodies nest deeper than " + std::to_string(HY_GRAPH_MAX_DEPTH));
  Scope scope;
  scope.parent = &outside;
  scope.depth = outside.depth + 1;
  scope.calls = outside.calls;
  scope.prefix = outside.prefix;
  scope.opsets = outside.opsets;
  scope.call_attributes = outside.call_attributes;
  scope.subgraph = writer_.add_subgraph(graph.name);
  read_hints(scope, graph);
  HY_RETURN_IF_ERROR(read_initializers(scope, graph));
  const auto add = [&](std::string_view name, const ValueFacts& facts) {
    scope.values[name] =
        writer_.add_input(scope.subgraph, scope.shown(name), facts.dtype, std::nullopt, facts);
  };
  for (const proto::ValueInfo& input : graph.inputs) {
    if (scope.values.contains(input.name) || scope.constants.contains(input.name))
      return invalid_model("input " + quote(input.name) + " of a body is defined twice");
    const ValueFacts declared = declared_facts(input);
    add(input.name, declared);
    const auto port = static_cast<size_t>(&input - graph.inputs.data());
    if (declared.dtype == HY_DTYPE_UNDEFINED && port < operand_types.size())
      writer_.set_known_dtype(scope.subgraph, scope.values[input.name], operand_types[port]);
  }
  const std::vector<std::string_view> free = free_names(graph);
  for (std::string_view name : captured) {
    const ValueFacts facts = writer_.facts(outside.subgraph, outside.values.at(name));
    add(name, {facts.dtype, facts.rank, HY_NONE});
    // For another body of the node: this one has the port, and may have a value of that name itself.
    if (std::find(free.begin(), free.end(), name) == free.end()) scope.values.erase(name);
  }
  HY_RETURN_IF_ERROR(read_nodes(scope, graph.nodes));
  HY_RETURN_IF_ERROR(read_outputs(scope, graph));
  std::vector<uint32_t>& types = body_types_[scope.subgraph];
  for (const proto::ValueInfo& output : graph.outputs)
    types.push_back(writer_.facts(scope.subgraph, scope.values.at(output.name)).dtype);
  return scope.subgraph;
}

}  // namespace halyard::onnx
