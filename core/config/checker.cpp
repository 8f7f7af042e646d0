#include "core/config/checker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/config/spelling.hpp"

namespace halyard::core::config {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view kIdCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

bool is_id(std::string_view row) { return row == "providers[].id" || row.ends_with("provider"); }

const std::string* text_of(const Fields& fields, const char* name) {
  const auto it = fields.find(name);
  return it == fields.end() ? nullptr : std::get_if<std::string>(&it->second.value);
}

/// `placement:cost` is a text to YAML.
std::string group_advice(const YamlNode& node, const Place& place) {
  const auto names = names_below(place.row);
  const std::string first = node.text.substr(0, node.text.find(':'));
  if (first.size() < node.text.size() &&
      std::find(names.begin(), names.end(), first) != names.end())
    return fmt::format("write a space after the colon: {}: {}", first,
                       node.text.substr(first.size() + 1));
  return fmt::format("known are: {}", fmt::join(names, ", "));
}

}  // namespace

Place Place::below(std::string_view name) const {
  const auto join = [&](const std::string& path) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
  };
  return {join(shown), join(row), join(field)};
}

void Checker::issue(const YamlNode& at, const Place& place, std::string message,
                    std::string suggestion) {
  issues_->push_back({where(at), place.shown, std::move(message), std::move(suggestion)});
}

void Checker::unknown(const YamlNode& at, const Place& parent, const std::string& name) {
  const Place place = parent.below(name);
  if (name == "<<") return issue(at, place, "merge keys are not supported", "write the keys out");
  const std::string message = parent.shown.empty()
                                  ? fmt::format("there is no key \"{}\"", name)
                                  : fmt::format("{} has no key \"{}\"", parent.shown, name);
  const auto here = names_below(parent.row);
  if (const std::string_view near = closest(name, here); !near.empty())
    return issue(at, place, message, fmt::format("did you mean \"{}\"?", near));
  if (find_key(name) != nullptr && name.find('.') != std::string::npos) {
    const size_t dot = name.find('.');
    return issue(
        at, place, message,
        fmt::format("nest it: {}: {{{}: ...}}", name.substr(0, dot), name.substr(dot + 1)));
  }
  if (const auto elsewhere = paths_named(name); !elsewhere.empty())
    return issue(at, place, message, fmt::format("did you mean {}?", fmt::join(elsewhere, " or ")));
  issue(at, place, message, fmt::format("known are: {}", fmt::join(here, ", ")));
}

void Checker::group(const YamlNode& map, const Place& place, Fields* fields,
                    std::map<std::string, ItemList>* lists) {
  std::map<std::string_view, uint32_t> seen;  // lines
  for (const auto& [name, node] : map.members) {
    if (!name.is(Kind::kScalar)) continue;  // told by the reader
    const Place child = place.below(name.text);
    if (const auto [it, fresh] = seen.emplace(name.text, name.line); !fresh) {
      issue(name, child, fmt::format("the key is given twice; first in line {}", it->second),
            "keep one of them");
      continue;
    }
    const bool nested = name.text.find_first_of(".[") != std::string::npos;
    if (const Key* key = find_key(child.row); key != nullptr && !nested)
      value(*key, node, child, fields, lists);
    else
      unknown(name, place, name.text);
  }
}

void Checker::value(const Key& key, const YamlNode& node, const Place& place, Fields* fields,
                    std::map<std::string, ItemList>* lists) {
  const bool block =
      key.kind == KeyKind::kGroup || key.kind == KeyKind::kItems || key.kind == KeyKind::kOptions;
  if (block && node.is(Kind::kNull)) return;  // all its keys are commented out
  switch (key.kind) {
    case KeyKind::kGroup:
      if (node.is(Kind::kMap)) return group(node, place, fields, lists);
      // `require: name` is short for {provider: name}.
      if (const Key* first = find_key(place.row + ".provider");
          first != nullptr && node.is(Kind::kScalar))
        return scalar(*first, node, place.below("provider"), fields);
      return issue(node, place,
                   fmt::format("a map of keys is wanted; {} stands here", describe(node)),
                   group_advice(node, place));
    case KeyKind::kItems: {
      ItemList list;
      items(key, node, place, &list);
      if (lists != nullptr) lists->insert_or_assign(place.row, std::move(list));
      return;
    }
    case KeyKind::kOptions:
      return options(node, place, fields);
    default:
      return scalar(key, node, place, fields);
  }
}

void Checker::scalar(const Key& key, const YamlNode& node, const Place& place, Fields* fields) {
  Value value;
  if (auto problem = parse_value(key, node, &value))
    return issue(problem->at != nullptr ? *problem->at : node, place, std::move(problem->message),
                 std::move(problem->suggestion));
  if (auto* text = std::get_if<std::string>(&value)) {
    if (key.kind == KeyKind::kPath) *text = whole_path(*text);
    if (is_id(place.row) && text->find_first_not_of(kIdCharacters) != std::string::npos)
      return issue(node, place,
                   fmt::format("\"{}\" is no id: letters, digits and . _ - are possible", *text),
                   text->find(',') != std::string::npos && place.row == "providers[].id"
                       ? "give each provider an entry of its own"
                       : "");
  }
  if (auto* list = std::get_if<std::vector<std::string>>(&value);
      list != nullptr && key.kind == KeyKind::kPathList)
    for (std::string& path : *list) path = whole_path(path);
  (*fields)[place.field] = {std::move(value), where(node), Layer::kDefault, 0};
}

/// Options are kept as written; who publishes their schema is known later.
void Checker::options(const YamlNode& node, const Place& place, Fields* fields) {
  if (!node.is(Kind::kMap))
    return issue(node, place,
                 fmt::format("a map of options is wanted; {} stands here", describe(node)),
                 "write {name: value}");
  std::map<std::string_view, uint32_t> seen;
  for (const auto& [name, value] : node.members) {
    if (!name.is(Kind::kScalar)) continue;
    const Place child = place.below(name.text);
    if (const auto [it, fresh] = seen.emplace(name.text, name.line); !fresh)
      issue(name, child, fmt::format("the option is given twice; first in line {}", it->second),
            "keep one of them");
    else if (!value.is(Kind::kScalar))
      issue(value, child, fmt::format("an option has one value; {} stands here", describe(value)),
            "");
    else
      (*fields)[child.field] = {value.text, where(value), Layer::kDefault, 0};
  }
}

void Checker::items(const Key& key, const YamlNode& node, const Place& place, ItemList* list) {
  list->where = where(node);
  if (!node.is(Kind::kList))
    return issue(node, place, fmt::format("a list is wanted; {} stands here", describe(node)),
                 node.is(Kind::kScalar) ? fmt::format("write [{}]", node.text)
                                        : "begin each entry with `- `");
  if (node.items.empty() && key.path == "providers")
    issue(node, place, "the list is empty, and nothing could run",
          "remove the key to use all providers");
  for (size_t i = 0; i < node.items.size(); ++i) {
    const Place child{fmt::format("{}[{}]", place.shown, i), place.row + "[]", ""};
    Item one;
    one.where = where(node.items[i]);
    item(node.items[i], child, &one);
    list->items.push_back(std::move(one));
  }
  check_doubles(place, *list);
}

void Checker::item(const YamlNode& node, const Place& place, Item* item) {
  // `- name` is short for `- {id: name}`.
  if (const Key* id = find_key(place.row + ".id"); id != nullptr && node.is(Kind::kScalar))
    return scalar(*id, node, place.below("id"), &item->fields);
  if (!node.is(Kind::kMap))
    return issue(node, place,
                 fmt::format("an entry is a map of keys; {} stands here", describe(node)),
                 fmt::format("known are: {}", fmt::join(names_below(place.row), ", ")));
  const size_t before = issues_->size();
  group(node, place, &item->fields, nullptr);
  if (issues_->size() == before) check_item(node, place, *item);
}

void Checker::check_item(const YamlNode& node, const Place& place, const Item& item) {
  for (const Key& key : key_table()) {
    if (!key.required || !key.path.starts_with(place.row + ".")) continue;
    const std::string name(key.path.substr(place.row.size() + 1));
    const bool there = std::any_of(item.fields.begin(), item.fields.end(), [&](const auto& field) {
      return field.first == name || field.first.starts_with(name + ".");
    });
    if (there) continue;
    const auto given = std::find_if(node.members.begin(), node.members.end(),
                                    [&](const auto& m) { return m.first.text == name; });
    if (given != node.members.end())
      issue(given->first, place.below(name), "says nothing, and would match everything",
            "write `op: \"*\"` to mean every node");
    else
      issue(node, place, fmt::format("the key \"{}\" is missing", name),
            fmt::format("add `{}: ...`", name));
  }
}

void Checker::check_doubles(const Place& place, const ItemList& list) {
  for (size_t i = 0; i < list.items.size(); ++i)
    for (size_t k = 0; k < i; ++k) {
      const Fields &a = list.items[i].fields, &b = list.items[k].fields;
      const std::string *id = text_of(a, "id"), *other = text_of(b, "id");
      if (id == nullptr || other == nullptr || *id != *other) continue;
      const std::string *device = text_of(a, "device"), *second = text_of(b, "device");
      if (device != nullptr && second != nullptr && *device != *second) continue;
      Issue out{
          list.items[i].where, fmt::format("{}[{}]", place.shown, i),
          fmt::format("provider \"{}\" is listed twice; first as {}[{}]", *id, place.shown, k),
          "remove one, or give each another device"};
      issues_->push_back(std::move(out));
      break;
    }
}

std::string Checker::whole_path(const std::string& path) const {
  namespace fs = std::filesystem;
  const char* home = std::getenv("HOME");
  if (home != nullptr && (path == "~" || path.starts_with("~/")))
    return (fs::path(home) / path.substr(std::min<size_t>(2, path.size()))).string();
  return folder_.empty() || fs::path(path).is_absolute()
             ? path
             : (fs::path(folder_) / path).lexically_normal().string();
}

Statements check_document(const YamlNode& root, const std::string& source,
                          const std::string& folder, std::vector<Issue>* issues) {
  Statements out;
  Checker checker(source, folder, issues);
  if (root.is(Kind::kMap))
    checker.group(root, {}, &out.scalars, &out.lists);
  else if (!root.is(Kind::kNull))
    checker.issue(root, {},
                  fmt::format("a configuration is a map of keys; {} stands here", describe(root)),
                  fmt::format("known are: {}", fmt::join(names_below(""), ", ")));
  return out;
}

}  // namespace halyard::core::config
