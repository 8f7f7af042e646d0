// The value of a key: from a node of a file, or from text, to a type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/config/document.hpp"
#include "core/config/keys.hpp"

namespace halyard::core::config {

using Value = std::variant<bool, int64_t, double, std::string, std::vector<std::string>>;

struct Problem {
  std::string message, suggestion;
  const YamlNode* at = nullptr;  // the entry of a list that it is about; null: the whole value
};

/// Checks a node against a row of the table that is no group, items or options. Nothing: *value is set.
std::optional<Problem> parse_value(const Key& key, const YamlNode& node, Value* value);

/// A node's type and text, for messages: `the text "a"`, `a list`.
std::string describe(const YamlNode& node);
/// Bytes of "512MiB", "2GB", "1.5kB", "4096".
std::optional<int64_t> parse_size(std::string_view text);
std::optional<int64_t> parse_int(std::string_view text);
std::optional<double> parse_number(std::string_view text);
/// As in a file: "512MiB" for sizes, "[a, b]" for lists.
std::string value_text(const Key& key, const Value& value);

}  // namespace halyard::core::config
