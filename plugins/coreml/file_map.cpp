#include "file_map.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace halyard::coreml {
namespace {

Status failure(const std::string& path, const char* what, int error) {
  const std::string words = path + ": " + what + ": " + std::generic_category().message(error);
  return error == ENOENT || error == ENOTDIR ? not_found(words) : io_error(words);
}

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
};

}  // namespace

Result<FileMap> FileMap::open(const std::string& path) {
  // Not blocking: a pipe must be refused, not waited for.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) return failure(path, "cannot be opened", errno);
  struct stat about {};
  if (fstat(file.fd, &about) != 0) return failure(path, "cannot be examined", errno);
  if (!S_ISREG(about.st_mode)) return invalid_model(path + " is not a regular file");
  FileMap out;
  if (about.st_size == 0) return out;
  void* map = mmap(nullptr, static_cast<size_t>(about.st_size), PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (map == MAP_FAILED) return failure(path, "cannot be mapped", errno);
  out.data_ = static_cast<const char*>(map);
  out.size_ = static_cast<size_t>(about.st_size);
  return out;
}

FileMap::FileMap(FileMap&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

FileMap& FileMap::operator=(FileMap&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

FileMap::~FileMap() {
  if (data_ != nullptr) munmap(const_cast<char*>(data_), size_);
}

}  // namespace halyard::coreml
