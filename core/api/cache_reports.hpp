// What the cache holds and did, as JSON with "schema": 1.
#pragma once

#include <string>
#include <vector>

#include "core/runtime/session.hpp"

namespace halyard::core {

/// store: null where there is none.
std::string cache_report(const CacheLocation& settings, const ContentStore* store);
std::string prune_report(const ContentStore& store, const ContentStore::Pruned& pruned);
std::string session_cache_report(const Session& session, const std::vector<CacheOutcome>& outcomes);

}  // namespace halyard::core
