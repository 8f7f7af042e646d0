// Tensors whose bytes lie in a file beside the model.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "halyard/status.hpp"
#include "mapped_file.hpp"
#include "proto.hpp"

namespace halyard::onnx {

/// Finds and maps the files that a model names, each once. Single-threaded; the bytes it gives live as
/// long as it does.
///
/// A location is resolved against the folder of the model's path as given. It must be relative and
/// without "..", and its real file must lie in that folder or in the folder of the model's own real
/// file: so links into a store of blobs work, and links out of the model do not.
class ExternalData {
 public:
  explicit ExternalData(std::string model_path) : model_path_(std::move(model_path)) {}

  /// The bytes that a tensor's entries (location, offset, length) name; expected is what its type and
  /// dims need. Fails with INVALID_MODEL, naming the model's and the data's path.
  Result<std::string_view> find(const proto::Entries& entries, uint64_t expected);

 private:
  Result<std::filesystem::path> resolve(const std::string& location) const;
  Result<std::string_view> map(const std::string& location);

  std::string model_path_;
  std::map<std::string, MappedFile> files_;  // by location
};

}  // namespace halyard::onnx
