#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/config/report.hpp"
#include "halyard/abi/plugin.h"

namespace halyard::core::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSizePattern = R"(^[0-9]+(\.[0-9]+)? ?([KMGT]iB|[kKMGT]B|B)?$)";

/// Every name of a choice, the other ones included.
Json all_names(std::string_view choices) {
  Json out = Json::array();
  for (size_t end; !choices.empty(); choices.remove_prefix(std::min(end + 1, choices.size()))) {
    end = std::min(choices.find_first_of("|="), choices.size());
    out.push_back(std::string(choices.substr(0, end)));
  }
  return out;
}

Json one_or_list(Json element) {
  return {{"anyOf", Json::array({element, Json{{"type", "array"}, {"items", element}}})}};
}

Json size_schema(double max) {
  return {{"anyOf", Json::array({Json{{"type", "integer"}, {"minimum", 0}, {"maximum", max}},
                                 Json{{"type", "string"}, {"pattern", kSizePattern}}})}};
}

Json scalar_schema(const Key& key) {
  const Json text{{"type", "string"}, {"minLength", 1}};
  // YAML reads an unquoted 0 as a number.
  const Json word{{"type", Json::array({"string", "number", "boolean"})}};
  switch (key.kind) {
    case KeyKind::kBool:
      return {{"type", "boolean"}};
    case KeyKind::kInt:
      return {{"type", "integer"}, {"minimum", key.min}, {"maximum", key.max}};
    case KeyKind::kNumber:
      return {{"type", "number"}, {"minimum", key.min}, {"maximum", key.max}};
    case KeyKind::kSize:
      return size_schema(key.max);
    case KeyKind::kShare:
      return {{"anyOf", Json::array({Json{{"type", "number"}, {"minimum", 0}, {"maximum", 1}},
                                     Json{{"type", "string"}, {"pattern", "^[0-9.]+%$"}}})}};
    case KeyKind::kChoice:
      return {{"enum", all_names(key.choices)}};
    case KeyKind::kChoiceList:
      return one_or_list({{"enum", all_names(key.choices)}});
    case KeyKind::kTextList:
    case KeyKind::kPathList:
    case KeyKind::kGlobList:
      return one_or_list(text);
    default:
      return key.path == "providers[].device" ? word : text;
  }
}

Json option_json(const OptionSchema& option) {
  Json out;
  switch (option.type) {
    case HY_OPTION_INT:
      out = {{"type", "integer"}};
      break;
    case HY_OPTION_FLOAT:
      out = {{"type", "number"}};
      break;
    case HY_OPTION_BOOL:
      out = {{"type", "boolean"}};
      break;
    case HY_OPTION_CHOICE:
      out = {{"enum", option.choices}};
      break;
    case HY_OPTION_BYTES:
      out = size_schema(option.max.value_or(9e15));
      break;
    default:
      out = {{"type", Json::array({"string", "number", "boolean"})}};
  }
  const bool number = option.type == HY_OPTION_INT || option.type == HY_OPTION_FLOAT;
  if (option.min && number) out["minimum"] = *option.min;
  if (option.max && number) out["maximum"] = *option.max;
  std::string words = option.doc;
  if (!option.preset.empty())
    words += fmt::format("{}Default: {}", words.empty() ? "" : ". ", option.preset);
  if (!words.empty()) out["description"] = words;
  return out;
}

/// `if` the id is that provider's, `then` its options are these.
Json options_rule(const PluginInfo& plugin) {
  Json properties = Json::object();
  for (const OptionSchema& o : *plugin.options) properties[o.name] = option_json(o);
  const Json options{{"type", Json::array({"object", "null"})},
                     {"properties", properties},
                     {"additionalProperties", false}};
  return {{"if", {{"properties", {{"id", {{"const", plugin.id}}}}}, {"required", {"id"}}}},
          {"then", {{"properties", {{"options", options}}}}}};
}

class SchemaWriter {
 public:
  explicit SchemaWriter(std::span<const PluginInfo> plugins) : plugins_(plugins) {}

  /// The schema of the map whose keys are right below a path.
  Json map(const std::string& path) const {
    Json properties = Json::object(), required = Json::array();
    for (const std::string_view name : names_below(path)) {
      const std::string child = path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
      const Key& key = *find_key(child);
      properties[std::string(name)] = described(key, value(key));
      if (key.required) required.push_back(std::string(name));
    }
    // A group whose keys are all commented out is null.
    Json out{{"type", path.ends_with(']') ? Json("object") : Json::array({"object", "null"})},
             {"properties", properties},
             {"additionalProperties", false}};
    if (!required.empty()) out["required"] = required;
    return out;
  }

 private:
  Json value(const Key& key) const {
    const std::string path(key.path);
    if (key.kind == KeyKind::kOptions)
      return {{"type", Json::array({"object", "null"})},
              {"additionalProperties", {{"type", Json::array({"string", "number", "boolean"})}}}};
    if (key.kind == KeyKind::kItems) return items(path);
    if (key.kind != KeyKind::kGroup) return scalar_schema(key);
    Json group = map(path);
    if (key.required) {
      group["type"] = "object";
      group["minProperties"] = 1;
    }
    if (find_key(path + ".provider") == nullptr) return group;
    return {{"anyOf", Json::array({Json{{"type", "string"}, {"minLength", 1}}, group})}};
  }

  Json items(const std::string& path) const {
    Json item = map(path + "[]");
    Json out{{"type", Json::array({"array", "null"})}};
    if (find_key(path + "[].id") == nullptr) {
      out["items"] = item;
      return out;
    }
    Json rules = Json::array();
    for (const PluginInfo& p : plugins_)
      if (p.provider && p.options) rules.push_back(options_rule(p));
    if (!rules.empty()) item["allOf"] = rules;
    out["minItems"] = 1;
    out["items"] = {{"anyOf", Json::array({Json{{"type", "string"}, {"minLength", 1}}, item})}};
    return out;
  }

  static Json described(const Key& key, Json schema) {
    schema["description"] = std::string(key.doc);
    Value preset;
    std::vector<Issue> none;
    if (!key.preset.empty() && !parse_value(key, read_yaml(key.preset, "", &none), &preset)) {
      schema["default"] = key.kind == KeyKind::kSize
                              ? Json(value_text(key, preset))
                              : std::visit([](const auto& v) { return Json(v); }, preset);
    }
    return schema;
  }

  const std::span<const PluginInfo> plugins_;
};

}  // namespace

std::string schema_report(std::span<const PluginInfo> plugins) {
  Json out{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
           {"title", "Halyard configuration"}};
  out.update(SchemaWriter(plugins).map(""));
  return out.dump(2);
}

}  // namespace halyard::core::config
