#include "core/isolation/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace halyard::core {
namespace fs = std::filesystem;
namespace {

constexpr size_t kSlot = 4096 + 512;  // a path, a stage and a digest
constexpr size_t kMaxSlots = 64;
constexpr std::string_view kUnfinished = ".new-";  // a file that is not locked yet

/// "pid stage graph library\n", the library last since it may hold anything.
std::string text_of(const Journal::Note& note) {
  std::string text = fmt::format("{} {} {} {}\n", getpid(), note.stage,
                                 note.graph.empty() ? "-" : note.graph, note.library);
  text.resize(std::min(text.size(), kSlot));
  return text;
}

bool parse(std::string_view text, Journal::Note* out) {
  const size_t end = text.find('\n');
  if (text.empty() || text[0] == '\0' || end == std::string_view::npos) return false;
  text = text.substr(0, end);
  std::string_view parts[3];
  for (std::string_view& part : parts) {
    const size_t space = text.find(' ');
    if (space == std::string_view::npos) return false;
    part = text.substr(0, space);
    text.remove_prefix(space + 1);
  }
  out->process = std::atoll(std::string(parts[0]).c_str());
  out->stage = parts[1];
  out->graph = parts[2] == "-" ? "" : parts[2];
  out->library = text;
  return true;
}

}  // namespace

Journal::Journal(fs::path folder, Logger logger)
    : folder_(std::move(folder)), logger_(std::move(logger)) {}

Journal::~Journal() {
  if (out_.valid() && !mark_.crossed()) unlink(file_.c_str());
}

void Journal::open() {
  if (opened_ || folder_.empty()) return;
  opened_ = true;
  std::error_code error;
  fs::create_directories(folder_, error);
  std::string name = (folder_ / fmt::format("{}{}-XXXXXX", kUnfinished, getpid())).string();
  Descriptor out(mkostemp(name.data(), O_CLOEXEC));
  // Locked under a name that nobody looks at: a file that can be locked belongs to a dead process.
  const fs::path final_name =
      folder_ / fs::path(name).filename().string().substr(kUnfinished.size());
  if (!out.valid() || flock(out.get(), LOCK_EX | LOCK_NB) != 0 ||
      rename(name.c_str(), final_name.c_str()) != 0) {
    logger_->warn("no notes about calls of plugins are kept: {}: {}", folder_.string(),
                  std::strerror(errno));
    if (out.valid()) unlink(name.c_str());
    return;
  }
  file_ = final_name;
  out_ = std::move(out);
}

Journal::Entry Journal::begin(const Note& note) {
  const std::scoped_lock lock(mutex_);
  open();
  if (!out_.valid() || mark_.crossed()) return {};
  size_t slot = 0;
  while (slot < used_.size() && used_[slot]) ++slot;
  if (slot == kMaxSlots) return {};
  const std::string text = text_of(note);
  if (pwrite(out_.get(), text.data(), text.size(), static_cast<off_t>(slot * kSlot)) !=
      static_cast<ssize_t>(text.size()))
    return {};
  if (slot == used_.size()) used_.push_back(false);
  used_[slot] = true;
  return Entry(this, slot);
}

void Journal::erase(size_t slot) {
  const std::scoped_lock lock(mutex_);
  if (mark_.crossed()) return;
  used_[slot] = false;
  const char nothing = '\0';
  // The place is there already, so that even a full disk takes this.
  (void)!pwrite(out_.get(), &nothing, 1, static_cast<off_t>(slot * kSlot));
}

std::vector<Journal::Note> Journal::take_left_behind() const {
  std::vector<Note> out;
  std::error_code error;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with(kUnfinished)) continue;
    const Descriptor file(::open(it->path().c_str(), O_RDWR | O_CLOEXEC));
    if (!file.valid() || flock(file.get(), LOCK_EX | LOCK_NB) != 0) continue;
    // Another taker may have been here between our opening and our locking it.
    struct stat s {};
    if (fstat(file.get(), &s) != 0 || s.st_nlink == 0) continue;
    std::string text(kSlot, '\0');
    for (size_t slot = 0; slot < kMaxSlots; ++slot) {
      const ssize_t n = pread(file.get(), text.data(), kSlot, static_cast<off_t>(slot * kSlot));
      if (n <= 0) break;
      Note note;
      if (parse(std::string_view(text).substr(0, static_cast<size_t>(n)), &note))
        out.push_back(std::move(note));
    }
    unlink(it->path().c_str());
  }
  return out;
}

}  // namespace halyard::core
