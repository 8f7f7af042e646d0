// A process of our own: started, watched and ended.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>

#include "core/base/descriptor.hpp"
#include "core/base/fork.hpp"
#include "halyard/status.hpp"

namespace halyard::core {

/// How a process ended.
struct Ending {
  bool by_signal = false;
  int number = 0;  // the signal, or the exit code
  std::string last_words;

  /// Somebody else ended it, so it says nothing of what ran in it.
  bool from_outside() const;
  /// "signal 11 (Segmentation fault)", "exit code 3"; with the last line it wrote, if any.
  std::string text() const;
};

/// Thread rule: one thread at a time, but for the constants. Killed with the object.
class Process {
 public:
  /// The descriptor that becomes descriptor 3 of the process. No other one is passed on; it reads
  /// nothing, and the first 64 KiB of what it writes are kept. No fork(): posix_spawn.
  static constexpr int kSocket = 3;
  static Result<std::unique_ptr<Process>> start(const std::string& program,
                                                const Descriptor& socket);
  ~Process();
  Process(const Process&) = delete;

  pid_t id() const { return id_; }
  /// Readable once it ended.
  int ended() const { return pidfd_.get(); }
  /// Waits until it ended by itself, then kills it. Safe to call again.
  Ending end(std::chrono::milliseconds patience);

 private:
  Process() = default;
  std::string read_output() const;

  const ForkMark mark_;
  pid_t id_ = -1;
  Descriptor pidfd_, output_;
  bool reaped_ = false;
  Ending ending_;
};

}  // namespace halyard::core
