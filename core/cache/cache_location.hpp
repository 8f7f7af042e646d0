// Where the cache is and how large it may grow: what the application asked for, then the environment, then
// the defaults.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/cache/content_store.hpp"
#include "core/config/settings.hpp"

namespace halyard::core {

/// What was asked for; empty and 0: nothing.
struct CacheWish {
  bool off = false, read_only = false;
  std::string folder;
  uint64_t max_bytes = 0;
};

/// What is asked for, and below it what the settings say.
CacheWish join(CacheWish asked, const CacheSettings& said);

struct CacheLocation {
  std::filesystem::path folder;  // empty: there is no cache
  ContentStore::Limits limits;
  std::string why_off;  // where the folder is empty
};

/// The environment: HALYARD_CACHE=off, HALYARD_CACHE_DIR, HALYARD_CACHE_MAX ("512MiB"). The default folder:
/// halyard/ in XDG_CACHE_HOME, else in ~/.cache. A process with raised privileges reads none of them.
CacheLocation locate_cache(const CacheWish& wish, const Logger& logger);

/// Null where there is none. A folder that anybody may write into, or that is another user's, is not used: who
/// writes there could have the devices load anything.
std::shared_ptr<ContentStore> open_cache(const CacheLocation& settings, const Logger& logger);

/// "512MiB", "4GiB", "1000000": bytes, or nothing.
std::optional<uint64_t> parse_bytes(std::string_view text);

}  // namespace halyard::core
