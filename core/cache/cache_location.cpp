#include "core/cache/cache_location.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <limits>

namespace halyard::core {
namespace fs = std::filesystem;
namespace {

std::string environment(const char* name) {
  const char* value = secure_getenv(name);
  return value != nullptr ? value : "";
}

fs::path default_folder() {
  // The XDG rules ignore a path that is not absolute.
  if (const fs::path xdg = environment("XDG_CACHE_HOME"); xdg.is_absolute()) return xdg / "halyard";
  if (const fs::path home = environment("HOME"); home.is_absolute())
    return home / ".cache" / "halyard";
  return {};
}

}  // namespace

std::optional<uint64_t> parse_bytes(std::string_view text) {
  static constexpr std::pair<std::string_view, int> kUnits[] = {
      {"", 0}, {"B", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}};
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  for (const auto& [name, shift] : kUnits)
    if (unit == name) {
      if (number > std::numeric_limits<uint64_t>::max() >> shift) return std::nullopt;
      return number << shift;
    }
  return std::nullopt;
}

CacheWish join(CacheWish asked, const CacheSettings& said) {
  asked.off = asked.off || !said.enabled;
  asked.read_only = asked.read_only || said.read_only;
  if (asked.folder.empty()) asked.folder = said.dir;
  if (asked.max_bytes == 0 && said.max != CacheSettings().max) asked.max_bytes = said.max;
  return asked;
}

CacheLocation locate_cache(const CacheWish& wish, const Logger& logger) {
  CacheLocation out;
  const std::string env_cache = environment("HALYARD_CACHE");
  if (wish.off || env_cache == "off" || env_cache == "0") {
    out.why_off = wish.off ? "it is switched off" : "HALYARD_CACHE switches it off";
    return out;
  }
  out.limits.read_only = wish.read_only;
  out.limits.max_bytes = wish.max_bytes != 0 ? wish.max_bytes : out.limits.max_bytes;
  if (const std::string text = environment("HALYARD_CACHE_MAX");
      wish.max_bytes == 0 && !text.empty()) {
    if (const auto bytes = parse_bytes(text))
      out.limits.max_bytes = *bytes;
    else
      logger->warn(
          "HALYARD_CACHE_MAX is \"{}\"; a size as 512MiB or 4GiB is wanted; using {} bytes", text,
          out.limits.max_bytes);
  }
  out.folder =
      !wish.folder.empty() ? fs::path(wish.folder) : fs::path(environment("HALYARD_CACHE_DIR"));
  if (out.folder.empty()) out.folder = default_folder();
  if (out.folder.empty())
    out.why_off = "neither XDG_CACHE_HOME nor HOME is set; HALYARD_CACHE_DIR names a folder";
  return out;
}

std::shared_ptr<ContentStore> open_cache(const CacheLocation& settings, const Logger& logger) {
  if (settings.folder.empty()) {
    logger->debug("no compile cache: {}", settings.why_off);
    return nullptr;
  }
  struct stat s {};
  if (stat(settings.folder.c_str(), &s) == 0) {
    const bool foreign = s.st_uid != geteuid() && s.st_uid != 0;
    const bool open_to_all = (s.st_mode & S_IWOTH) != 0;
    if (!S_ISDIR(s.st_mode) || foreign || open_to_all) {
      logger->warn("no compile cache: {} {}", settings.folder.string(),
                   !S_ISDIR(s.st_mode) ? "is not a folder"
                   : foreign           ? "belongs to another user"
                                       : "may be written by anybody; take that right away");
      return nullptr;
    }
  }
  return std::make_shared<ContentStore>(settings.folder, settings.limits, logger);
}

}  // namespace halyard::core
