#include "core/runtime/state.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <cstring>

#include "halyard/opset.hpp"

namespace halyard::core {
namespace {

constexpr std::chrono::milliseconds kLookAgain{20};  // whether a job that waits was asked to end

hy_binding binding_of(const StateData& state, uint64_t bytes, uint64_t handle) {
  hy_binding b = HY_INIT(hy_binding);
  b.dtype = state.dtype;
  b.rank = static_cast<uint32_t>(state.dims.size());
  b.flags = HY_BINDING_READWRITE;
  b.dims = state.dims.data();
  b.handle = handle;
  b.bytes = bytes;
  return b;
}

}  // namespace

// ---- StateContent ----------------------------------------------------------------------------------

Result<StateContent> StateContent::create(const StateData& state, const Graph& graph,
                                          std::shared_ptr<WeightStore> weights) {
  StateContent out;
  out.about_ = state;
  out.weights_ = std::move(weights);
  if (state.initial != kNone) out.initial_ = graph.constants[state.initial];
  if (dtype_bits(state.dtype) == 0)
    return unsupported(fmt::format("state \"{}\" is {}; a state is of a type of fixed size",
                                   state.name, dtype_name(state.dtype)));
  auto host = hy_tensor::create(state.dtype, state.dims);
  if (!host.ok()) return host.status().with_context(fmt::format("state \"{}\"", state.name));
  out.host_ = std::move(host).value();
  out.bytes_ = out.host_->bytes;
  HY_RETURN_IF_ERROR(out.reset());
  return out;
}

void StateContent::forget_device() {
  device_.reset();
  buffer_.reset();
}

Status StateContent::reset() {
  forget_device();
  mend();
  if (!initial_) {
    std::memset(host_->data, 0, bytes_);
    return {};
  }
  HY_ASSIGN_OR_RETURN(const hy_bytes from, weights_->read(*initial_));
  if (from.size != bytes_)
    return invalid_model(fmt::format("state \"{}\" has {} bytes; its initial content has {}",
                                     about_.name, bytes_, from.size));
  std::memcpy(host_->data, from.data, bytes_);
  return {};
}

Status StateContent::to_host(hy_job& job) {
  if (device_ == nullptr) return {};
  if (bytes_ != 0) {
    const hy_status code =
        device_->memory().read(device_->raw(), &job, buffer_->handle(), 0, host_->data, bytes_);
    HY_RETURN_IF_ERROR(
        job.status(code, fmt::format("provider {}: reading state \"{}\" of {} bytes",
                                     device_->provider().id(), about_.name, bytes_)));
  }
  forget_device();
  return {};
}

Status StateContent::to_device(const std::shared_ptr<Device>& device, hy_job& job) {
  if (device_ == device) return {};
  HY_RETURN_IF_ERROR(to_host(job));
  auto buffer = std::make_unique<DeviceBuffer>();
  HY_RETURN_IF_ERROR(buffer->reserve(device, job, std::max<uint64_t>(bytes_, 1)));
  if (bytes_ != 0) {
    const hy_status code =
        device->memory().write(device->raw(), &job, buffer->handle(), 0, host_->data, bytes_);
    HY_RETURN_IF_ERROR(job.status(code, fmt::format("provider {}: writing state \"{}\" of {} bytes",
                                                    device->provider().id(), about_.name, bytes_)));
  }
  buffer_ = std::move(buffer);
  device_ = device;
  return {};
}

Result<void*> StateContent::next() {
  if (next_ == nullptr) {
    HY_ASSIGN_OR_RETURN(next_, hy_tensor::create(about_.dtype, about_.dims));
  }
  return next_->data;
}

void StateContent::take_next() {
  forget_device();
  std::swap(host_, next_);
}

void StateContent::take_buffer(const std::shared_ptr<Device>& device, DeviceBuffer& buffer) {
  if (buffer_ == nullptr || device_ != device) buffer_ = std::make_unique<DeviceBuffer>();
  buffer_->swap(buffer);
  device_ = device;
}

void StateContent::end_run(const Status& failure) {
  if (writing_ && !failure.ok())
    broken_ = Status(
        HY_ERROR_INVALID_ARGUMENT,
        fmt::format("state \"{}\" is broken, since a run failed that had begun to change it: {}; "
                    "reset it, import it, or use an earlier fork",
                    about_.name, failure.message()));
  writing_ = false;
}

Status StateContent::truncate(uint32_t axis, uint64_t length) {
  if (device_ != nullptr) {
    const auto ext = device_->provider().extension<hy_state_ext>(HY_EXT_STATE);
    hy_job job;
    if (ext.truncate != nullptr) {
      const hy_binding b = binding_of(about_, bytes_, buffer_->handle());
      const hy_status code = ext.truncate(device_->raw(), &job, &b, axis, length);
      return job.status(code, fmt::format("provider {}: truncating state \"{}\"",
                                          device_->provider().id(), about_.name));
    }
    HY_RETURN_IF_ERROR(to_host(job));
  }
  // Rows of whole slices along the axis; what is packed below a byte is never cut within one.
  uint64_t outer = 1, inner = dtype_bits(about_.dtype);
  for (uint32_t d = 0; d < axis; ++d) outer *= static_cast<uint64_t>(about_.dims[d]);
  for (size_t d = axis + 1; d < about_.dims.size(); ++d)
    inner *= static_cast<uint64_t>(about_.dims[d]);
  if (inner % 8 != 0)
    return unsupported(fmt::format(
        "state \"{}\" is packed, {} bits a slice; it cannot be truncated", about_.name, inner));
  const uint64_t slice = inner / 8, row = slice * static_cast<uint64_t>(about_.dims[axis]);
  auto* data = static_cast<unsigned char*>(host_->data);
  for (uint64_t o = 0; o < outer; ++o)
    std::memset(data + o * row + length * slice, 0, row - length * slice);
  return {};
}

Result<StateContent> StateContent::copy() {
  HY_RETURN_IF_ERROR(broken_);
  StateContent out;
  out.about_ = about_;
  out.bytes_ = bytes_;
  out.initial_ = initial_;
  out.weights_ = weights_;
  HY_ASSIGN_OR_RETURN(out.host_, hy_tensor::create(about_.dtype, about_.dims));
  if (device_ == nullptr) {
    std::memcpy(out.host_->data, host_->data, bytes_);
    return out;
  }
  hy_job job;
  const auto ext = device_->provider().extension<hy_state_ext>(HY_EXT_STATE);
  const hy_memory_ext& memory = device_->memory();
  if (ext.fork != nullptr || memory.copy != nullptr) {
    auto buffer = std::make_unique<DeviceBuffer>();
    HY_RETURN_IF_ERROR(buffer->reserve(device_, job, std::max<uint64_t>(bytes_, 1)));
    const hy_binding from = binding_of(about_, bytes_, buffer_->handle());
    const hy_binding to = binding_of(about_, bytes_, buffer->handle());
    const hy_status code = ext.fork != nullptr ? ext.fork(device_->raw(), &job, &from, &to)
                                               : memory.copy(device_->raw(), &job, from.handle, 0,
                                                             to.handle, 0, bytes_);
    HY_RETURN_IF_ERROR(job.status(code, fmt::format("provider {}: copying state \"{}\"",
                                                    device_->provider().id(), about_.name)));
    out.device_ = device_;
    out.buffer_ = std::move(buffer);
    return out;
  }
  const hy_status code =
      memory.read(device_->raw(), &job, buffer_->handle(), 0, out.host_->data, bytes_);
  HY_RETURN_IF_ERROR(job.status(code, fmt::format("provider {}: reading state \"{}\"",
                                                  device_->provider().id(), about_.name)));
  return out;
}

Result<std::unique_ptr<hy_tensor>> StateContent::to_tensor() {
  HY_RETURN_IF_ERROR(broken_);
  HY_ASSIGN_OR_RETURN(auto out, hy_tensor::create(about_.dtype, about_.dims));
  if (bytes_ == 0) return out;
  if (device_ == nullptr) {
    std::memcpy(out->data, host_->data, bytes_);
    return out;
  }
  hy_job job;
  const hy_status code =
      device_->memory().read(device_->raw(), &job, buffer_->handle(), 0, out->data, bytes_);
  HY_RETURN_IF_ERROR(job.status(code, fmt::format("provider {}: reading state \"{}\"",
                                                  device_->provider().id(), about_.name)));
  return out;
}

Status StateContent::from_tensor(const hy_tensor& tensor) {
  if (tensor.kind != HY_TYPE_TENSOR || tensor.dtype != about_.dtype || tensor.dims != about_.dims)
    return mismatch(fmt::format("state \"{}\" is {} {}; the tensor given for it is {} {}",
                                about_.name, dtype_name(about_.dtype), dims_text(about_.dims),
                                dtype_name(tensor.dtype), dims_text(tensor.dims)));
  forget_device();
  if (bytes_ != 0) std::memcpy(host_->data, tensor.data, bytes_);
  mend();
  return {};
}

// ---- StateSet --------------------------------------------------------------------------------------

Result<std::shared_ptr<StateSet>> StateSet::create(const Graph& graph,
                                                   const std::shared_ptr<WeightStore>& weights) {
  auto out = std::make_shared<StateSet>();
  for (const StateData& state : graph.states) {
    HY_ASSIGN_OR_RETURN(StateContent content, StateContent::create(state, graph, weights));
    out->contents_.push_back(std::move(content));
  }
  return out;
}

Status StateSet::enter(const hy_job& job) {
  std::unique_lock lock(mutex_);
  if (!taken_) {
    taken_ = true;
    return {};
  }
  waiting_.emplace_back();
  const auto mine = std::prev(waiting_.end());
  while (!mine->turn) {
    changed_.wait_for(lock, kLookAgain);
    if (mine->turn) break;
    if (Status ended = job.interrupted(); !ended.ok()) {
      waiting_.erase(mine);
      return ended.with_context("waiting for the state, which earlier runs use");
    }
  }
  waiting_.erase(mine);
  return {};
}

void StateSet::enter_later(std::function<void()> start) {
  {
    const std::scoped_lock lock(mutex_);
    if (taken_) {
      waiting_.push_back({std::move(start)});
      return;
    }
    taken_ = true;
  }
  start();
}

void StateSet::leave() { next_turn(std::unique_lock(mutex_)); }

void StateSet::next_turn(std::unique_lock<std::mutex> lock) {
  if (waiting_.empty()) {
    taken_ = false;
    return;
  }
  Waiter& next = waiting_.front();
  if (next.start == nullptr) {
    next.turn = true;
    changed_.notify_all();
    return;
  }
  const std::function<void()> start = std::move(next.start);
  waiting_.pop_front();
  lock.unlock();
  start();
}

Result<StateTurn> StateTurn::take(std::shared_ptr<StateSet> set, const hy_job& job) {
  if (set != nullptr) HY_RETURN_IF_ERROR(set->enter(job));
  return StateTurn(std::move(set));
}

Result<StateContent*> StateSet::find(std::string_view name) {
  std::vector<std::string> names;
  for (StateContent& c : contents_) {
    if (c.about().name == name) return &c;
    names.push_back(c.about().name);
  }
  return not_found(fmt::format("there is no state \"{}\"; there are {}", name,
                               names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

Result<std::vector<StateContent*>> StateSet::bind(const Graph& graph) {
  std::vector<StateContent*> out;
  for (const StateData& wanted : graph.states) {
    HY_ASSIGN_OR_RETURN(StateContent * content, find(wanted.name));
    const StateData& have = content->about();
    if (have.dtype != wanted.dtype || have.dims != wanted.dims)
      return mismatch(fmt::format("state \"{}\" of the model is {} {}; the one given is {} {}",
                                  wanted.name, dtype_name(wanted.dtype), dims_text(wanted.dims),
                                  dtype_name(have.dtype), dims_text(have.dims)));
    HY_RETURN_IF_ERROR(content->broken());
    out.push_back(content);
  }
  return out;
}

Status StateSet::reset() {
  for (StateContent& c : contents_) HY_RETURN_IF_ERROR(c.reset());
  return {};
}

Result<std::shared_ptr<StateSet>> StateSet::fork() {
  auto out = std::make_shared<StateSet>();
  for (StateContent& c : contents_) {
    HY_ASSIGN_OR_RETURN(StateContent copy, c.copy());
    out->contents_.push_back(std::move(copy));
  }
  return out;
}

Status StateSet::truncate(std::string_view name, uint32_t axis, uint64_t length) {
  std::vector<StateContent*> which;
  if (!name.empty()) {
    HY_ASSIGN_OR_RETURN(StateContent * one, find(name));
    which.push_back(one);
  } else {
    for (StateContent& c : contents_) which.push_back(&c);
  }
  for (const StateContent* c : which) {
    const StateData& about = c->about();
    HY_RETURN_IF_ERROR(c->broken());
    if (about.growth_axis == kNone)
      return unsupported(fmt::format(
          "state \"{}\" does not grow along an axis: each run rewrites it as a whole, so "
          "it has no earlier part to go back to; fork it instead",
          about.name));
    if (about.growth_axis != axis)
      return invalid_argument(fmt::format("state \"{}\" {} grows along axis {}, not {}", about.name,
                                          dims_text(about.dims), about.growth_axis, axis));
    if (length > static_cast<uint64_t>(about.dims[axis]))
      return invalid_argument(
          fmt::format("state \"{}\" cannot be truncated to {}: its axis {} has {}", about.name,
                      length, axis, about.dims[axis]));
  }
  for (StateContent* c : which) HY_RETURN_IF_ERROR(c->truncate(axis, length));
  return {};
}

}  // namespace halyard::core
