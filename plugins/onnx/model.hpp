// An ONNX model that is open.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "external_data.hpp"
#include "halyard/format.hpp"
#include "mapped_file.hpp"
#include "weight_store.hpp"

namespace halyard::onnx {

/// One .onnx file, imported. Constant after open(), so every method may be called from any thread. Owns
/// the maps of the file and of its external data; weights are views into them.
class OnnxModel : public plugin::Model {
 public:
  /// Fails with NOT_FOUND, IO, INVALID_MODEL and UNSUPPORTED; messages do not repeat the path,
  /// which the core puts before them.
  static Result<std::unique_ptr<OnnxModel>> open(const std::string& path);

  Status read(plugin::ModelSink& sink, plugin::Job& job) override;
  Result<hy_bytes> weight(uint64_t id) override { return weights_.get(id); }

  /// The flat form of the one function, "main".
  std::span<const unsigned char> graph() const { return graph_; }
  const std::vector<std::pair<std::string, std::string>>& metadata() const { return metadata_; }

 private:
  OnnxModel(MappedFile file, const std::string& path) : file_(std::move(file)), external_(path) {}
  Status import();

  MappedFile file_;
  ExternalData external_;
  WeightStore weights_;
  std::vector<unsigned char> graph_;
  std::vector<std::pair<std::string, std::string>> metadata_;
};

}  // namespace halyard::onnx
