#include "progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>

namespace halyard::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kSilence{1};
constexpr std::chrono::milliseconds kBetween{100};
constexpr const char* kEraseLine = "\r\033[K";

/// Any thread.
class Line {
 public:
  void show(std::string_view what, double done) {
    const std::scoped_lock lock(mutex_);
    const auto now = Clock::now();
    if (done >= 1) {
      if (drawn_) std::fputs(kEraseLine, stderr);
      drawn_ = begun_ = false;
      return;
    }
    if (!begun_) start_ = now;
    begun_ = true;
    if (now - start_ < kSilence || (drawn_ && now - shown_ < kBetween)) return;
    std::fputs(fmt::format("{}compiling: {:3.0f} %, {}", kEraseLine, done * 100, what).c_str(),
               stderr);
    std::fflush(stderr);
    drawn_ = true;
    shown_ = now;
  }

 private:
  std::mutex mutex_;  // guards what follows
  bool begun_ = false, drawn_ = false;
  Clock::time_point start_, shown_;
};

}  // namespace

std::function<void(std::string_view, double)> terminal_progress() {
  if (isatty(STDERR_FILENO) == 0) return {};
  return [line = std::make_shared<Line>()](std::string_view what, double done) {
    line->show(what, done);
  };
}

}  // namespace halyard::cli
