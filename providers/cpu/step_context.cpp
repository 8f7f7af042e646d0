#include "providers/cpu/step_context.hpp"

#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

Status StepContext::prepare() {
  if (!has_blocked_input()) return {};
  const Layouts layouts = step_.kernel->layouts();
  const bool alike = layouts == Layouts::kPointwise || layouts == Layouts::kAligned;
  if (alike && wants_blocked(0) && view_inputs(layouts)) return {};
  block_ = 0;
  for (size_t i = 0; i < step_.inputs.size(); ++i) {
    const bool taken = i == 0 && layouts == Layouts::kBlocked;
    if (step_.inputs[i] != HY_NONE && !taken)
      HY_RETURN_IF_ERROR(state_.make_plain(step_.inputs[i]));
  }
  return {};
}

Result<Tensor> StepContext::output_over(uint32_t i, uint32_t dtype, std::span<const int64_t> dims,
                                        std::initializer_list<uint32_t> inputs) {
  const Tensor wanted{dtype, Dims(dims), nullptr, bytes_of(dtype, count_of(dims))};
  for (uint32_t input : inputs)
    if (BufferPool::Buffer* b = dying_buffer(input, wanted.bytes)) return place(i, wanted, b);
  return place(i, wanted, nullptr);
}

Status StepContext::alias(uint32_t i, uint32_t input, std::span<const int64_t> dims) {
  if (!wants_output(i)) return {};
  const RunState::Held from = held(input);
  Tensor wanted = from.tensor;
  wanted.dims = block_ != 0 ? logical_dims(dims) : Dims(dims);
  if (wanted.count() != from.tensor.count())
    return mismatch("cannot read " + dims_text(from.tensor.dims) + " as " + dims_text(dims));
  if (!state_.program_.values[value_of(i)].output_ports.empty()) {
    HY_ASSIGN_OR_RETURN(const Tensor to, place(i, wanted, nullptr));
    copy_bytes(threads(), to.data, wanted.data, wanted.bytes);
    return {};
  }
  state_.slots_[value_of(i)] = {{wanted, from.buffer}, {}, true};
  if (from.buffer != nullptr) state_.pool_.share(from.buffer);
  return {};
}

Result<void*> StepContext::scratch(size_t bytes) {
  BufferPool::Buffer* b = state_.pool_.take(bytes);
  if (b == nullptr) return no_memory(bytes);
  scratch_.push_back(b);
  return b->data;
}

const RunState::Held& StepContext::held(uint32_t input) const {
  const RunState::Slot& slot = state_.slots_[step_.inputs[input]];
  return slot.plain.tensor.data != nullptr && !takes_blocked(input) ? slot.plain : slot.own;
}

bool StepContext::has_blocked_input() const {
  for (uint32_t v : step_.inputs)
    if (v != HY_NONE && state_.slots_[v].own.tensor.block != 0) return true;
  return false;
}

bool StepContext::view_inputs(Layouts layouts) {
  const Tensor* blocked = nullptr;
  for (uint32_t v : step_.inputs)
    if (v != HY_NONE && state_.slots_[v].own.tensor.block != 0)
      blocked = &state_.slots_[v].own.tensor;
  views_.resize(step_.inputs.size());
  for (size_t i = 0; i < views_.size(); ++i) {
    if (step_.inputs[i] == HY_NONE) continue;
    const Tensor& t = state_.slots_[step_.inputs[i]].own.tensor;
    if (t.block != 0 && (t.block != blocked->block || t.dim(1) % t.block != 0)) return false;
    if (t.block == 0 && layouts == Layouts::kAligned) return false;
    views_[i] = t;
    views_[i].block = 0;
    if (t.block != 0)
      views_[i].dims = physical_dims(t.dims, t.block);
    else if (!view_as_physical(t, blocked->dims, blocked->block, &views_[i]))
      return false;
  }
  block_ = blocked->block;
  return true;
}

BufferPool::Buffer* StepContext::dying_buffer(uint32_t input, size_t bytes) const {
  if (input >= step_.inputs.size() || step_.inputs[input] == HY_NONE) return nullptr;
  const RunState::Held& from = held(input);
  const Program::Value& known = state_.program_.values[step_.inputs[input]];
  const bool dies =
      from.buffer != nullptr && from.buffer->owners == 1 && known.last_use == index_ && !known.kept;
  return dies && from.tensor.bytes == bytes ? from.buffer : nullptr;
}

Result<Tensor> StepContext::place(uint32_t i, Tensor tensor, BufferPool::Buffer* over) {
  if (!wants_output(i)) {
    HY_ASSIGN_OR_RETURN(tensor.data, scratch(tensor.bytes));
    return tensor;
  }
  const Program::Value& known = state_.program_.values[value_of(i)];
  RunState::Slot& slot = state_.slots_[value_of(i)];
  slot.ready = true;
  if (!known.output_ports.empty()) {
    HY_ASSIGN_OR_RETURN(tensor.data, state_.port_memory(known.output_ports[0], tensor));
    if (tensor.bytes == 0) tensor.data = nothing;
    slot.own.tensor = tensor;
    return tensor;
  }
  if (tensor.bytes == 0) {
    tensor.data = nothing;
  } else {
    slot.own.buffer = over;
    if (over != nullptr) state_.pool_.share(over);
    if (over == nullptr) slot.own.buffer = state_.pool_.take(tensor.bytes);
    if (slot.own.buffer == nullptr) return no_memory(tensor.bytes);
    tensor.data = slot.own.buffer->data;
  }
  slot.own.tensor = tensor;
  if (block_ != 0) {  // the kernel wrote physical dims
    slot.own.tensor.dims = logical_dims(tensor.dims);
    slot.own.tensor.block = block_;
  }
  return tensor;
}

}  // namespace halyard::cpu
