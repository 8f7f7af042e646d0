#include "core/cache/content_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "core/base/descriptor.hpp"

namespace halyard::core {
namespace fs = std::filesystem;
namespace {

constexpr const char* kSuffix = ".entry";
constexpr const char* kTemporary = ".new-";
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kAbandonedAfter = 60 * kSecond;  // a lock file or a half-written entry
constexpr size_t kHeadBytes = size_t{1} << 16;     // read for a list; larger heads are not ours

// Programs that make backups skip a folder with this file: https://bford.info/cachedir
constexpr std::string_view kTag =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Compiled models of Halyard. It may be deleted at any time.\n";

int64_t nanoseconds(const timespec& t) { return int64_t{t.tv_sec} * kSecond + t.tv_nsec; }

int64_t now() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  return nanoseconds(t);
}

std::string error_text() { return std::strerror(errno); }

struct FileInfo {
  fs::path file;
  uint64_t bytes = 0;
  int64_t used_ns = 0;
};

/// The regular files of a folder whose names begin or end so. Nothing where the folder is not there.
template <class Wanted>
std::vector<FileInfo> files_of(const fs::path& folder, Wanted&& wanted) {
  std::vector<FileInfo> out;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    struct stat s {};
    if (!wanted(it->path().filename().string()) || lstat(it->path().c_str(), &s) != 0 ||
        !S_ISREG(s.st_mode))
      continue;
    out.push_back({it->path(), static_cast<uint64_t>(s.st_size), nanoseconds(s.st_mtim)});
  }
  return out;
}

bool is_entry(const std::string& name) { return name.ends_with(kSuffix); }

/// Removes files that nobody holds locked and that are too old to be about to be.
void remove_abandoned(const std::vector<FileInfo>& files) {
  for (const FileInfo& f : files) {
    if (now() - f.used_ns < kAbandonedAfter) continue;
    const Descriptor fd(open(f.file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (fd.valid() && FileLock::try_lock(fd.get())) unlink(f.file.c_str());
  }
}

}  // namespace

ContentStore::ContentStore(fs::path folder, Limits limits, Logger logger)
    : folder_(std::move(folder)),
      entries_(folder_ / "entries"),
      locks_(folder_ / "locks"),
      limits_(limits),
      logger_(std::move(logger)) {}

fs::path ContentStore::file_of(const CacheKey& key) const {
  return entries_ / (key.digest().hex() + kSuffix);
}

void ContentStore::trouble(const std::string& what) {
  const auto level = warned_.exchange(true) ? spdlog::level::debug : spdlog::level::warn;
  logger_->log(level, "cache {}: {}; going on without it", folder_.string(), what);
}

std::optional<StoredEntry> ContentStore::find(const CacheKey& key) {
  const fs::path file = file_of(key);
  const Descriptor fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) {
    if (errno != ENOENT && errno != ENOTDIR)
      trouble(fmt::format("{} cannot be read: {}", file.filename().string(), error_text()));
    return std::nullopt;
  }
  struct stat s {};
  if (fstat(fd.get(), &s) != 0 || !S_ISREG(s.st_mode)) return std::nullopt;
  const auto size = static_cast<size_t>(s.st_size);
  std::unique_ptr<unsigned char[]> bytes(new (std::nothrow) unsigned char[size]);
  if (bytes == nullptr || !fd.read_all(bytes.get(), size)) {
    trouble(fmt::format("{} cannot be read", file.filename().string()));
    return std::nullopt;
  }
  auto entry = decode_entry({bytes.get(), size});
  if (!entry.ok()) {
    logger_->warn("cache {}: {} {}; it is {}", folder_.string(), file.filename().string(),
                  entry.status().message(), limits_.read_only ? "not used" : "removed");
    if (!limits_.read_only) unlink(file.c_str());
    return std::nullopt;
  }
  if (entry->key != key) return std::nullopt;  // another key of the same digest
  // The time of use is our own: access times are often not kept. A read-only folder may keep none.
  if (!limits_.read_only) futimens(fd.get(), nullptr);
  return StoredEntry(std::move(bytes), std::move(*entry));
}

bool ContentStore::contains(const CacheKey& key) const {
  const Descriptor fd(open(file_of(key).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat s {};
  return fd.valid() && fstat(fd.get(), &s) == 0 && S_ISREG(s.st_mode);
}

bool ContentStore::make_folders() {
  std::error_code error;
  const bool fresh = !fs::exists(folder_, error);
  fs::create_directories(folder_.parent_path(), error);
  for (const fs::path& folder : {folder_, entries_, locks_})
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
      trouble(fmt::format("{} cannot be made: {}", folder.string(), error_text()));
      return false;
    }
  if (fresh) {
    const Descriptor fd(
        open((folder_ / "CACHEDIR.TAG").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (fd.valid()) (void)fd.write_all(bytes_of(kTag));
  }
  return true;
}

Status ContentStore::write_file(const fs::path& to, std::string_view head, ByteSpan payload) {
  std::string name = (entries_ / (std::string(kTemporary) + "XXXXXX")).string();
  const Descriptor fd(mkostemp(name.data(), O_CLOEXEC));
  if (!fd.valid()) return io_error(fmt::format("no file can be made: {}", error_text()));
  (void)FileLock::try_lock(fd.get());  // says that somebody is still writing it
  if (fd.write_all(bytes_of(head)) && fd.write_all(payload) && fsync(fd.get()) == 0 &&
      rename(name.c_str(), to.c_str()) == 0)
    return {};
  const Status why = io_error(fmt::format("an entry of {} bytes cannot be written: {}",
                                          head.size() + payload.size(), error_text()));
  unlink(name.c_str());
  return why;
}

bool ContentStore::publish(const CacheKey& key, std::string_view notes, ByteSpan payload) {
  if (limits_.read_only) return false;
  const std::string head = encode_entry_head(key, notes, payload);
  if (head.size() + payload.size() > limits_.max_bytes) {
    logger_->debug("cache {}: an entry of {} bytes is larger than the limit of {}",
                   folder_.string(), head.size() + payload.size(), limits_.max_bytes);
    return false;
  }
  if (!make_folders()) return false;
  if (const Status s = write_file(file_of(key), head, payload); !s.ok()) {
    trouble(s.message());
    return false;
  }
  prune(limits_.max_bytes);
  return true;
}

FileLock ContentStore::lock(const CacheKey& key) {
  if (limits_.read_only || !make_folders()) return {};
  auto lock = FileLock::acquire(locks_ / (key.digest().hex() + ".lock"), limits_.patience);
  if (lock.ok()) return std::move(lock).value();
  trouble(lock.status().message());
  return {};
}

void ContentStore::remove(const CacheKey& key) {
  if (!limits_.read_only) unlink(file_of(key).c_str());
}

std::vector<ContentStore::Listed> ContentStore::list() const {
  std::vector<Listed> out;
  for (const FileInfo& f : files_of(entries_, is_entry)) {
    Listed one;
    one.file = f.file;
    one.bytes = f.bytes;
    one.used_ns = f.used_ns;
    const Descriptor fd(open(f.file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    std::vector<unsigned char> head(std::min<uint64_t>(f.bytes, kHeadBytes));
    if (!fd.valid() || !fd.read_all(head.data(), head.size())) {
      one.problem = "cannot be read";
    } else if (auto entry = decode_entry_head(head, f.bytes); entry.ok()) {
      one.key = std::move(entry->key);
      one.notes = entry->notes;
    } else {
      one.problem = entry.status().message();
    }
    out.push_back(std::move(one));
  }
  std::sort(out.begin(), out.end(), [](const Listed& a, const Listed& b) {
    return a.used_ns != b.used_ns ? a.used_ns > b.used_ns : a.file < b.file;
  });
  return out;
}

ContentStore::Pruned ContentStore::prune(uint64_t max_bytes) {
  remove_abandoned(
      files_of(entries_, [](const std::string& name) { return name.starts_with(kTemporary); }));
  remove_abandoned(files_of(locks_, [](const std::string&) { return true; }));
  std::vector<FileInfo> files = files_of(entries_, is_entry);
  std::sort(files.begin(), files.end(), [](const FileInfo& a, const FileInfo& b) {
    return a.used_ns != b.used_ns ? a.used_ns < b.used_ns : a.file < b.file;
  });
  Pruned out;
  out.left_entries = files.size();
  for (const FileInfo& f : files) out.left_bytes += f.bytes;
  for (const FileInfo& f : files) {
    if (out.left_bytes <= max_bytes) break;
    if (unlink(f.file.c_str()) != 0 && errno != ENOENT) continue;
    ++out.entries;
    out.bytes += f.bytes;
    --out.left_entries;
    out.left_bytes -= f.bytes;
  }
  if (out.entries != 0)
    logger_->debug("cache {}: {} entries of {} bytes thrown out to stay within {}",
                   folder_.string(), out.entries, out.bytes, max_bytes);
  return out;
}

}  // namespace halyard::core
