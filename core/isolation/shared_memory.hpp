// Memory that two processes see: an anonymous file and its mapping.
#pragma once

#include <cstdint>

#include "core/base/descriptor.hpp"
#include "halyard/status.hpp"

namespace halyard::core {

/// Owns the mapping and the file. Page-aligned.
class SharedMemory {
 public:
  SharedMemory() = default;
  ~SharedMemory();
  SharedMemory(SharedMemory&& other) noexcept { *this = std::move(other); }
  SharedMemory& operator=(SharedMemory&& other) noexcept;

  /// Zeroed. Its size is sealed: neither side can pull memory away from under the other.
  static Result<SharedMemory> create(uint64_t bytes);
  /// That of another process. Refuses a file whose size is not sealed, or less than wanted.
  static Result<SharedMemory> map(Descriptor file, uint64_t bytes);

  unsigned char* data() const { return data_; }
  uint64_t size() const { return size_; }
  int file() const { return file_.get(); }
  /// The mapping alone stays: a process may have few descriptors and many mappings.
  void drop_file() { file_ = Descriptor(); }

 private:
  Descriptor file_;
  unsigned char* data_ = nullptr;
  uint64_t size_ = 0;
};

/// An anonymous file with these bytes in it, for the other side to map or read.
Result<Descriptor> file_with(ByteSpan bytes);

}  // namespace halyard::core
