#include "core/config/report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace halyard::core::config {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json origin_json(const Stated& stated) {
  Json out{{"layer", layer_name(stated.layer)}};
  if (!stated.where.source.empty()) out["source"] = stated.where.source;
  if (stated.where.line != 0) {
    out["line"] = stated.where.line;
    out["column"] = stated.where.column;
  }
  return out;
}

Json value_json(const Value& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

Json row(const std::string& key, const Stated& stated) {
  return {{"key", key}, {"value", value_json(stated.value)}, {"origin", origin_json(stated)}};
}

void add_items(Json& rows, std::string_view list, const std::vector<Item>& items) {
  for (size_t i = 0; i < items.size(); ++i)
    for (const auto& [field, stated] : items[i].fields)
      rows.push_back(row(fmt::format("{}[{}].{}", list, i, field), stated));
}

Json issue_json(const Issue& issue) {
  return {{"file", issue.where.source},   {"line", issue.where.line},
          {"column", issue.where.column}, {"key", issue.key},
          {"message", issue.message},     {"suggestion", issue.suggestion}};
}

}  // namespace

std::string effective_report(const Config& config) {
  const Resolved all = config.resolved();
  Json rows = Json::array();
  // In the table's order, which is the order of the reference.
  for (const Key& key : key_table()) {
    if (key.path == "providers") {
      add_items(rows, "providers", all.providers);
      for (const Item& item : all.unlisted) {
        const auto& id = std::get<std::string>(item.fields.at("id").value);
        for (const auto& [field, stated] : item.fields)
          if (field != "id") rows.push_back(row(fmt::format("providers.{}.{}", id, field), stated));
      }
    } else if (key.path == "place") {
      add_items(rows, "place", all.place);
    } else if (const auto it = all.scalars.find(std::string(key.path)); it != all.scalars.end()) {
      rows.push_back(row(it->first, it->second));
    }
  }
  return dump(Json{{"schema", 1}, {"values", rows}});
}

std::vector<std::pair<std::string, std::string>> placement_statements(const Config& config) {
  const Resolved all = config.resolved();
  std::vector<std::pair<std::string, std::string>> out;
  const auto text = [](const Stated& stated) {
    const auto* word = std::get_if<std::string>(&stated.value);
    return word != nullptr ? *word : dump(value_json(stated.value));
  };
  // "options.x" is x in options; where it runs is no matter of the model.
  const auto item_json = [&](const Item& item) {
    Json one = Json::object();
    for (const auto& [field, stated] : item.fields) {
      if (field == "isolation") continue;
      Json* at = &one;
      std::string_view rest = field;
      for (size_t dot; (dot = rest.find('.')) != std::string_view::npos;
           rest.remove_prefix(dot + 1))
        at = &(*at)[std::string(rest.substr(0, dot))];
      (*at)[std::string(rest)] = value_json(stated.value);
    }
    return one;
  };
  if (!all.providers.empty()) {
    Json list = Json::array();
    for (const Item& item : all.providers) list.push_back(item_json(item));
    out.emplace_back("providers", dump(list));
  }
  for (const Item& item : all.unlisted) {
    const auto& id = std::get<std::string>(item.fields.at("id").value);
    for (const auto& [field, stated] : item.fields)
      if (field != "id" && field != "isolation")
        out.emplace_back(fmt::format("providers.{}.{}", id, field), text(stated));
  }
  if (!all.place.empty()) {
    Json list = Json::array();
    for (const Item& item : all.place) list.push_back(item_json(item));
    out.emplace_back("place", dump(list));
  }
  for (const auto& [key, stated] : all.scalars) {
    const bool matters = key == "compute_units" || key == "threads" || key.starts_with("policy.") ||
                         key.starts_with("require.");
    if (matters && stated.layer != Layer::kDefault) out.emplace_back(key, text(stated));
  }
  return out;
}

std::string issues_report(std::span<const Issue> issues) {
  Json errors = Json::array(), notes = Json::array();
  for (const Issue& issue : issues) (issue.note ? notes : errors).push_back(issue_json(issue));
  return dump(Json{{"schema", 1}, {"errors", errors}, {"notes", notes}});
}

}  // namespace halyard::core::config
