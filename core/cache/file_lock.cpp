#include "core/cache/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace halyard::core {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{1}, kLongestPause{50};

Status failure(const std::filesystem::path& file, const char* what) {
  return io_error(fmt::format("{} {}: {}", what, file.string(), std::strerror(errno)));
}

/// Whether the path still names the open file: who held the lock before removed it on leaving.
bool still_named(int fd, const std::filesystem::path& file) {
  struct stat open_file {
  }, named{};
  return fstat(fd, &open_file) == 0 && stat(file.c_str(), &named) == 0 &&
         open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

}  // namespace

FileLock::FileLock(FileLock&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), file_(std::move(other.file_)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(file_, other.file_);
  return *this;
}

FileLock::~FileLock() {
  if (fd_ < 0) return;
  unlink(file_.c_str());  // while it is held: a waiter sees that the name is gone and begins anew
  close(fd_);
}

bool FileLock::try_lock(int fd) {
  struct flock l {};
  l.l_type = F_WRLCK;
  l.l_whence = SEEK_SET;
  return fcntl(fd, F_OFD_SETLK, &l) == 0;
}

Result<FileLock> FileLock::acquire(const std::filesystem::path& file, milliseconds patience) {
  const Clock::time_point end = Clock::now() + patience;
  for (milliseconds pause = kFirstPause;;) {
    FileLock lock;
    lock.fd_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock.fd_ < 0) return failure(file, "making the lock file");
    const bool locked = try_lock(lock.fd_);
    if (locked && still_named(lock.fd_, file)) {
      lock.file_ = file;
      return lock;
    }
    const bool busy = locked || errno == EAGAIN || errno == EACCES;
    const Status why = busy ? Status() : failure(file, "locking");
    close(std::exchange(lock.fd_, -1));
    if (!busy) return why;
    if (Clock::now() >= end)
      return Status(HY_ERROR_DEADLINE, fmt::format("{} is held by another process for {} ms",
                                                   file.string(), patience.count()));
    if (locked) continue;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace halyard::core
