#include "core/opset/check.hpp"

#include <fmt/format.h>

#include <array>
#include <string>

namespace halyard::core {
namespace {

constexpr size_t kMaxVariables = 8;

Status error(const NodeData& node, const std::string& message) {
  return invalid_model(fmt::format("{}: {}", node.label(), message));
}

const char* kind_text(uint32_t kind) {
  static constexpr const char* kNames[] = {"nothing", "an int",  "a float",  "a string", "ints",
                                           "floats",  "strings", "a tensor", "a graph"};
  return kNames[kind < std::size(kNames) ? kind : 0];
}

std::string kinds_text(uint32_t kinds) {
  std::string out;
  for (uint32_t k = HY_TYPE_TENSOR; k <= HY_TYPE_MAP; ++k)
    if ((kinds >> k & 1) != 0) out += (out.empty() ? "" : " or ") + std::string(value_kind_name(k));
  return out;
}

size_t used_count(const std::vector<ValueId>& list) {
  size_t n = list.size();
  while (n != 0 && list[n - 1] == kNone) --n;
  return n;
}

Status check_count(const NodeData& node, const char* what, const std::vector<ValueId>& given,
                   const std::vector<OperandDecl>& declared) {
  const bool variadic = !declared.empty() && declared.back().variadic;
  const size_t used = used_count(given);
  if (used <= declared.size() || variadic) return {};
  return error(node,
               fmt::format("it has {} {}s; it takes at most {}", used, what, declared.size()));
}

Status check_presence(const NodeData& node, const OperatorDecl& decl) {
  for (size_t i = 0; i < decl.inputs.size(); ++i) {
    const OperandDecl& d = decl.inputs[i];
    if (!d.optional && !d.may_be_none && !node.has_input(i))
      return error(node, fmt::format("operand \"{}\" is missing", d.name));
  }
  for (size_t i = decl.inputs.size(); i < used_count(node.inputs); ++i)
    if (!node.has_input(i))
      return error(node,
                   fmt::format("operand {} of \"{}\" is missing", i, decl.inputs.back().name));
  return {};
}

/// An operand type is a variable where it begins with a capital.
struct Variable {
  std::string_view name, operand;
  uint32_t dtype = HY_DTYPE_UNDEFINED;
};

Status check_types(const Graph& graph, const NodeData& node, const OperatorDecl& decl) {
  std::array<Variable, kMaxVariables> bound;
  size_t count = 0;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (!node.has_input(i)) continue;
    const OperandDecl& d = *OperatorDecl::at(decl.inputs, i);
    const TensorType& type = graph.values[node.inputs[i]].type;
    if ((d.kinds >> type.kind & 1) == 0)
      return error(node, fmt::format("operand \"{}\" is {}; it may be {}", d.name,
                                     value_kind_name(type.kind), kinds_text(d.kinds)));
    const uint32_t dtype = type.dtype;
    if (dtype == HY_DTYPE_UNDEFINED) continue;
    if (!contains(d.types, dtype))
      return error(node, fmt::format("operand \"{}\" is {}; it may be {}", d.name,
                                     dtype_name(dtype), types_text(d.types)));
    if (d.type.empty() || d.type[0] < 'A' || d.type[0] > 'Z') continue;
    size_t v = 0;
    while (v < count && bound[v].name != d.type) ++v;
    if (v == count && count < kMaxVariables) bound[count++] = {d.type, d.name, dtype};
    if (v < count && bound[v].dtype != dtype)
      return error(
          node,
          fmt::format("operand \"{}\" is {} but operand \"{}\" is {}; they must be of "
                      "the same type",
                      d.name, dtype_name(dtype), bound[v].operand, dtype_name(bound[v].dtype)));
  }
  return {};
}

Status check_attributes(const NodeData& node, const OperatorDecl& decl) {
  for (const AttributeDecl& d : decl.attributes) {
    const AttributeValue* value = node.attribute(d.name);
    if (value == nullptr && d.required)
      return error(node, fmt::format("attribute \"{}\" is missing; it must be {}", d.name,
                                     kind_text(d.type)));
    // The alternatives of an AttributeValue stand in the order of HY_ATTR_*, which begin at 1.
    if (value != nullptr && value->index() + 1 != d.type)
      return error(node, fmt::format("attribute \"{}\" is {}; it must be {}", d.name,
                                     kind_text(static_cast<uint32_t>(value->index() + 1)),
                                     kind_text(d.type)));
  }
  return {};
}

}  // namespace

std::string types_text(DtypeSet types) {
  std::string out;
  for (uint32_t d = 1; d <= HY_DTYPE_STRING; ++d)
    if (contains(types, d) && dtype_bits(d) + (d == HY_DTYPE_STRING) != 0)
      out += fmt::format("{}{}", out.empty() ? "" : ", ", dtype_name(d));
  return out;
}

Status check_node(const Graph& graph, const NodeData& node, const OperatorDecl& decl) {
  HY_RETURN_IF_ERROR(check_count(node, "operand", node.inputs, decl.inputs));
  HY_RETURN_IF_ERROR(check_count(node, "output", node.outputs, decl.outputs));
  HY_RETURN_IF_ERROR(check_presence(node, decl));
  HY_RETURN_IF_ERROR(check_types(graph, node, decl));
  return check_attributes(node, decl);
}

}  // namespace halyard::core
