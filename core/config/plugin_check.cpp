#include <fmt/format.h>

#include <algorithm>

#include "core/config/resolve.hpp"
#include "core/config/spelling.hpp"

namespace halyard::core::config {
namespace {

constexpr std::string_view kOptions = "options.";

class PluginChecker {
 public:
  explicit PluginChecker(std::span<const PluginInfo> plugins) : plugins_(plugins) {}

  void provider(const Item& item, const std::string& shown, bool listed) {
    const auto id = item.fields.find("id");
    if (id == item.fields.end()) return;
    const PluginInfo* plugin = name(id->second, shown + ".id", listed);
    for (const auto& [field, stated] : item.fields) {
      if (plugin == nullptr || !plugin->options || !field.starts_with(kOptions)) continue;
      option(field.substr(kOptions.size()), stated, shown, *plugin->options);
    }
  }

  /// The provider of an id, if it is there; else what is wrong with the id is told.
  const PluginInfo* name(const Stated& id, const std::string& shown, bool told = true) {
    const auto* text = std::get_if<std::string>(&id.value);
    if (text == nullptr || text->empty()) return nullptr;
    const auto it = std::find_if(plugins_.begin(), plugins_.end(),
                                 [&](const PluginInfo& p) { return p.id == *text; });
    // For this run it is meant to be used; a file may speak of another machine.
    const bool note = id.layer < Layer::kEnvironment;
    if (it == plugins_.end()) {
      if (told)
        add(id.where, shown, fmt::format("there is no plugin \"{}\" here", *text), known(*text),
            note);
      return nullptr;
    }
    if (!it->provider)
      add(id.where, shown, fmt::format("\"{}\" is a format plugin and no provider", *text),
          known(*text), false);
    else if (!it->unusable.empty() && told)
      add(id.where, shown, fmt::format("\"{}\" is not used: {}", *text, it->unusable), "", note);
    return it->provider ? &*it : nullptr;
  }

  std::vector<Issue> result() && { return std::move(issues_); }

 private:
  void option(const std::string& name, const Stated& stated, const std::string& shown,
              const std::vector<OptionSchema>& schema) {
    const auto it = std::find_if(schema.begin(), schema.end(),
                                 [&](const OptionSchema& s) { return s.name == name; });
    std::string canonical;
    const auto problem = it == schema.end()
                             ? std::optional(unknown_option(name, schema))
                             : check_option(*it, std::get<std::string>(stated.value), &canonical);
    if (problem)
      add(stated.where, fmt::format("{}.options.{}", shown, name), problem->message,
          problem->suggestion, false);
  }

  std::string known(const std::string& id) const {
    std::vector<std::string_view> ids;
    for (const PluginInfo& p : plugins_)
      if (p.provider) ids.push_back(p.id);
    return ids.empty() ? "no providers are here" : did_you_mean(id, ids, "providers here are");
  }

  void add(const Where& where, std::string key, std::string message, std::string suggestion,
           bool note) {
    issues_.push_back({where, std::move(key), std::move(message), std::move(suggestion), note});
  }

  const std::span<const PluginInfo> plugins_;
  std::vector<Issue> issues_;
};

}  // namespace

std::vector<Issue> Config::plugin_issues(std::span<const PluginInfo> plugins) const {
  const Resolved all = resolved();
  PluginChecker checker(plugins);
  for (size_t i = 0; i < all.providers.size(); ++i)
    checker.provider(all.providers[i], fmt::format("providers[{}]", i), true);
  for (const Item& item : all.unlisted) {
    const auto* id = std::get_if<std::string>(&item.fields.at("id").value);
    checker.provider(item, "providers." + (id != nullptr ? *id : ""), false);
  }
  // Required by a file it may be meant for another machine too; a session on this one then fails.
  if (const auto it = all.scalars.find("require.provider"); it != all.scalars.end())
    checker.name(it->second, "require.provider");
  for (size_t i = 0; i < all.place.size(); ++i)
    if (const auto it = all.place[i].fields.find("provider"); it != all.place[i].fields.end())
      checker.name(it->second, fmt::format("place[{}].provider", i));
  return std::move(checker).result();
}

}  // namespace halyard::core::config
