#include "core/api/cache_reports.hpp"

#include <nlohmann/json.hpp>

namespace halyard::core {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json key_json(const CacheKey& key) {
  Json out = Json::object();
  for (const CacheKey::Part& p : key.parts()) out[p.name] = p.value;
  return out;
}

Json text_or_null(const std::string* text) { return text != nullptr ? Json(*text) : Json(); }

Json notes_json(const std::string& notes) {
  const Json parsed = Json::parse(notes, nullptr, /*allow_exceptions=*/false);
  return parsed.is_object() ? parsed : Json::object();
}

}  // namespace

std::string cache_report(const CacheLocation& settings, const ContentStore* store) {
  Json entries = Json::array();
  uint64_t bytes = 0;
  for (const auto& e : store != nullptr ? store->list() : std::vector<ContentStore::Listed>()) {
    bytes += e.bytes;
    Json one{{"file", e.file.string()},
             {"bytes", e.bytes},
             {"used", static_cast<double>(e.used_ns) * 1e-9},
             {"kind", text_or_null(e.key.find("format"))},
             {"provider", text_or_null(e.key.find("provider"))},
             {"device", text_or_null(e.key.find("device"))},
             {"notes", notes_json(e.notes)},
             {"key", key_json(e.key)}};
    if (!e.problem.empty()) one["problem"] = e.problem;
    entries.push_back(std::move(one));
  }
  return dump({{"schema", kSchema},
               {"dir", settings.folder.string()},
               {"enabled", store != nullptr},
               {"reason", settings.why_off},
               {"max_bytes", settings.limits.max_bytes},
               {"bytes", bytes},
               {"entries", entries}});
}

std::string prune_report(const ContentStore& store, const ContentStore::Pruned& pruned) {
  return dump({{"schema", kSchema},
               {"dir", store.folder().string()},
               {"removed", {{"entries", pruned.entries}, {"bytes", pruned.bytes}}},
               {"left", {{"entries", pruned.left_entries}, {"bytes", pruned.left_bytes}}}});
}

std::string session_cache_report(const Session& session,
                                 const std::vector<CacheOutcome>& outcomes) {
  Json clusters = Json::array();
  size_t hits = 0, misses = 0;
  for (const CacheOutcome& o : outcomes) {
    hits += o.state == CacheOutcome::State::kHit ? 1 : 0;
    misses += o.state == CacheOutcome::State::kMiss ? 1 : 0;
    Json one{{"provider", o.provider},
             {"device", o.device},
             {"nodes", o.nodes},
             {"state", state_name(o.state)},
             {"compile_ms", o.compile_ms < 0 ? Json() : Json(o.compile_ms)},
             {"reason", o.reason},
             {"differs", Json()},
             {"key", key_json(o.key)}};
    if (o.difference)
      one["differs"] = {{"part", o.difference->part},
                        {"ours", o.difference->ours},
                        {"closest", o.difference->theirs}};
    clusters.push_back(std::move(one));
  }
  const ContentStore* store = session.compile_cache().store();
  return dump({{"schema", kSchema},
               {"model", session.model().path()},
               {"dir", store != nullptr ? Json(store->folder().string()) : Json()},
               {"hits", hits},
               {"misses", misses},
               {"clusters", clusters}});
}

}  // namespace halyard::core
