#include "core/config/option_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/config/spelling.hpp"
#include "halyard/abi/plugin.h"

namespace halyard::core::config {
namespace {

struct TypeName {
  uint32_t type;
  const char* name;
  KeyKind kind;
};
constexpr TypeName kTypes[] = {
    {HY_OPTION_STRING, "string", KeyKind::kText},   {HY_OPTION_INT, "int", KeyKind::kInt},
    {HY_OPTION_FLOAT, "float", KeyKind::kNumber},   {HY_OPTION_BOOL, "bool", KeyKind::kBool},
    {HY_OPTION_CHOICE, "choice", KeyKind::kChoice}, {HY_OPTION_BYTES, "bytes", KeyKind::kSize}};

const TypeName* find_type(uint32_t type) {
  const auto it = std::find_if(std::begin(kTypes), std::end(kTypes),
                               [&](const TypeName& t) { return t.type == type; });
  return it == std::end(kTypes) ? nullptr : it;
}

// All whole numbers up to here are doubles: a limit is compared exactly.
constexpr double kLargest = 9007199254740992.0;

}  // namespace

const char* option_type_name(uint32_t type) {
  const TypeName* found = find_type(type);
  return found != nullptr ? found->name : "?";
}

uint32_t option_type_from_name(std::string_view name) {
  for (const TypeName& t : kTypes)
    if (name == t.name) return t.type;
  return 0;
}

std::optional<Problem> check_option(const OptionSchema& schema, const std::string& text,
                                    std::string* canonical) {
  const TypeName* type = find_type(schema.type);
  // A type of a newer plugin: the text goes through as it is.
  if (type == nullptr || schema.type == HY_OPTION_STRING) {
    *canonical = text;
    return {};
  }
  const std::string choices = fmt::format("{}", fmt::join(schema.choices, "|"));
  const bool real = schema.type == HY_OPTION_FLOAT;
  Key key{.path = schema.name, .kind = type->kind, .preset = {}, .choices = choices};
  key.min = schema.min.value_or(schema.type == HY_OPTION_BYTES ? 0
                                : real ? std::numeric_limits<double>::lowest()
                                       : -kLargest);
  key.max = schema.max.value_or(real ? std::numeric_limits<double>::max() : kLargest);
  YamlNode node;
  node.kind = YamlNode::Kind::kScalar;
  node.text = text;
  Value value;
  if (auto problem = parse_value(key, node, &value)) return problem;
  if (const auto* bytes = std::get_if<int64_t>(&value); bytes != nullptr)
    *canonical = std::to_string(*bytes);
  else
    *canonical = real ? text : value_text(key, value);
  return {};
}

Problem unknown_option(const std::string& name, const std::vector<OptionSchema>& schema) {
  std::vector<std::string_view> names;
  for (const OptionSchema& s : schema) names.push_back(s.name);
  return {fmt::format("the provider has no option \"{}\"", name),
          schema.empty() ? "it has none at all" : did_you_mean(name, names, "its options are")};
}

}  // namespace halyard::core::config
