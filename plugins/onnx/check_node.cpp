#include "check_node.hpp"

#include <string>

#include "text.hpp"

namespace halyard::onnx {
namespace {

constexpr const char* kKinds[] = {"nothing", "an int",  "a float",  "a string", "ints",
                                  "floats",  "strings", "a tensor", "a graph"};

/// AttributeValue's alternatives stand in the order of HY_ATTR_*.
uint32_t kind_of(const AttributeValue& value) { return static_cast<uint32_t>(value.index()) + 1; }

Status check_operands(const std::vector<OperandDecl>& decls, const std::vector<uint32_t>& given,
                      const NodeSpec& node, const char* what) {
  const bool variadic = !decls.empty() && decls.back().variadic;
  if (given.size() > decls.size() && !variadic)
    return invalid_model("it has " + std::to_string(given.size()) + " " + what + "s; " + node.op +
                         " has at most " + std::to_string(decls.size()));
  for (size_t i = 0; i < decls.size() || i < given.size(); ++i) {
    const OperandDecl& d = *OperatorDecl::at(decls, i);
    const bool there = i < given.size() && given[i] != HY_NONE;
    const bool needed = !d.optional && !(d.variadic && d.may_be_none && i >= given.size());
    if (there || !needed) continue;
    if (std::string_view(what) == "output" && i > 0) continue;  // nobody wants it
    return invalid_model(std::string(what) + " " + std::to_string(i) + " (" + std::string(d.name) +
                         ") is missing; " + node.op + " needs it");
  }
  return {};
}

Status check_attribute(const OperatorDecl& decl, const std::string& name,
                       const AttributeValue& value) {
  const std::string op(decl.name);
  const AttributeDecl* a = decl.attribute(name);
  if (a == nullptr)
    return unsupported("attribute " + quote(name) + " is not one that " + op + " is known to have");
  if (a->type == kind_of(value)) return {};
  return invalid_model("attribute " + quote(name) + " is " + kKinds[kind_of(value)] + "; for " +
                       op + " it is " + kKinds[a->type]);
}

}  // namespace

Status check_node(const NodeSpec& node) {
  const OperatorDecl* decl = find_operator(node.domain, node.op);
  if (decl == nullptr) return {};
  HY_RETURN_IF_ERROR(check_operands(decl->inputs, node.inputs, node, "input"));
  HY_RETURN_IF_ERROR(check_operands(decl->outputs, node.outputs, node, "output"));
  for (const auto& [name, value] : node.attributes)
    HY_RETURN_IF_ERROR(check_attribute(*decl, name, value));
  for (const AttributeDecl& a : decl->attributes) {
    bool given = !a.required;
    for (const auto& attribute : node.attributes) given = given || attribute.first == a.name;
    if (!given)
      return invalid_model("attribute " + quote(a.name) + " is missing; " + node.op + " needs it");
  }
  return {};
}

}  // namespace halyard::onnx
