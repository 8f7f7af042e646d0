// weight.bin: constants of a program, in the layout that Core ML calls MIL blob storage, version 2.
#pragma once

#include <string>
#include <vector>

#include "file_map.hpp"
#include "tensor.hpp"

namespace halyard::coreml {

/// Constant once open; any thread.
class BlobFile {
 public:
  static Result<BlobFile> open(const std::string& path);
  /// The bytes of the constant whose record lies at offset. INVALID_MODEL says what does not fit.
  Result<std::string_view> find(uint64_t offset, uint32_t dtype,
                                const std::vector<int64_t>& dims) const;

 private:
  BlobFile(std::string path, FileMap map) : path_(std::move(path)), map_(std::move(map)) {}
  std::string path_;
  FileMap map_;
};

}  // namespace halyard::coreml
