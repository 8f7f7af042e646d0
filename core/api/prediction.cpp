#include "core/api/prediction.hpp"

#include <fmt/format.h>

namespace halyard::core {

Result<Prediction> Prediction::make(const hy_named_tensor* inputs, uint32_t input_count,
                                    const hy_named_tensor* outputs, uint32_t output_count) {
  if ((inputs == nullptr && input_count != 0) || (outputs == nullptr && output_count != 0))
    return invalid_argument("inputs or outputs is null");
  Prediction out;
  for (uint32_t i = 0; i < input_count; ++i) {
    if (inputs[i].name == nullptr)
      return invalid_argument(fmt::format("the name of input {} is null", i));
    out.input_names_.emplace_back(inputs[i].name);
    out.inputs_.push_back(inputs[i].tensor);
  }
  for (uint32_t i = 0; i < output_count; ++i) {
    if (outputs[i].name == nullptr)
      return invalid_argument(fmt::format("the name of output {} is null", i));
    out.output_names_.emplace_back(outputs[i].name);
    out.given_.push_back(outputs[i].tensor);
  }
  return out;
}

Status Prediction::run(Session& session, StateSet* states, hy_job& job) {
  std::vector<Session::Named> in;
  for (size_t i = 0; i < inputs_.size(); ++i) in.push_back({input_names_[i], inputs_[i]});
  const std::vector<std::string_view> names(output_names_.begin(), output_names_.end());
  made_.clear();
  made_.resize(names.size());
  return session.run(in, names, made_, given_, states, job);
}

std::unique_ptr<hy_tensor> Prediction::take(uint32_t i) {
  return i < made_.size() ? std::move(made_[i]) : nullptr;
}

}  // namespace halyard::core
