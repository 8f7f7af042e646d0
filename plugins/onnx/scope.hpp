// The names that nodes see: of a graph, of a body within it, or of a function's call.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "graph_writer.hpp"
#include "proto.hpp"

namespace halyard::onnx {

/// What each name stands for here. A constant becomes a value of the subgraph when it is first used.
/// Single-threaded. All names are views into the file.
struct Scope {
  const Scope* parent = nullptr;  // of a body: constants of enclosing graphs are seen
  uint32_t subgraph = 0;
  int depth = 1;       // of subgraphs
  int calls = 0;       // of functions within functions
  std::string prefix;  // of a call: before all its names
  const proto::Opsets* opsets = nullptr;
  const std::map<std::string_view, const proto::Attribute*>* call_attributes =
      nullptr;  // of a call

  std::unordered_map<std::string_view, uint32_t>
      values;  // HY_NONE: an operand that the caller left out
  std::unordered_map<std::string_view, uint32_t> constants;  // by name, the graph's constant
  std::unordered_set<std::string_view> used;                 // names that some node or output reads
  std::unordered_map<std::string_view, const proto::ValueInfo*>
      hints;                                                  // what the file says of values
  std::unordered_set<std::string_view> outputs;               // of the graph
  std::unordered_map<std::string_view, std::string> renamed;  // of a call: the caller's names

  /// The name as the graph shall have it.
  std::string shown(std::string_view name) const {
    const auto it = renamed.find(name);
    return it != renamed.end() ? it->second : prefix + std::string(name);
  }
  /// The constant of a name, here or in an enclosing graph, or HY_NONE.
  uint32_t constant(std::string_view name) const {
    for (const Scope* at = this; at != nullptr; at = at->parent) {
      if (const auto it = at->constants.find(name); it != at->constants.end()) return it->second;
      if (at->values.contains(name)) break;
    }
    return HY_NONE;
  }
  bool defines(std::string_view name) const {
    return values.contains(name) || constants.contains(name);
  }
};

}  // namespace halyard::onnx
