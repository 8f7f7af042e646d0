#include "core/isolation/shared_memory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace halyard::core {
namespace {

constexpr int kSizeSeals = F_SEAL_SHRINK | F_SEAL_GROW;

Status failed(const char* what, uint64_t bytes) {
  return Status(HY_ERROR_OUT_OF_MEMORY, fmt::format("{} of {} bytes of shared memory: {}", what,
                                                    bytes, std::strerror(errno)));
}

}  // namespace

SharedMemory::~SharedMemory() {
  if (data_ != nullptr) munmap(data_, size_);
}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Result<SharedMemory> SharedMemory::create(uint64_t bytes) {
  bytes = std::max<uint64_t>(bytes, 1);
  Descriptor file(memfd_create("halyard", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.valid() || ftruncate(file.get(), static_cast<off_t>(bytes)) != 0 ||
      fcntl(file.get(), F_ADD_SEALS, kSizeSeals) != 0)
    return failed("making", bytes);
  return map(std::move(file), bytes);
}

Result<SharedMemory> SharedMemory::map(Descriptor file, uint64_t bytes) {
  bytes = std::max<uint64_t>(bytes, 1);
  struct stat s {};
  const int seals = fcntl(file.get(), F_GET_SEALS);
  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 || fstat(file.get(), &s) != 0 ||
      static_cast<uint64_t>(s.st_size) < bytes)
    return internal_error(fmt::format("shared memory of {} bytes is not what was promised", bytes));
  void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (data == MAP_FAILED) return failed("mapping", bytes);
  SharedMemory out;
  out.file_ = std::move(file);
  out.data_ = static_cast<unsigned char*>(data);
  out.size_ = bytes;
  return out;
}

Result<Descriptor> file_with(ByteSpan bytes) {
  HY_ASSIGN_OR_RETURN(SharedMemory memory, SharedMemory::create(bytes.size()));
  if (!bytes.empty()) std::memcpy(memory.data(), bytes.data(), bytes.size());
  return Descriptor(fcntl(memory.file(), F_DUPFD_CLOEXEC, 0));
}

}  // namespace halyard::core
