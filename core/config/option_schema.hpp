// What options a plugin understands, as it publishes them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/value.hpp"

namespace halyard::core::config {

struct OptionSchema {
  std::string name;
  uint32_t type = 0;                 // HY_OPTION_*
  std::vector<std::string> choices;  // of HY_OPTION_CHOICE
  std::optional<double> min, max;    // of numbers and bytes
  std::string preset;                // as text; empty: none
  std::string doc;
  bool affects_artifact = true;  // a compiled artefact depends on it
};

/// A plugin as the configuration sees it.
struct PluginInfo {
  std::string id;
  bool provider = false;
  std::string unusable;                              // why it is not used; empty: it is
  std::optional<std::vector<OptionSchema>> options;  // nothing: it publishes none
};

/// "int", "choice", ...; "?" for an unknown type.
const char* option_type_name(uint32_t type);
/// The HY_OPTION_* of a name, or 0.
uint32_t option_type_from_name(std::string_view name);

/// Checks a text against the schema. Nothing: *canonical is what the plugin gets: "true" for every way to
/// write it, bytes as a count.
std::optional<Problem> check_option(const OptionSchema& schema, const std::string& text,
                                    std::string* canonical);
/// For a name that the schema does not have.
Problem unknown_option(const std::string& name, const std::vector<OptionSchema>& schema);

}  // namespace halyard::core::config
