#include <fmt/format.h>

#include "core/api/cache_reports.hpp"
#include "core/api/error.hpp"
#include "core/api/objects.hpp"
#include "core/api/reports.hpp"
#include "core/cache/cache_location.hpp"
#include "halyard/halyard.h"

using namespace halyard;
using namespace halyard::core;

namespace {

constexpr uint32_t kReport = 0x10000;  // the key of these texts among a runtime's reports

Result<CacheLocation> location_of(hy_runtime& runtime, const hy_cache_options* options) {
  const auto given = copy_record<hy_cache_options>(options);
  HY_RETURN_IF_ERROR(runtime.config.status());
  const CacheWish asked{false, false, given.dir != nullptr ? given.dir : "", given.max_bytes};
  return locate_cache(join(asked, runtime.config.settings().cache),
                      runtime.registry->host()->logger());
}

void give(hy_runtime& runtime, std::string text, hy_str* json) {
  const std::scoped_lock lock(runtime.mutex);
  std::string& kept = runtime.reports[kReport];
  kept = std::move(text);
  *json = str(kept);
}

}  // namespace

extern "C" {

hy_status hy_runtime_cache(hy_runtime* runtime, const hy_cache_options* options, hy_str* json) {
  return guarded([&]() -> Status {
    if (runtime == nullptr || json == nullptr) return invalid_argument("runtime or json is null");
    *json = {};
    HY_RETURN_IF_ERROR(alive(runtime->mark));
    HY_ASSIGN_OR_RETURN(const CacheLocation settings, location_of(*runtime, options));
    const auto store = open_cache(settings, runtime->registry->host()->logger());
    give(*runtime, cache_report(settings, store.get()), json);
    return {};
  });
}

hy_status hy_runtime_cache_prune(hy_runtime* runtime, const hy_cache_options* options,
                                 uint64_t max_bytes, hy_str* json) {
  return guarded([&]() -> Status {
    if (runtime == nullptr || json == nullptr) return invalid_argument("runtime or json is null");
    *json = {};
    HY_RETURN_IF_ERROR(alive(runtime->mark));
    HY_ASSIGN_OR_RETURN(const CacheLocation settings, location_of(*runtime, options));
    const auto store = open_cache(settings, runtime->registry->host()->logger());
    if (store == nullptr)
      return Status(HY_ERROR_CONFIG,
                    settings.why_off.empty()
                        ? fmt::format("{} cannot be used as a cache", settings.folder.string())
                        : "there is no cache: " + settings.why_off);
    give(*runtime, prune_report(*store, store->prune(max_bytes)), json);
    return {};
  });
}

hy_status hy_session_cache(hy_session* session, hy_str* json) {
  return guarded([&]() -> Status {
    if (session == nullptr || json == nullptr) return invalid_argument("session or json is null");
    *json = {};
    HY_RETURN_IF_ERROR(alive(session->mark));
    HY_ASSIGN_OR_RETURN(const auto outcomes, session->session->cache_outcomes());
    std::string text = session_cache_report(*session->session, outcomes);
    const std::scoped_lock lock(session->mutex);
    session->cache_text = std::move(text);
    *json = str(session->cache_text);
    return {};
  });
}

hy_status hy_session_save(hy_session* session, const char* path) {
  return guarded([&]() -> Status {
    if (session == nullptr || path == nullptr) return invalid_argument("session or path is null");
    HY_RETURN_IF_ERROR(alive(session->mark));
    const Session& s = *session->session;
    return s.save(path, plan_report(s.model().path(), s.plan()));
  });
}

}  // extern "C"
