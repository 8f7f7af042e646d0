// Walks a document along the key table. Internal to core/config.
#pragma once

#include "core/config/statements.hpp"

namespace halyard::core::config {

/// Where a walk stands: the path to show, the row's path, and the path within the list's item.
struct Place {
  std::string shown, row, field;

  Place below(std::string_view name) const;
};

class Checker {
 public:
  Checker(std::string source, std::string folder, std::vector<Issue>* issues)
      : source_(std::move(source)), folder_(std::move(folder)), issues_(issues) {}

  /// The keys of a map. lists: null inside an item, where no further list of items can be.
  void group(const YamlNode& map, const Place& place, Fields* fields,
             std::map<std::string, ItemList>* lists);
  /// The value of one row of any kind.
  void value(const Key& key, const YamlNode& node, const Place& place, Fields* fields,
             std::map<std::string, ItemList>* lists);
  void issue(const YamlNode& at, const Place& place, std::string message, std::string suggestion);
  /// For a name that has no row there.
  void unknown(const YamlNode& at, const Place& parent, const std::string& name);

 private:
  Where where(const YamlNode& node) const { return {source_, node.line, node.column}; }
  void scalar(const Key& key, const YamlNode& node, const Place& place, Fields* fields);
  void options(const YamlNode& node, const Place& place, Fields* fields);
  void items(const Key& key, const YamlNode& node, const Place& place, ItemList* list);
  void item(const YamlNode& node, const Place& place, Item* item);
  void check_item(const YamlNode& node, const Place& place, const Item& item);
  void check_doubles(const Place& place, const ItemList& list);
  std::string whole_path(const std::string& path) const;

  const std::string source_, folder_;
  std::vector<Issue>* const issues_;
};

}  // namespace halyard::core::config
