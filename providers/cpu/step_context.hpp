// The Context that one step of a run gives its kernel.
#pragma once

#include <vector>

#include "providers/cpu/run_state.hpp"

namespace halyard::cpu {

/// Lives for one step; one thread. Places outputs in their ports' memory, in that of a dying input, or in
/// the run's pool, and shows blocked tensors as the kernel takes them.
class StepContext final : public Context {
 public:
  StepContext(RunState& state, int32_t index)
      : state_(state), step_(state.program_.steps[static_cast<size_t>(index)]), index_(index) {}
  ~StepContext() override {
    for (BufferPool::Buffer* b : scratch_) state_.pool_.drop(b);
  }

  /// Brings blocked inputs into a layout that the kernel takes. Call it first.
  Status prepare();

  uint32_t input_count() const override { return static_cast<uint32_t>(step_.inputs.size()); }
  uint32_t output_count() const override { return static_cast<uint32_t>(step_.outputs.size()); }
  const Tensor* input(uint32_t i) const override {
    if (i >= step_.inputs.size() || step_.inputs[i] == HY_NONE) return nullptr;
    return block_ != 0 ? &views_[i] : &held(i).tensor;
  }
  bool wants_output(uint32_t i) const override {
    return i < step_.outputs.size() && step_.outputs[i] != HY_NONE;
  }
  Result<Tensor> output(uint32_t i, uint32_t dtype, std::span<const int64_t> dims) override {
    return place(i, {dtype, Dims(dims), nullptr, bytes_of(dtype, count_of(dims))}, nullptr);
  }
  Result<Tensor> output_strings(uint32_t i, std::span<const int64_t> dims,
                                size_t text_bytes) override {
    const size_t offsets = (static_cast<size_t>(count_of(dims)) + 1) * sizeof(uint64_t);
    return place(i, {HY_DTYPE_STRING, Dims(dims), nullptr, offsets + text_bytes}, nullptr);
  }
  Result<Tensor> output_over(uint32_t i, uint32_t dtype, std::span<const int64_t> dims,
                             std::initializer_list<uint32_t> inputs) override;
  bool wants_blocked(uint32_t i) const override {
    return wants_output(i) && state_.program_.values[value_of(i)].blocked;
  }
  Result<Tensor> output_blocked(uint32_t i, std::span<const int64_t> dims, int64_t block) override {
    if (!wants_blocked(i)) return internal_error("a blocked output is not wanted");
    return place(i, {HY_DTYPE_F32, Dims(dims), nullptr, blocked_bytes(dims, block), block},
                 nullptr);
  }
  Status alias(uint32_t i, uint32_t input, std::span<const int64_t> dims) override;
  Result<void*> scratch(size_t bytes) override;
  int threads() const override { return state_.program_.threads; }

 private:
  uint32_t value_of(uint32_t output) const { return step_.outputs[output]; }

  /// An input as the kernel sees it. Views of block_ have its memory.
  const RunState::Held& held(uint32_t input) const;
  bool takes_blocked(uint32_t input) const {
    return block_ != 0 || (input == 0 && step_.kernel->layouts() == Layouts::kBlocked);
  }
  bool has_blocked_input() const;

  /// Lets the kernel read all inputs in their physical dims; false where one has none.
  bool view_inputs(Layouts layouts);

  /// The buffer of an input that this step alone still needs, of that size; or null.
  BufferPool::Buffer* dying_buffer(uint32_t input, size_t bytes) const;

  /// Memory for an output: its port's, this buffer if one is given, or a new one.
  Result<Tensor> place(uint32_t i, Tensor tensor, BufferPool::Buffer* over);

  RunState& state_;
  const Program::Step& step_;
  const int32_t index_;
  int64_t block_ = 0;  // not 0: the kernel sees views_, of blocked tensors
  std::vector<Tensor> views_;
  std::vector<BufferPool::Buffer*> scratch_;
};

}  // namespace halyard::cpu
