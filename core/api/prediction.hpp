// One run's arguments as the caller gave them, and its results.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/plugin/host.hpp"
#include "core/runtime/session.hpp"
#include "halyard/halyard.h"

namespace halyard::core {

/// Names are copied, tensors are the caller's. Single-threaded.
class Prediction {
 public:
  /// INVALID_ARGUMENT names what is null.
  static Result<Prediction> make(const hy_named_tensor* inputs, uint32_t input_count,
                                 const hy_named_tensor* outputs, uint32_t output_count);

  /// states: in the caller's turn, or null.
  Status run(Session& session, StateSet* states, hy_job& job);
  /// The i-th result that was made, given away; null: there is none, or it is gone.
  std::unique_ptr<hy_tensor> take(uint32_t i);
  uint32_t output_count() const { return static_cast<uint32_t>(output_names_.size()); }

 private:
  std::vector<std::string> input_names_, output_names_;
  std::vector<hy_tensor*> inputs_, given_;
  std::vector<std::unique_ptr<hy_tensor>> made_;
};

}  // namespace halyard::core
