// What one source of configuration says, checked against the key table.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/config/value.hpp"

namespace halyard::core::config {

/// Later ones win.
enum class Layer { kDefault, kModel, kSystem, kUser, kFile, kEnvironment, kFlag };

struct Stated {
  Value value;
  Where where;
  Layer layer = Layer::kDefault;
  uint32_t rank = 0;  // of its source among all: the higher one wins
};

/// By path: "policy.placement"; in an item relative to it: "threads", "match.op", "options.x".
using Fields = std::map<std::string, Stated>;

struct Item {
  Fields fields;
  Where where;
};
struct ItemList {
  Where where;
  std::vector<Item> items;
};
/// Fields of one item of a list, which is named by its id or its number.
struct Edit {
  std::string list;      // "providers"
  std::string selector;  // "3" with by_number, else an id
  bool by_number = false;
  Item item;
};

struct Statements {
  Fields scalars;
  std::map<std::string, ItemList> lists;  // by path: "providers"
  std::vector<Edit> edits;
};

/// Checks a whole document. folder: what relative paths in it start from. Reports everything that is
/// wrong; what is right is kept.
Statements check_document(const YamlNode& root, const std::string& source,
                          const std::string& folder, std::vector<Issue>* issues);

/// One setting as text: ("policy.placement", "cost"), ("providers", "a,b"), ("providers.a.threads", "2"),
/// ("place", "[{match: {op: Conv}, provider: a}]"). Adds to *out. source: for messages.
void check_setting(const std::string& path, const std::string& text, const std::string& source,
                   Statements* out, std::vector<Issue>* issues);

}  // namespace halyard::core::config
