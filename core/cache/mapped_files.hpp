// Which file some memory of this process is a map of.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/file_identity.hpp"

namespace halyard::core {

/// A piece of a file that lies in memory and cannot be written there.
struct MappedPiece {
  FileIdentity file;
  uint64_t offset = 0;  // of the piece in the file
};

/// The process's memory map as it was at construction. Constant; any thread.
class MappedFiles {
 public:
  MappedFiles();
  /// Nothing where the memory is not wholly one read-only map of a file that still has its name.
  std::optional<MappedPiece> find(const void* data, uint64_t size) const;

 private:
  struct Map {
    uintptr_t begin = 0, end = 0;
    uint64_t offset = 0, inode = 0;
    std::string path;
  };
  std::vector<Map> maps_;  // by address
};

}  // namespace halyard::core
