// What the iterations of a loop give one after the other, joined along a new axis.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/runtime/executor.hpp"
#include "core/runtime/memory_block.hpp"

namespace halyard::core {

/// Elements are written straight into the joined tensor: into the result's own memory where its dims are
/// known, else into memory that grows. All elements must have equal dims.
class StackedOutput {
 public:
  /// number: among the loop's stacked outputs, for messages. value: of the outer graph, or kNone where nobody
  /// wants it. element: the body's declared type.
  StackedOutput(size_t number, ValueId value, TensorType element)
      : number_(number), value_(value), element_(std::move(element)) {}

  /// count: how many elements there will be, or -1. reversed: the first one comes last (count is known).
  /// axis: of the result, negative from the end.
  Status begin(Executor& executor, int64_t count, bool reversed, int64_t axis);
  /// Where the next element goes.
  Result<void*> place(std::span<const int64_t> dims, uint64_t bytes);
  /// The next element is there, or lies elsewhere and is copied.
  Status add(const PortTensor& element);
  Status finish(Executor& executor);

 private:
  Status add_text(const PortTensor& element);
  Status finish_empty(Executor& executor);
  Status count_axis(size_t element_rank);
  Status set_element(std::span<const int64_t> dims, uint64_t bytes);
  Status grow();
  unsigned char* address(int64_t index) const;
  std::vector<int64_t> joined_dims(size_t axis) const;

  const size_t number_;
  const ValueId value_;
  const TensorType element_;
  Executor* executor_ = nullptr;
  int64_t count_ = -1, added_ = 0, axis_ = 0;
  bool reversed_ = false, direct_ = false, sized_ = false;
  std::vector<int64_t> dims_;  // of one element
  uint64_t bytes_ = 0;
  unsigned char* base_ = nullptr;
  BlockPool pool_, scratch_;
  std::shared_ptr<MemoryBlock> block_, unwanted_;
  std::vector<std::shared_ptr<const hy_tensor>> texts_;
};

}  // namespace halyard::core
