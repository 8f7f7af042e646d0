// A file in memory.
#pragma once

#include <string>
#include <string_view>

#include "halyard/status.hpp"

namespace halyard::coreml {

/// Mapped private and read-only until the object goes. Any thread. Owns the map; the file must not be shortened
/// meanwhile.
class FileMap {
 public:
  /// NOT_FOUND; IO where the system refuses; INVALID_MODEL for what is not a regular file.
  static Result<FileMap> open(const std::string& path);
  FileMap(FileMap&& other) noexcept;
  FileMap& operator=(FileMap&& other) noexcept;
  FileMap(const FileMap&) = delete;
  ~FileMap();
  std::string_view bytes() const { return {data_, size_}; }

 private:
  FileMap() = default;
  const char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace halyard::coreml
