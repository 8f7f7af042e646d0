// Which file it is, and which state of it: to tell whether what was learnt of its bytes still holds.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>

namespace halyard::core {

/// Equal only where nobody wrote to the file in between: the time of change cannot be set by hand. A write
/// within the clock's grain of the first look would go unnoticed: see settled().
struct FileIdentity {
  uint64_t device = 0, inode = 0, bytes = 0;
  int64_t modified_ns = 0, changed_ns = 0;
  bool operator==(const FileIdentity&) const = default;

  static FileIdentity from(const struct stat& s) {
    const auto ns = [](const timespec& t) { return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; };
    return {s.st_dev, s.st_ino, static_cast<uint64_t>(s.st_size), ns(s.st_mtim), ns(s.st_ctim)};
  }
  static std::optional<FileIdentity> of(const std::string& path) {
    struct stat s {};
    if (stat(path.c_str(), &s) != 0 || !S_ISREG(s.st_mode)) return std::nullopt;
    return from(s);
  }
  /// The last change is so long ago that another one would show.
  bool settled(int64_t now_ns) const { return now_ns - changed_ns > 2'000'000'000; }
};

}  // namespace halyard::core
