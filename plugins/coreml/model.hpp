// An open model.
#pragma once

#include <memory>
#include <string>

#include "coreml.pb.h"
#include "halyard/format.hpp"
#include "weights.hpp"

namespace halyard::coreml {

/// Its files stay mapped until it goes. weight() from any thread.
class CoreMlModel final : public plugin::Model {
 public:
  static Result<std::unique_ptr<CoreMlModel>> open(const std::string& path);
  ~CoreMlModel() override;
  Status read(plugin::ModelSink& sink, plugin::Job& job) override;
  Result<hy_bytes> weight(uint64_t id) override { return weights_.get(id); }

 private:
  CoreMlModel() = default;
  Status read_metadata(plugin::ModelSink& sink) const;

  schema::Model model_;
  std::unique_ptr<class Blobs> blobs_;  // before the weights that refer to them go
  Weights weights_;
};

}  // namespace halyard::coreml
