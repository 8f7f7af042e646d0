#include "core/config/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/config/spelling.hpp"

namespace halyard::core::config {
namespace {

std::string field_text(const Item& item, const char* name) {
  const auto it = item.fields.find(name);
  const auto* text =
      it == item.fields.end() ? nullptr : std::get_if<std::string>(&it->second.value);
  return text != nullptr ? *text : std::string();
}

/// Do two entries speak of the same provider, and of the same device where both name one?
bool same_provider(const Item& a, const Item& b) {
  const std::string device = field_text(a, "device"), other = field_text(b, "device");
  return field_text(a, "id") == field_text(b, "id") &&
         (device.empty() || other.empty() || device == other);
}

void overlay(Item& below, const Item& above) {
  for (const auto& [name, stated] : above.fields) below.fields[name] = stated;
}

YamlNode preset_node(const Key& key) {
  std::vector<Issue> none;
  YamlNode root = read_yaml(key.preset, "", &none);
  return root;
}

}  // namespace

Resolver::Resolver() {
  for (const Key& key : key_table()) {
    if (key.preset.empty() || key.path.find('[') != std::string_view::npos) continue;
    Value value;
    if (!parse_value(key, preset_node(key), &value))
      out_.scalars[std::string(key.path)] = {std::move(value), {}, Layer::kDefault, 0};
  }
}

void Resolver::stamp(Fields& fields) const {
  for (auto& [name, stated] : fields) {
    stated.layer = layer_;
    stated.rank = rank_;
  }
}

void Resolver::add(Layer layer, const Statements& statements) {
  ++rank_;
  layer_ = layer;
  Fields scalars = statements.scalars;
  stamp(scalars);
  for (auto& [path, stated] : scalars) out_.scalars[path] = std::move(stated);
  if (const auto it = statements.lists.find("providers"); it != statements.lists.end())
    replace_providers(it->second);
  if (const auto it = statements.lists.find("place"); it != statements.lists.end()) {
    out_.place = it->second.items;
    for (Item& item : out_.place) stamp(item.fields);
  }
  for (const Edit& edit : statements.edits) apply(edit);
}

/// The list is new; what earlier sources said about its entries stays below what it says itself.
void Resolver::replace_providers(const ItemList& list) {
  std::vector<Item> fresh;
  for (const Item& given : list.items) {
    if (field_text(given, "id").empty()) continue;  // wrong, and told
    Item item = given;
    stamp(item.fields);
    const auto before = std::find_if(known_.rbegin(), known_.rend(),
                                     [&](const Item& k) { return same_provider(k, item); });
    if (before != known_.rend()) {
      Item merged = *before;
      overlay(merged, item);
      merged.where = item.where;
      item = std::move(merged);
    }
    fresh.push_back(std::move(item));
  }
  known_.insert(known_.end(), fresh.begin(), fresh.end());
  out_.providers = std::move(fresh);
  out_.providers_where = list.where;
  out_.providers_layer = layer_;
  providers_rank_ = rank_;
  listed_ = true;
}

void Resolver::apply(const Edit& edit) {
  std::vector<Item>& list = edit.list == "providers" ? out_.providers : out_.place;
  if (edit.list == "providers" && !edit.by_number) return edit_provider(edit);
  const auto number = static_cast<size_t>(parse_int(edit.selector).value_or(0));
  if (number >= list.size()) {
    issues_.push_back({edit.item.where, fmt::format("{}[{}]", edit.list, edit.selector),
                       fmt::format("there is no such entry; the list has {}", list.size()),
                       list.empty()
                           ? fmt::format("set the whole list: {}=[...]", edit.list)
                           : fmt::format("the last one is {}[{}]", edit.list, list.size() - 1)});
    return;
  }
  Item above = edit.item;
  stamp(above.fields);
  overlay(list[number], above);
}

/// Says something about a provider without listing it.
void Resolver::edit_provider(const Edit& edit) {
  Item above = edit.item;
  above.fields["id"] = {edit.selector, edit.item.where, layer_, rank_};
  stamp(above.fields);
  const Stated id = above.fields["id"];
  for (std::vector<Item>* list : {&out_.providers, &known_})
    for (Item& item : *list) {
      if (field_text(item, "id") != edit.selector) continue;
      const Stated kept = item.fields["id"];
      overlay(item, above);
      item.fields["id"] = kept;
    }
  const bool there = std::any_of(known_.begin(), known_.end(), [&](const Item& k) {
    return field_text(k, "id") == edit.selector;
  });
  if (!there) known_.push_back(std::move(above));
}

/// A list of providers given for this run is meant as an order, unless the same source says otherwise.
void Resolver::imply_priority() {
  if (!listed_ || out_.providers_layer < Layer::kEnvironment) return;
  Stated& placement = out_.scalars["policy.placement"];
  if (placement.layer >= out_.providers_layer) return;
  placement.value = std::string("priority");
  placement.where = out_.providers_where;
  placement.layer = out_.providers_layer;
  placement.rank = providers_rank_;
}

Resolved Resolver::result() && {
  imply_priority();
  for (const Item& item : known_) {
    const std::string id = field_text(item, "id");
    const auto has_id = [&](const Item& other) { return field_text(other, "id") == id; };
    if (std::any_of(out_.providers.begin(), out_.providers.end(), has_id)) continue;
    const auto it = std::find_if(out_.unlisted.begin(), out_.unlisted.end(), has_id);
    if (it == out_.unlisted.end())
      out_.unlisted.push_back(item);
    else
      *it = item;  // the latest, which has the earlier ones below it
  }
  return std::move(out_);
}

void check_whole(const Resolved& resolved, std::vector<Issue>* issues) {
  std::vector<std::string> ids;
  for (const Item& p : resolved.providers) ids.push_back(field_text(p, "id"));
  const std::vector<std::string_view> names(ids.begin(), ids.end());
  // A pin of a file must not keep `--providers a` from working: then it says nothing about this run.
  const auto check = [&](const Fields& fields, const char* name, const std::string& shown,
                         bool pin) {
    const auto it = fields.find(name);
    if (it == fields.end() || names.empty()) return;
    const auto* id = std::get_if<std::string>(&it->second.value);
    if (id == nullptr || std::find(names.begin(), names.end(), *id) != names.end()) return;
    const bool overruled = pin && it->second.layer < resolved.providers_layer;
    issues->push_back({it->second.where, shown,
                       fmt::format("\"{}\" is not among the providers that are listed ({})", *id,
                                   resolved.providers_where.text()),
                       did_you_mean(*id, names, "listed are"), overruled});
  };
  check(resolved.scalars, "require.provider", "require.provider", false);
  for (size_t i = 0; i < resolved.place.size(); ++i)
    check(resolved.place[i].fields, "provider", fmt::format("place[{}].provider", i), true);
}

}  // namespace halyard::core::config
