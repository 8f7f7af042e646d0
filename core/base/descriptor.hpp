// An open file, closed at the end.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/base/digest.hpp"

namespace halyard::core {

/// Owns a file descriptor, or -1. The calls set errno where they fail.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

  /// Exactly size bytes from where the file stands; false at its end.
  bool read_all(unsigned char* to, size_t size) const {
    for (size_t done = 0; done < size;) {
      const ssize_t n = read(fd_, to + done, size - done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      done += static_cast<size_t>(n);
    }
    return true;
  }
  bool write_all(ByteSpan bytes) const {
    for (size_t done = 0; done < bytes.size();) {
      const ssize_t n = write(fd_, bytes.data() + done, bytes.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return false;
      done += static_cast<size_t>(n);
    }
    return true;
  }

 private:
  int fd_;
};

}  // namespace halyard::core
