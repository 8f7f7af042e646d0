// The importer's part for functions that the model defines: a call becomes its nodes.
#include "importer.hpp"
#include "node_order.hpp"
#include "text.hpp"
#include "value_type.hpp"

namespace halyard::onnx {
namespace {

constexpr int kDeepestCall = 32;

std::string key(std::string_view domain, std::string_view name, std::string_view overload) {
  std::string out(domain == "ai.onnx" ? "" : domain);
  out.append(1, '\0').append(name).append(1, '\0').append(overload);
  return out;
}

}  // namespace

void Importer::index_functions() {
  for (const proto::Function& f : model_.functions)
    functions_.emplace(key(f.domain, f.name, f.overload), &f);
}

const proto::Function* Importer::function_of(const proto::Node& node) const {
  if (functions_.empty()) return nullptr;
  const auto it = functions_.find(key(node.domain, node.op, node.overload));
  return it == functions_.end() ? nullptr : it->second;
}

Status Importer::call(Scope& scope, const proto::Node& node, const proto::Function& function) {
  if (scope.calls >= kDeepestCall)
    return invalid_model("function " + quote(function.name) +
                         " is called at a depth of more than " + std::to_string(kDeepestCall) +
                         ": functions must not call themselves");
  if (node.inputs.size() > function.inputs.size() || node.outputs.size() > function.outputs.size())
    return invalid_model("it has " + std::to_string(node.inputs.size()) + " inputs and " +
                         std::to_string(node.outputs.size()) + " outputs; function " +
                         quote(function.name) + " has " + std::to_string(function.inputs.size()) +
                         " and " + std::to_string(function.outputs.size()));
  std::map<std::string_view, const proto::Attribute*> attributes;
  for (const proto::Attribute& a : function.defaults) attributes[a.name] = &a;
  for (const Attribute& a : attributes_of(scope, node)) attributes[a.name] = a.value;
  for (const auto& [name, value] : attributes)
    if (value->g != nullptr)
      return unsupported("attribute " + quote(name) + " gives a graph to function " +
                         quote(function.name));

  Scope inside;
  inside.subgraph = scope.subgraph;
  inside.depth = scope.depth;
  inside.calls = scope.calls + 1;
  inside.prefix = scope.prefix + name_of(node) + "/";
  inside.opsets = function.opsets.empty() ? &model_.opsets : &function.opsets;
  inside.call_attributes = &attributes;
  for (size_t i = 0; i < function.inputs.size(); ++i) {
    const std::string_view given = i < node.inputs.size() ? node.inputs[i] : std::string_view();
    if (given.empty()) {
      inside.values[function.inputs[i]] = HY_NONE;
    } else if (const uint32_t constant = scope.constant(given); constant != HY_NONE) {
      inside.constants[function.inputs[i]] = constant;
    } else {
      inside.values[function.inputs[i]] = value_of(scope, given).value_or(HY_NONE);
    }
  }
  for (size_t i = 0; i < function.outputs.size(); ++i) {
    if (i >= node.outputs.size() || node.outputs[i].empty()) continue;
    if (scope.used.contains(node.outputs[i])) inside.used.insert(function.outputs[i]);
    if (inside.defines(function.outputs[i])) continue;
    if (!inside.renamed.emplace(function.outputs[i], scope.shown(node.outputs[i])).second) continue;
    if (const auto hint = scope.hints.find(node.outputs[i]); hint != scope.hints.end())
      inside.hints[function.outputs[i]] = hint->second;
    if (scope.outputs.contains(node.outputs[i])) inside.outputs.insert(function.outputs[i]);
  }
  HY_RETURN_IF_ERROR(
      read_nodes(inside, function.nodes).with_context("function " + quote(function.name)));
  return give_outputs(scope, inside, node, function);
}

/// An output that has another name inside, or is an input of the function, gets an Identity.
Status Importer::give_outputs(Scope& scope, Scope& inside, const proto::Node& node,
                              const proto::Function& function) {
  std::unordered_set<std::string_view> given;
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    const std::string_view inner = function.outputs[i], outer = node.outputs[i];
    if (outer.empty()) continue;
    const std::optional<uint32_t> value = value_of(inside, inner);
    if (!value || *value == HY_NONE)
      return invalid_model("function " + quote(function.name) + " does not compute its output " +
                           quote(inner));
    if (given.insert(inner).second && inside.renamed.contains(inner)) {
      scope.values[outer] = *value;
      continue;
    }
    SourceNode identity;
    identity.op = "Identity";
    identity.name = scope.prefix + name_of(node) + "/" + std::string(inner);
    identity.subgraph = scope.subgraph;
    identity.inputs = {*value};
    identity.outputs.emplace_back().name = scope.shown(outer);
    HY_RETURN_IF_ERROR(rewrite(identity));
    scope.values[outer] = identity.outputs[0].value;
  }
  return {};
}

}  // namespace halyard::onnx
