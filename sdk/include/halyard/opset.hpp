// The operator table of opset/operators.h, parsed: C++20, header-only.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "halyard/abi/graph.h"
#include "halyard/abi/plugin.h"
#include "halyard/opset/operators.h"

namespace halyard {

/// "f32", "i64", ...; "undefined" for an unknown code.
inline const char* dtype_name(uint32_t dtype) {
  switch (dtype) {
    case HY_DTYPE_F32:
      return "f32";
    case HY_DTYPE_F64:
      return "f64";
    case HY_DTYPE_F16:
      return "f16";
    case HY_DTYPE_BF16:
      return "bf16";
    case HY_DTYPE_F8E4M3FN:
      return "f8e4m3fn";
    case HY_DTYPE_F8E4M3FNUZ:
      return "f8e4m3fnuz";
    case HY_DTYPE_F8E5M2:
      return "f8e5m2";
    case HY_DTYPE_F8E5M2FNUZ:
      return "f8e5m2fnuz";
    case HY_DTYPE_F8E8M0:
      return "f8e8m0";
    case HY_DTYPE_F4E2M1:
      return "f4e2m1";
    case HY_DTYPE_C64:
      return "c64";
    case HY_DTYPE_C128:
      return "c128";
    case HY_DTYPE_I8:
      return "i8";
    case HY_DTYPE_I16:
      return "i16";
    case HY_DTYPE_I32:
      return "i32";
    case HY_DTYPE_I64:
      return "i64";
    case HY_DTYPE_U8:
      return "u8";
    case HY_DTYPE_U16:
      return "u16";
    case HY_DTYPE_U32:
      return "u32";
    case HY_DTYPE_U64:
      return "u64";
    case HY_DTYPE_I4:
      return "i4";
    case HY_DTYPE_U4:
      return "u4";
    case HY_DTYPE_I2:
      return "i2";
    case HY_DTYPE_U2:
      return "u2";
    case HY_DTYPE_U1:
      return "u1";
    case HY_DTYPE_U3:
      return "u3";
    case HY_DTYPE_U6:
      return "u6";
    case HY_DTYPE_BOOL:
      return "bool";
    case HY_DTYPE_STRING:
      return "string";
    default:
      return "undefined";
  }
}

/// Bits of one element in memory; 0 for strings and unknown codes.
inline uint32_t dtype_bits(uint32_t dtype) {
  switch (dtype) {
    case HY_DTYPE_C128:
      return 128;
    case HY_DTYPE_F64:
    case HY_DTYPE_I64:
    case HY_DTYPE_U64:
    case HY_DTYPE_C64:
      return 64;
    case HY_DTYPE_F32:
    case HY_DTYPE_I32:
    case HY_DTYPE_U32:
      return 32;
    case HY_DTYPE_F16:
    case HY_DTYPE_BF16:
    case HY_DTYPE_I16:
    case HY_DTYPE_U16:
      return 16;
    case HY_DTYPE_F8E4M3FN:
    case HY_DTYPE_F8E4M3FNUZ:
    case HY_DTYPE_F8E5M2:
    case HY_DTYPE_F8E5M2FNUZ:
    case HY_DTYPE_F8E8M0:
    case HY_DTYPE_I8:
    case HY_DTYPE_U8:
    case HY_DTYPE_BOOL:
      return 8;
    case HY_DTYPE_U6:
      return 6;
    case HY_DTYPE_F4E2M1:
    case HY_DTYPE_I4:
    case HY_DTYPE_U4:
      return 4;
    case HY_DTYPE_U3:
      return 3;
    case HY_DTYPE_I2:
    case HY_DTYPE_U2:
      return 2;
    case HY_DTYPE_U1:
      return 1;
    default:
      return 0;
  }
}

/// The code of a name, or HY_DTYPE_UNDEFINED.
inline uint32_t dtype_from_name(std::string_view name) {
  for (uint32_t d = 1; d <= HY_DTYPE_STRING; ++d)
    if (name == dtype_name(d) && name != "undefined") return d;
  return HY_DTYPE_UNDEFINED;
}

/// Set of element types as a bit mask: bit d is type d.
using DtypeSet = uint64_t;
inline bool contains(DtypeSet set, uint32_t dtype) { return dtype < 64 && (set >> dtype & 1) != 0; }

struct OperandDecl {
  std::string_view name;
  std::string_view type;  // the variable or class as written, of the elements
  DtypeSet types = 0;
  uint32_t kinds = 1u << HY_TYPE_TENSOR;  // bit k: a value of HY_TYPE k may stand here
  bool optional = false;
  bool variadic = false;
  bool may_be_none = false;  // of a variadic operand: zero of them is legal
};

struct AttributeDecl {
  std::string_view name;
  uint32_t type = 0;  // HY_ATTR_*
  bool required = false;
  bool has_default = false;  // neither: may be absent
  std::string_view text;     // the default as written
};

struct OperatorDecl {
  std::string_view domain, name;
  std::vector<OperandDecl> inputs, outputs;
  std::vector<AttributeDecl> attributes;
  uint64_t digest = 0;

  const AttributeDecl* attribute(std::string_view wanted) const {
    for (const AttributeDecl& a : attributes)
      if (a.name == wanted) return &a;
    return nullptr;
  }
  /// Draws random numbers: two nodes with equal operands differ, and so do two runs of one.
  bool random() const { return attribute("seed") != nullptr; }
  /// The declaration of the i-th input or output, the variadic one for all past it; or null.
  static const OperandDecl* at(const std::vector<OperandDecl>& list, size_t i) {
    if (i < list.size()) return &list[i];
    return !list.empty() && list.back().variadic ? &list.back() : nullptr;
  }
};

namespace detail {

inline std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const size_t end = text.find(by);
    if (end != 0) out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

inline DtypeSet type_class(std::string_view name) {
  const auto bit = [](uint32_t d) { return DtypeSet{1} << d; };
  if (name == "float")
    return bit(HY_DTYPE_F64) | bit(HY_DTYPE_F32) | bit(HY_DTYPE_F16) | bit(HY_DTYPE_BF16);
  if (name == "sint")
    return bit(HY_DTYPE_I8) | bit(HY_DTYPE_I16) | bit(HY_DTYPE_I32) | bit(HY_DTYPE_I64);
  if (name == "uint")
    return bit(HY_DTYPE_U8) | bit(HY_DTYPE_U16) | bit(HY_DTYPE_U32) | bit(HY_DTYPE_U64);
  if (name == "int") return type_class("sint") | type_class("uint");
  if (name == "numeric") return type_class("float") | type_class("int");
  if (name == "index") return bit(HY_DTYPE_I32) | bit(HY_DTYPE_I64);
  if (name == "any" || name == "value") return ~DtypeSet{1};
  const uint32_t d = dtype_from_name(name);
  return d == HY_DTYPE_UNDEFINED ? 0 : bit(d);
}

inline DtypeSet type_set(std::string_view text) {
  DtypeSet set = 0;
  for (std::string_view part : split(text, '|')) set |= type_class(part);
  return set;
}

inline uint32_t attribute_kind(std::string_view kind) {
  if (kind == "int") return HY_ATTR_INT;
  if (kind == "float") return HY_ATTR_FLOAT;
  if (kind == "string") return HY_ATTR_STRING;
  if (kind == "ints") return HY_ATTR_INTS;
  if (kind == "floats") return HY_ATTR_FLOATS;
  if (kind == "strings") return HY_ATTR_STRINGS;
  if (kind == "graph") return HY_ATTR_GRAPH;
  return HY_ATTR_TENSOR;
}

/// Splits seq(T) into the kinds of values that it allows and T.
inline uint32_t value_kinds(std::string_view* type) {
  static constexpr std::pair<std::string_view, uint32_t> kForms[] = {
      {"seq(", 1u << HY_TYPE_SEQUENCE},
      {"opt(", 1u << HY_TYPE_OPTIONAL},
      {"map(", 1u << HY_TYPE_MAP},
      {"value(", 0xfu}};
  for (const auto& [prefix, kinds] : kForms)
    if (type->starts_with(prefix)) {
      *type = type->substr(prefix.size(), type->size() - prefix.size() - 1);
      return kinds;
    }
  return *type == "value" ? 0xfu : 1u << HY_TYPE_TENSOR;
}

inline std::vector<OperandDecl> parse_operands(
    std::string_view text, const std::map<std::string_view, DtypeSet>& variables) {
  std::vector<OperandDecl> out;
  for (std::string_view word : split(text, ' ')) {
    OperandDecl o;
    const size_t colon = word.find(':');
    o.name = word.substr(0, colon);
    std::string_view type = word.substr(colon + 1);
    if (type.ends_with("...0")) {
      o.variadic = o.may_be_none = true;
      type.remove_suffix(4);
    } else if (type.ends_with("...")) {
      o.variadic = true;
      type.remove_suffix(3);
    } else if (type.ends_with("?")) {
      o.optional = true;
      type.remove_suffix(1);
    }
    o.kinds = value_kinds(&type);
    o.type = type;
    const auto v = variables.find(type);
    o.types = v != variables.end() ? v->second : type_set(type);
    out.push_back(o);
  }
  return out;
}

inline OperatorDecl parse_operator(const hy_operator& row) {
  OperatorDecl op;
  op.domain = row.domain;
  op.name = row.name;
  op.digest = hy_operator_digest(&row);
  std::map<std::string_view, DtypeSet> variables;
  for (std::string_view word : split(row.types, ' ')) {
    const size_t eq = word.find('=');
    variables[word.substr(0, eq)] = type_set(word.substr(eq + 1));
  }
  const std::string_view operands = row.operands;
  const size_t arrow = operands.find("->");
  op.inputs = parse_operands(operands.substr(0, arrow), variables);
  op.outputs = parse_operands(operands.substr(arrow + 2), variables);
  for (std::string_view word : split(row.attributes, ' ')) {
    AttributeDecl a;
    const size_t colon = word.find(':'), eq = word.find('=');
    a.name = word.substr(0, colon);
    std::string_view kind =
        word.substr(colon + 1, eq == std::string_view::npos ? eq : eq - colon - 1);
    const bool may_be_absent = kind.ends_with("?");
    if (may_be_absent) kind.remove_suffix(1);
    a.type = attribute_kind(kind);
    a.has_default = eq != std::string_view::npos;
    if (a.has_default) a.text = word.substr(eq + 1);
    a.required = !may_be_absent && !a.has_default;
    op.attributes.push_back(a);
  }
  return op;
}

}  // namespace detail

/// The operator of that domain and name, or null. Any thread; lives for ever.
inline const OperatorDecl* find_operator(std::string_view domain, std::string_view name) {
  static const auto table = [] {
    std::unordered_map<std::string_view, std::vector<OperatorDecl>> t;
    for (const hy_operator& row : hy_operators) t[row.name].push_back(detail::parse_operator(row));
    return t;
  }();
  const auto it = table.find(name);
  if (it == table.end()) return nullptr;
  for (const OperatorDecl& d : it->second)
    if (d.domain == domain) return &d;
  return nullptr;
}

}  // namespace halyard
