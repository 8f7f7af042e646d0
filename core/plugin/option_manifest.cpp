#include "core/plugin/option_manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "halyard/abi/plugin.h"

namespace halyard::core {
namespace {

using Json = nlohmann::json;

/// One row; what is wrong with it, or nothing.
std::string read_option(const Json& j, config::OptionSchema* out) {
  if (!j.is_object() || !j.contains("name") || !j["name"].is_string() || j["name"].empty())
    return "an entry must be {\"name\": ..., \"type\": ...}";
  out->name = j["name"].get<std::string>();
  const auto wrong = [&](const char* what) { return fmt::format("\"{}\": {}", out->name, what); };
  const auto type = j.find("type");
  if (type != j.end() && type->is_string())
    out->type = config::option_type_from_name(type->get<std::string>());
  if (out->type == 0) return wrong("\"type\" must be string, int, float, bool, choice or bytes");
  for (const auto& [key, to] : {std::pair("min", &out->min), std::pair("max", &out->max)})
    if (const auto it = j.find(key); it != j.end()) {
      if (!it->is_number()) return wrong("\"min\" and \"max\" must be numbers");
      *to = it->get<double>();
    }
  if (out->min && out->max && *out->min > *out->max) return wrong("\"min\" is larger than \"max\"");
  if (const auto it = j.find("choices"); it != j.end()) {
    const bool texts = it->is_array() && std::all_of(it->begin(), it->end(),
                                                     [](const Json& c) { return c.is_string(); });
    if (!texts) return wrong("\"choices\" must be a list of texts");
    out->choices = it->get<std::vector<std::string>>();
  }
  if ((out->type == HY_OPTION_CHOICE) == out->choices.empty())
    return wrong("\"choices\" belongs to the type choice");
  if (const auto it = j.find("doc"); it != j.end()) {
    if (!it->is_string()) return wrong("\"doc\" must be a text");
    out->doc = it->get<std::string>();
  }
  if (const auto it = j.find("affects_artifact"); it != j.end()) {
    if (!it->is_boolean()) return wrong("\"affects_artifact\" must be true or false");
    out->affects_artifact = it->get<bool>();
  }
  if (const auto it = j.find("default"); it != j.end()) {
    if (it->is_structured() || it->is_null()) return wrong("\"default\" must be one value");
    out->preset = it->is_string() ? it->get<std::string>() : it->dump();
    std::string canonical;
    if (const auto problem = config::check_option(*out, out->preset, &canonical))
      return wrong(("\"default\": " + problem->message).c_str());
  }
  return {};
}

}  // namespace

bool read_option_list(const Json& list, std::vector<config::OptionSchema>* out,
                      std::string* problem) {
  if (!list.is_array()) {
    *problem = "\"options\" must be a list";
    return false;
  }
  for (const Json& j : list) {
    config::OptionSchema option;
    if (const std::string words = read_option(j, &option); !words.empty()) {
      *problem = "\"options\": " + words;
      return false;
    }
    const bool twice =
        std::any_of(out->begin(), out->end(), [&](const auto& o) { return o.name == option.name; });
    if (twice) {
      *problem = fmt::format("\"options\": \"{}\" is there twice", option.name);
      return false;
    }
    out->push_back(std::move(option));
  }
  return true;
}

}  // namespace halyard::core
