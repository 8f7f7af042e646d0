#include "core/runtime/body_runner.hpp"

namespace halyard::core {

BodyRunner::~BodyRunner() {
  executor_.reset();
  if (context_ != nullptr) program_.give_back(std::move(context_));
}

Status BodyRunner::prepare(const Executor& outside, Place place) {
  request_.allocate = [place = std::move(place)](size_t o, uint32_t, std::span<const int64_t> dims,
                                                 uint64_t bytes) { return place(o, dims, bytes); };
  if (executor_.has_value()) return {};
  request_.symbols = outside.symbols();
  request_.alias = true;
  request_.trace = outside.request().trace;
  request_.run = outside.request().run;
  HY_ASSIGN_OR_RETURN(auto layout, program_.layout(request_.symbols));
  context_ = program_.take_context();
  request_.inputs.resize(graph().inputs.size());
  request_.outputs.resize(graph().outputs.size());
  for (size_t i = 0; i < request_.inputs.size(); ++i)
    request_.inputs[i].dtype = graph().values[graph().inputs[i]].type.dtype;
  executor_.emplace(program_, std::move(layout), *context_);
  return {};
}

Status BodyRunner::run(hy_job& job) {
  for (PortTensor& out : request_.outputs) {
    out.data = nullptr;
    if (out.owner != nullptr) out.owner.reset();
    if (out.value != nullptr) out.value.reset();
  }
  Status status = executor_->run(request_, job);
  const Status drained = executor_->drain();
  if (status.ok()) status = drained;
  return status;
}

Status pass_operands(Executor& from, const NodeData& node, size_t first, size_t n, BodyRunner& body,
                     size_t at) {
  for (size_t i = 0; i < n; ++i) {
    if (!node.has_input(first + i))
      return internal_error("an operand of a node with bodies is absent");
    HY_ASSIGN_OR_RETURN(body.inputs()[at + i], from.read(node.inputs[first + i]));
  }
  return {};
}

}  // namespace halyard::core
