#include "providers/cpu/run_state.hpp"

#include <algorithm>
#include <chrono>

#include "providers/cpu/parallel.hpp"
#include "providers/cpu/step_context.hpp"

namespace halyard::cpu {

namespace {

using Clock = std::chrono::steady_clock;

uint64_t ns_between(Clock::time_point from, Clock::time_point to) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(to - from).count());
}

}  // namespace

Status RunState::run(plugin::Run& run, std::vector<plugin::ProfileEvent>* events) {
  const auto start = events != nullptr ? Clock::now() : Clock::time_point();
  run_ = &run;
  for (Slot& slot : slots_) slot = {};
  Status status = bind_inputs();
  for (int32_t i = 0; status.ok() && i < static_cast<int32_t>(program_.steps.size()); ++i) {
    if (events == nullptr) {
      status = run_step(i);
      continue;
    }
    const auto begin = Clock::now();
    status = run_step(i);
    const Program::Step& step = program_.steps[static_cast<size_t>(i)];
    events->push_back(
        {step.node, ns_between(start, begin), ns_between(begin, Clock::now()), step.label});
  }
  if (status.ok()) status = copy_passed_through();
  if (status.ok()) status = keep_states();
  pool_.end_run();
  run_ = nullptr;
  return status;
}

Status RunState::bind_inputs() {
  for (size_t v = 0; v < slots_.size(); ++v) {
    const Program::Value& known = program_.values[v];
    if (known.kind == HY_VALUE_CONSTANT) slots_[v] = {{known.constant, nullptr}, {}, true};
    if (known.state != HY_NONE) HY_RETURN_IF_ERROR(bind_state(v));
    if (known.input_port == HY_NONE) continue;
    if (known.input_port >= run_->input_count())
      return invalid_argument("input " + std::to_string(known.input_port) + " is not bound");
    const hy_binding b = run_->input(known.input_port);
    Tensor t{b.dtype, Dims(std::span(b.dims, b.rank)), b.data, b.bytes};
    if (t.data == nullptr && t.count() != 0)
      return invalid_argument("input " + std::to_string(known.input_port) + " has no host memory");
    if (t.data == nullptr) t.data = nothing;
    slots_[v] = {{std::move(t), nullptr}, {}, true};
  }
  return {};
}

Status RunState::bind_state(size_t value) {
  const uint32_t state = program_.values[value].state;
  if (state >= run_->state_count())
    return invalid_argument("state " + std::to_string(state) + " is not bound");
  const hy_binding b = run_->state(state);
  Tensor t{b.dtype, Dims(std::span(b.dims, b.rank)), b.data, b.bytes};
  if (t.data == nullptr && t.count() != 0)
    return invalid_argument("state " + std::to_string(state) + " has no host memory");
  if (t.data == nullptr) t.data = nothing;
  states_[state] = {t.data, static_cast<size_t>(t.bytes), 1, true};
  slots_[value] = {{std::move(t), &states_[state]}, {}, true};
  return {};
}

/// What did not come to lie in its state's memory is copied there. What lies in another state's goes aside first.
Status RunState::keep_states() {
  std::vector<Tensor> after;
  for (const uint32_t v : program_.states)
    after.push_back(v == HY_NONE ? Tensor() : slots_[v].own.tensor);
  const auto among_states = [&](const Tensor& t) {
    return std::any_of(states_.begin(), states_.end(),
                       [&](const BufferPool::Buffer& s) { return t.data == s.data; });
  };
  for (size_t i = 0; i < after.size(); ++i) {
    Tensor& t = after[i];
    if (program_.states[i] == HY_NONE || t.bytes == 0) continue;
    const hy_binding b = run_->state(static_cast<uint32_t>(i));
    if (b.dtype != t.dtype || !std::equal(t.dims.begin(), t.dims.end(), b.dims, b.dims + b.rank) ||
        b.bytes != t.bytes)
      return mismatch("state " + std::to_string(i) + " is " + dtype_name(b.dtype) +
                      dims_text(std::span(b.dims, b.rank)) + " and becomes " + dtype_name(t.dtype) +
                      dims_text(t.dims));
    if (t.data == b.data || !among_states(t)) continue;
    BufferPool::Buffer* aside = pool_.take(t.bytes);
    if (aside == nullptr) return no_memory(t.bytes);
    copy_bytes(program_.threads, aside->data, t.data, t.bytes);
    t.data = aside->data;
  }
  for (size_t i = 0; i < after.size(); ++i) {
    if (program_.states[i] == HY_NONE || after[i].bytes == 0) continue;
    void* to = run_->state(static_cast<uint32_t>(i)).data;
    if (after[i].data != to) copy_bytes(program_.threads, to, after[i].data, after[i].bytes);
  }
  return {};
}

Status RunState::run_step(int32_t index) {
  const Program::Step& step = program_.steps[static_cast<size_t>(index)];
  HY_RETURN_IF_ERROR(run_->job().poll());
  {
    StepContext context(*this, index);
    HY_RETURN_IF_ERROR(context.prepare());
    HY_RETURN_IF_ERROR(step.kernel->run(context).with_context(step.label));
  }
  for (uint32_t v : step.outputs) {
    if (v == HY_NONE) continue;
    if (!slots_[v].ready) return internal_error(step.label + ": an output was not written");
    HY_RETURN_IF_ERROR(copy_to_ports(v));
  }
  for (uint32_t v : step.dying) release(v);
  return {};
}

/// The first port is the value's own memory; a value may stand at several.
Status RunState::copy_to_ports(uint32_t value) {
  const auto& ports = program_.values[value].output_ports;
  for (size_t i = 1; i < ports.size(); ++i) {
    const Tensor& t = slots_[value].own.tensor;
    HY_ASSIGN_OR_RETURN(void* to, port_memory(ports[i], t));
    copy_bytes(program_.threads, to, t.data, t.bytes);
  }
  return {};
}

/// Inputs and constants of the cluster that are outputs, too.
Status RunState::copy_passed_through() {
  for (size_t v = 0; v < slots_.size(); ++v) {
    const Program::Value& known = program_.values[v];
    if (known.kind == HY_VALUE_RESULT) continue;
    for (uint32_t port : known.output_ports) {
      const Tensor& t = slots_[v].own.tensor;
      HY_ASSIGN_OR_RETURN(void* to, port_memory(port, t));
      copy_bytes(program_.threads, to, t.data, t.bytes);
    }
  }
  return {};
}

/// Keeps a blocked value in C order, too, until it dies.
Status RunState::make_plain(uint32_t value) {
  Slot& slot = slots_[value];
  if (slot.own.tensor.block == 0 || slot.plain.tensor.data != nullptr) return {};
  Tensor t{HY_DTYPE_F32, slot.own.tensor.dims, nullptr, 0};
  t.bytes = bytes_of(t.dtype, t.count());
  slot.plain.buffer = pool_.take(t.bytes);
  if (slot.plain.buffer == nullptr) return no_memory(t.bytes);
  t.data = slot.plain.buffer->data;
  unblock(program_.threads, slot.own.tensor, t.as<float>());
  slot.plain.tensor = t;
  return {};
}

Result<void*> RunState::port_memory(uint32_t port, const Tensor& tensor) {
  if (port >= run_->output_count())
    return invalid_argument("output " + std::to_string(port) + " is not bound");
  const hy_binding b = run_->output(port);
  if ((b.flags & HY_BINDING_EMPTY) != 0) return run_->allocate(port, tensor.dims, tensor.bytes);
  const bool same_dims =
      std::equal(tensor.dims.begin(), tensor.dims.end(), b.dims, b.dims + b.rank);
  if (b.dtype != tensor.dtype || !same_dims || b.bytes < tensor.bytes)
    return mismatch("output " + std::to_string(port) + " is bound as " + dtype_name(b.dtype) +
                    dims_text(std::span(b.dims, b.rank)) + " and computed as " +
                    dtype_name(tensor.dtype) + dims_text(tensor.dims));
  if (b.data == nullptr && tensor.bytes != 0)
    return invalid_argument("output " + std::to_string(port) + " has no host memory");
  return b.data;
}

void RunState::release(uint32_t value) {
  for (Held* held : {&slots_[value].own, &slots_[value].plain}) {
    if (held->buffer != nullptr) pool_.drop(held->buffer);
    held->buffer = nullptr;
  }
}

}  // namespace halyard::cpu
