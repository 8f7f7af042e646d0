// Notes about calls that may end the process, so that the next one knows.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/descriptor.hpp"
#include "core/base/fork.hpp"
#include "core/base/log.hpp"

namespace halyard::core {

/// A file a runtime, locked as long as its process lives: the system lets go of the lock with the process,
/// whatever ended it, and no process id is ever taken for another's. A note is two small writes.
/// Any thread. What cannot be written is told to the log once.
class Journal {
 public:
  /// folder: empty: nothing is written.
  Journal(std::filesystem::path folder, Logger logger);
  ~Journal();
  Journal(const Journal&) = delete;

  struct Note {
    std::string library, stage, graph;
    int64_t process = 0;  // of a note that was left behind
  };
  /// The note stands as long as this lives.
  class Entry {
   public:
    Entry() = default;
    Entry(Journal* journal, size_t slot) : journal_(journal), slot_(slot) {}
    Entry(Entry&& other) noexcept { *this = std::move(other); }
    Entry& operator=(Entry&& other) noexcept {
      std::swap(journal_, other.journal_);
      std::swap(slot_, other.slot_);
      return *this;
    }
    ~Entry() {
      if (journal_ != nullptr) journal_->erase(slot_);
    }

   private:
    Journal* journal_ = nullptr;
    size_t slot_ = 0;
  };
  [[nodiscard]] Entry begin(const Note& note);

  /// The notes of processes that are gone. Each is given once, to one caller.
  std::vector<Note> take_left_behind() const;

 private:
  void open();
  void erase(size_t slot);

  const std::filesystem::path folder_;
  const Logger logger_;
  const ForkMark mark_;
  std::mutex mutex_;  // guards what follows
  bool opened_ = false;
  std::filesystem::path file_;
  Descriptor out_;
  std::vector<bool> used_;
};

}  // namespace halyard::core
