// Constants as a program states them.
#pragma once

#include <map>
#include <memory>

#include "blob_file.hpp"
#include "tensor.hpp"
#include "weights.hpp"

namespace halyard::coreml {

/// The files of constants that a program refers to, by name. Files are opened once. Single-threaded.
class Blobs {
 public:
  /// model_path: what "@model_path" stands for.
  explicit Blobs(std::string model_path) : model_path_(std::move(model_path)) {}
  Result<const BlobFile*> open(const std::string& name);

 private:
  const std::string model_path_;
  std::map<std::string, std::unique_ptr<BlobFile>> files_;
};

/// A tensor, or a list of scalars of one type as a tensor of rank 1.
Result<Tensor> read_literal(const schema::Value& value, Blobs& blobs, Weights& weights);

}  // namespace halyard::coreml
