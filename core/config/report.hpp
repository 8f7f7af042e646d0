// The JSON documents about a configuration, all with "schema": 1 but for the JSON schema itself.
#pragma once

#include "core/config/config.hpp"

namespace halyard::core::config {

/// {"schema":1, "values":[{"key", "value", "origin":{"layer", "source", "line", "column"}}]}
std::string effective_report(const Config& config);
/// {"schema":1, "errors":[{"file", "line", "column", "key", "message", "suggestion"}], "notes":[...]}
std::string issues_report(std::span<const Issue> issues);
/// JSON Schema, draft 2020-12, of a file; options of the plugins included.
std::string schema_report(std::span<const PluginInfo> plugins);

/// What placement depends on, as Config::set takes it: keys and texts. What is stated alone.
std::vector<std::pair<std::string, std::string>> placement_statements(const Config& config);

}  // namespace halyard::core::config
