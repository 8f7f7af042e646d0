// Artefacts on disk, by key: found, published, thrown out.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/base/log.hpp"
#include "core/cache/entry.hpp"
#include "core/cache/file_lock.hpp"

namespace halyard::core {

/// An entry that was read and is sound; owns its bytes. Moves.
class StoredEntry {
 public:
  StoredEntry(std::unique_ptr<unsigned char[]> bytes, EntryView view)
      : bytes_(std::move(bytes)), view_(std::move(view)) {}
  ByteSpan payload() const { return view_.payload; }
  std::string_view notes() const { return view_.notes; }

 private:
  std::unique_ptr<unsigned char[]> bytes_;
  EntryView view_;
};

/// One file an entry, named by its key's digest, in a folder that many processes share. Any thread.
/// Nothing here fails a caller: a folder that is full, read-only or absent costs the gain alone. The
/// first trouble is logged as a warning, the rest at debug.
class ContentStore {
 public:
  struct Limits {
    uint64_t max_bytes = uint64_t{4} << 30;
    std::chrono::milliseconds patience{120'000};  // for who compiles the same at the same time
    bool read_only = false;                       // found, and nothing else: no use is noted
  };
  struct Listed {
    std::filesystem::path file;
    uint64_t bytes = 0;
    int64_t used_ns = 0;  // since 1970: last found or published
    CacheKey key;
    std::string notes;
    std::string problem;  // not empty: no sound head, and why
  };
  struct Pruned {
    uint64_t entries = 0, bytes = 0;            // thrown out
    uint64_t left_entries = 0, left_bytes = 0;  // kept
  };

  ContentStore(std::filesystem::path folder, Limits limits, Logger logger);

  const std::filesystem::path& folder() const { return folder_; }
  const Limits& limits() const { return limits_; }

  /// A sound entry of exactly this key, now the latest used. A broken one is removed, with a log line.
  std::optional<StoredEntry> find(const CacheKey& key);
  /// Whether find would have something to read, without reading the artefact.
  bool contains(const CacheKey& key) const;
  /// Written aside, flushed, and renamed: others see all of it or nothing. False: it was not kept. Throws
  /// out what was used longest ago until the folder is within its limit.
  bool publish(const CacheKey& key, std::string_view notes, ByteSpan payload);
  /// For the time of a compilation: who comes second waits and finds the result. Holds nothing where there
  /// is no patience left or no folder; then both compile.
  FileLock lock(const CacheKey& key);
  void remove(const CacheKey& key);

  /// Every entry, latest used first. Reads heads alone.
  std::vector<Listed> list() const;
  /// Throws out the entries used longest ago, and what processes left behind that died while writing.
  Pruned prune(uint64_t max_bytes);

 private:
  std::filesystem::path file_of(const CacheKey& key) const;
  bool make_folders();
  Status write_file(const std::filesystem::path& to, std::string_view head, ByteSpan payload);
  void trouble(const std::string& what);

  const std::filesystem::path folder_, entries_, locks_;
  const Limits limits_;
  const Logger logger_;
  std::atomic<bool> warned_{false};
};

}  // namespace halyard::core
