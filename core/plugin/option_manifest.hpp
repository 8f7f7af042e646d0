// The options that a manifest states.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/config/option_schema.hpp"

namespace halyard::core {

/// "options": [{"name": "tile", "type": "int", "min": 1, "max": 64, "default": 8, "doc": "..."}]. Types:
/// string, int, float, bool, bytes, and choice with "choices": ["a", "b"]. "affects_artifact": false where
/// no compiled artefact depends on it. False with *problem where something is wrong.
bool read_option_list(const nlohmann::json& list, std::vector<config::OptionSchema>* out,
                      std::string* problem);

}  // namespace halyard::core
