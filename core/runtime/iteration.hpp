// What Loop and Scan share: values carried from iteration to iteration, and stacked results.
#pragma once

#include <deque>
#include <vector>

#include "core/runtime/body_runner.hpp"
#include "core/runtime/stacked_output.hpp"

namespace halyard::core {

/// The body of a loop with the memory of what it gives: carried values lie in blocks that take turns, the
/// others go to their stacks. Used on one thread at a time.
class Iteration {
 public:
  /// The body's inputs from first_in on and its outputs from first_out on are the carried values; the
  /// outputs after them are stacked.
  Iteration(const NodeData& node, Program& program, size_t carried, size_t first_in,
            size_t first_out);
  BodyRunner& body() { return body_; }
  std::deque<StackedOutput>& stacks() { return stacks_; }

  Status prepare(Executor& e);
  /// Runs the body; its carried results become its inputs.
  Status step(Executor& e);
  /// Gives the carried values and the stacks to the node's outputs.
  Status finish(Executor& e);

 private:
  Result<void*> place(size_t o, std::span<const int64_t> dims, uint64_t bytes);

  const NodeData& node_;
  BodyRunner body_;
  const size_t carried_, first_in_, first_out_;
  std::vector<BlockPool> pools_;
  std::deque<StackedOutput> stacks_;
  std::vector<PortTensor> next_;
};

}  // namespace halyard::core
