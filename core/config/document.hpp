// A YAML document as a tree that remembers where each part stands.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config/issue.hpp"

namespace halyard::core::config {

struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  std::string text;     // of a scalar
  bool quoted = false;  // a scalar in quotes or a block: text, whatever it looks like
  uint32_t line = 0, column = 0;
  std::vector<YamlNode> items;                         // of a list
  std::vector<std::pair<YamlNode, YamlNode>> members;  // of a map, in order, doubles included

  bool is(Kind k) const { return kind == k; }
};

/// The most bytes of one source, and the deepest nesting.
inline constexpr size_t kMaxYamlBytes = 1 << 20;
inline constexpr size_t kMaxYamlDepth = 32;
inline constexpr size_t kMaxYamlNodes = 100'000;

/// Reads one document. What is wrong with it goes to issues, with its place in `source`; the tree holds
/// what could be read. Anchors, aliases, tags and further documents are errors: nothing is ever expanded.
YamlNode read_yaml(std::string_view text, const std::string& source, std::vector<Issue>* issues);

}  // namespace halyard::core::config
