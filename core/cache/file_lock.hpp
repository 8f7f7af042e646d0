// A lock between processes, and between threads of one.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "halyard/status.hpp"

namespace halyard::core {

/// Holds an exclusive lock on a file of its own, which it makes and removes. Given up when the object or
/// the process ends, however that ends. Movable; one thread at a time.
class FileLock {
 public:
  FileLock() = default;  // holds nothing
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

  /// DEADLINE where somebody else holds it all the time; IO where the file cannot be made or locked.
  static Result<FileLock> acquire(const std::filesystem::path& file,
                                  std::chrono::milliseconds patience);
  bool held() const { return fd_ >= 0; }

  /// Locks an open file without waiting; it is given up with its last descriptor.
  static bool try_lock(int fd);

 private:
  int fd_ = -1;
  std::filesystem::path file_;
};

}  // namespace halyard::core
