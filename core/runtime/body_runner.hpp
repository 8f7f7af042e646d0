// A body, run again and again.
#pragma once

#include <memory>
#include <optional>

#include "core/runtime/executor.hpp"
#include "core/runtime/memory_block.hpp"

namespace halyard::core {

/// Holds a context of the body's program from its first run to its own end. A run allocates nothing that the
/// run before had: inputs and outputs stand in one request, outputs go where `place` says.
class BodyRunner {
 public:
  explicit BodyRunner(Program& program) : program_(program) {}
  ~BodyRunner();
  BodyRunner(const BodyRunner&) = delete;

  const Graph& graph() const { return program_.plan().graph; }
  std::vector<PortTensor>& inputs() { return request_.inputs; }
  std::vector<PortTensor>& outputs() { return request_.outputs; }
  /// Makes inputs and outputs as many as the body has, and says where the memory of computed outputs is.
  using Place =
      std::function<Result<void*>(size_t output, std::span<const int64_t> dims, uint64_t bytes)>;
  Status prepare(const Executor& outside, Place place);
  /// Forgets the outputs of the run before, then runs.
  Status run(hy_job& job);

 private:
  Program& program_;
  Program::Request request_;
  std::unique_ptr<RunContext> context_;
  std::optional<Executor> executor_;
};

/// The n operands from `first` on as inputs of the body from `at` on; they are read where they lie.
Status pass_operands(Executor& from, const NodeData& node, size_t first, size_t n, BodyRunner& body,
                     size_t at);

}  // namespace halyard::core
