// A file in memory.
#pragma once

#include <string>
#include <string_view>

#include "halyard/status.hpp"

namespace halyard::onnx {

/// A whole file, mapped private and read-only until the object goes. Any thread. Owns the map; the
/// file must not be shortened meanwhile.
class MappedFile {
 public:
  /// Fails with NOT_FOUND, with IO where the system refuses, and with INVALID_MODEL for what is not a
  /// regular file. An empty file maps to no bytes.
  static Result<MappedFile> open(const std::string& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::string_view bytes() const { return {data_, size_}; }

 private:
  MappedFile() = default;

  const char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace halyard::onnx
