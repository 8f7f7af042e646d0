#include <fmt/format.h>

#include <algorithm>

#include "core/config/checker.hpp"

namespace halyard::core::config {
namespace {

using Kind = YamlNode::Kind;

YamlNode text_node(std::string text) {
  YamlNode out;
  out.kind = Kind::kScalar;
  out.text = std::move(text);
  return out;
}

std::string trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

YamlNode split(std::string_view text, char separator) {
  YamlNode out;
  out.kind = Kind::kList;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    if (std::string word = trimmed(one); !word.empty()) out.items.push_back(text_node(word));
  }
  return out;
}

/// The places within the text mean nothing to who reads the message.
void forget_places(YamlNode& node) {
  node.line = node.column = 0;
  for (YamlNode& item : node.items) forget_places(item);
  for (auto& [name, value] : node.members) {
    forget_places(name);
    forget_places(value);
  }
}

/// "a,b" for lists, YAML where it begins like a list or a map, else the text itself.
YamlNode value_node(const Key& key, const std::string& text, const std::string& source,
                    std::vector<Issue>* issues) {
  const std::string word = trimmed(text);
  const bool yaml = word.starts_with('[') || word.starts_with('{');
  const bool block =
      key.kind == KeyKind::kGroup || key.kind == KeyKind::kItems || key.kind == KeyKind::kOptions;
  if (yaml && (block || is_list(key.kind))) {
    std::vector<Issue> found;
    YamlNode out = read_yaml(word, source, &found);
    for (Issue& i : found) {
      i.where.line = i.where.column = 0;
      i.key = key.path;
      issues->push_back(std::move(i));
    }
    if (!found.empty()) return {};
    forget_places(out);
    return out;
  }
  if (is_list(key.kind)) return split(word, key.kind == KeyKind::kPathList ? ':' : ',');
  return text_node(word);
}

/// Finds the row that a path means, step by step.
class PathReader {
 public:
  PathReader(const std::string& path, const std::string& source, std::vector<Issue>* issues)
      : rest_(path), source_(source), issues_(issues) {}

  /// The row, or null with an issue. Afterwards edit() says which item it is in, if any.
  const Key* read() {
    const Key* key = nullptr;
    while (!rest_.empty()) {
      const std::string name = next();
      if (key != nullptr && key->kind == KeyKind::kItems) {
        if (!select(name)) return nullptr;
        key = nullptr;  // an item has no row of its own
        continue;
      }
      const Place child = place_.below(name);
      key = find_key(child.row);
      if (key == nullptr) {
        Checker(source_, "", issues_).unknown(text_node(name), place_, name);
        return nullptr;
      }
      place_ = child;
      if (key->kind == KeyKind::kOptions && !rest_.empty()) {  // the name may hold dots
        place_ = place_.below(rest_);
        option_ = true;
        rest_ = {};
      }
    }
    if (key == nullptr)
      fail("the path names no key", "write for example policy.placement, or providers.ID.threads");
    return key;
  }

  const Place& place() const { return place_; }
  bool option() const { return option_; }
  Edit* edit() { return edit_.list.empty() ? nullptr : &edit_; }

 private:
  /// The next name; "[3]" is one too.
  std::string next() {
    const size_t end = rest_.starts_with('[') ? std::min(rest_.find(']'), rest_.size() - 1) + 1
                                              : std::min(rest_.find_first_of(".["), rest_.size());
    std::string out(rest_.substr(0, end));
    rest_.remove_prefix(end);
    if (rest_.starts_with('.')) rest_.remove_prefix(1);
    return out;
  }

  bool select(const std::string& name) {
    const bool bracket = name.starts_with('[') && name.ends_with(']') && name.size() > 2;
    const std::string inner = bracket ? name.substr(1, name.size() - 2) : name;
    const bool number = bracket && parse_int(inner).value_or(-1) >= 0;
    if (!number && (name.starts_with('[') || place_.row != "providers")) {
      fail(fmt::format("\"{}\" selects no entry of {}", name, place_.row),
           fmt::format("write {}[0]", place_.row));
      return false;
    }
    edit_ = {place_.row, inner, number, {}};
    const std::string shown =
        number ? place_.shown + "[" + inner + "]" : place_.shown + "." + inner;
    place_ = {shown, place_.row + "[]", ""};
    return true;
  }

  void fail(std::string message, std::string suggestion) {
    issues_->push_back({{source_, 0, 0}, place_.shown, std::move(message), std::move(suggestion)});
  }

  std::string_view rest_;
  const std::string& source_;
  std::vector<Issue>* const issues_;
  Place place_;
  Edit edit_;
  bool option_ = false;
};

}  // namespace

void check_setting(const std::string& path, const std::string& text, const std::string& source,
                   Statements* out, std::vector<Issue>* issues) {
  PathReader reader(path, source, issues);
  const Key* key = reader.read();
  if (key == nullptr) return;
  Edit* edit = reader.edit();
  Fields* fields = edit != nullptr ? &edit->item.fields : &out->scalars;
  if (reader.option()) {
    (*fields)[reader.place().field] = {text, {source, 0, 0}, Layer::kDefault, 0};
  } else {
    const size_t before = issues->size();
    const YamlNode node = value_node(*key, text, source, issues);
    if (issues->size() != before) return;
    Checker(source, "", issues)
        .value(*key, node, reader.place(), fields, edit != nullptr ? nullptr : &out->lists);
  }
  if (edit == nullptr) return;
  edit->item.where = {source, 0, 0};
  out->edits.push_back(std::move(*edit));
}

}  // namespace halyard::core::config
