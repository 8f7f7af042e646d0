#include "mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

namespace halyard::onnx {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
};

Status system_failure(const char* what, int error) {
  const std::string message = std::string(what) + ": " + std::generic_category().message(error);
  return error == ENOENT || error == ENOTDIR ? not_found(message) : io_error(message);
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::string& path) {
  // Not blocking: a pipe must be refused, not waited for.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) return system_failure("cannot open the file", errno);
  struct stat about {};
  if (fstat(file.fd, &about) != 0) return system_failure("cannot examine the file", errno);
  if (S_ISDIR(about.st_mode)) return invalid_model("is a folder; an ONNX model is one .onnx file");
  if (!S_ISREG(about.st_mode)) return invalid_model("is not a regular file");
  MappedFile out;
  if (about.st_size == 0) return out;
  if (static_cast<uint64_t>(about.st_size) > std::numeric_limits<size_t>::max() / 2)
    return io_error("the file is larger than the address space");
  out.size_ = static_cast<size_t>(about.st_size);
  void* map = mmap(nullptr, out.size_, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (map == MAP_FAILED) {
    out.size_ = 0;
    return system_failure("cannot map the file", errno);
  }
  out.data_ = static_cast<const char*>(map);
  return out;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(const_cast<char*>(data_), size_);
}

}  // namespace halyard::onnx
