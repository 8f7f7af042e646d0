#include "core/runtime/executor.hpp"

#include <fmt/format.h>

#include <cstring>

#include "core/runtime/overlap.hpp"
#include "core/runtime/tensor.hpp"

namespace halyard::core {

Executor::Executor(Program& program, std::shared_ptr<const Layout> layout, RunContext& context)
    : program_(program),
      graph_(program.plan_.graph),
      layout_(std::move(layout)),
      context_(context),
      slots_(program.slot_values_.size()),
      bindings_(program.plan_.clusters.size()),
      core_nodes_(program.plan_.clusters.size()) {
  context_.reserve_arena(layout_->arena_bytes);
  for (size_t i = 0; i < slots_.size(); ++i)
    if (const ValueId v = program.slot_values_[i]; layout_->dims[v]) {
      slots_[i].dims = *layout_->dims[v];
      slots_[i].bytes = layout_->bytes[v];
      slots_[i].fixed = true;
    }
  for (uint32_t c = 0; c < core_nodes_.size(); ++c) {
    const Cluster& cluster = program.plan_.clusters[c];
    bindings_[c].inputs.resize(cluster.inputs.size() - cluster.states.size());
    bindings_[c].outputs.resize(cluster.outputs.size() - cluster.states.size());
    bindings_[c].states.resize(cluster.states.size());
    if (cluster.device == kCoreDevice) core_nodes_[c] = make_core_node(*this, c);
  }
  if (program.order_.concurrent()) locks_.resize(slots_.size());
}

Executor::~Executor() = default;

Status Executor::begin() {
  for (Slot& s : slots_) {
    s.host = nullptr;
    if (s.owner != nullptr) s.owner.reset();
    if (s.value != nullptr) s.value.reset();
    s.on_device = kNone;
    s.on_host = false;
    s.known = s.fixed;
  }
  if (request_->inputs.size() != graph_.inputs.size())
    return internal_error(fmt::format("{} inputs are given; there are {}", request_->inputs.size(),
                                      graph_.inputs.size()));
  const size_t plain = graph_.plain_inputs();
  for (size_t i = 0; i < plain; ++i) {
    Slot& s = slot(graph_.inputs[i]);
    const PortTensor& in = request_->inputs[i];
    if (s.fixed && s.dims != in.dims)
      return mismatch(fmt::format("input \"{}\" is {}; {} is wanted",
                                  graph_.values[graph_.inputs[i]].name, dims_text(in.dims),
                                  dims_text(s.dims)));
    s.dims = in.dims;
    s.bytes = in.bytes;
    s.host = in.data;
    s.owner = in.owner;
    s.value = in.value;
    s.on_host = s.known = true;
  }
  return begin_states();
}

/// Their input ports, wherever the contents lie.
Status Executor::begin_states() {
  if (request_->states.size() != graph_.states.size())
    return internal_error(fmt::format("{} states are given; there are {}", request_->states.size(),
                                      graph_.states.size()));
  for (size_t i = 0; i < graph_.states.size(); ++i) {
    if (!graph_.states[i].read) continue;
    StateContent& content = *request_->states[i];
    uint32_t on = kNone;
    for (uint32_t d = 0; content.device() != nullptr && d < program_.plan_.devices.size(); ++d)
      if (program_.plan_.devices[d] == content.device()) on = d;
    if (on == kNone) HY_RETURN_IF_ERROR(content.to_host(*job_));
    Slot& s = slot(graph_.inputs[graph_.input_of_state(i)]);
    s.dims = graph_.states[i].dims;
    s.bytes = content.bytes();
    s.host = content.host();
    s.known = true;
    s.on_host = on == kNone;
    s.on_device = on;
    if (on != kNone) s.device_handle = content.handle();
  }
  return {};
}

Status Executor::keep_states() {
  for (size_t i = 0; i < graph_.states.size(); ++i) {
    if (!graph_.states[i].written) continue;
    StateContent& content = *request_->states[i];
    const ValueId v = graph_.outputs[graph_.output_of_state(i)];
    // A constant, or what another state was, may have to be fetched.
    if (graph_.values[v].kind == HY_VALUE_CONSTANT) HY_RETURN_IF_ERROR(read(v).status());
    const Slot& s = slot(v);
    if (s.dims != graph_.states[i].dims || s.bytes != content.bytes())
      return mismatch(fmt::format("state \"{}\" is {}; the run made it {}", graph_.states[i].name,
                                  dims_text(graph_.states[i].dims), dims_text(s.dims)));
    const bool in_place = content.device() != nullptr
                              ? s.on_device != kNone && s.device_handle == content.handle() &&
                                    program_.plan_.devices[s.on_device] == content.device()
                              : s.on_host && s.host == content.host();
    if (in_place) continue;
    const uint32_t made = program_.made_by_[v];
    if (made != kNone && s.on_device != kNone) {
      content.take_buffer(program_.plan_.devices[s.on_device], context_.buffer(s.on_device, v));
      continue;
    }
    HY_RETURN_IF_ERROR(to_host(v, *job_));
    HY_ASSIGN_OR_RETURN(void* next, content.next());
    if (next != s.host && s.bytes != 0) std::memcpy(next, s.host, s.bytes);
    content.take_next();
  }
  return {};
}

Status Executor::run(Program::Request& request, hy_job& job) {
  request_ = &request;
  job_ = &job;
  HY_RETURN_IF_ERROR(begin());
  if (program_.order_.concurrent()) {
    HY_RETURN_IF_ERROR(run_overlapped(*this));
  } else {
    for (uint32_t c = 0; c < program_.plan_.clusters.size(); ++c)
      HY_RETURN_IF_ERROR(run_any(c, job));
  }
  return deliver_outputs();
}

Status Executor::run_any(uint32_t c, hy_job& job) {
  HY_RETURN_IF_ERROR(job.interrupted());
  if (core_nodes_[c] == nullptr) return run_cluster(c, job);
  const TraceScope scope(request_->trace, cluster_span(c));
  Status s = core_nodes_[c]->run(*this);
  return s.ok() ? s
                : s.with_context(graph_.nodes[program_.plan_.clusters[c].nodes.front()].label());
}

Status Executor::run_cluster(uint32_t index, hy_job& job) {
  const Cluster& cluster = program_.plan_.clusters[index];
  HY_RETURN_IF_ERROR(bind(index, job));
  if (const Status status = call(index, job); !status.ok()) {
    const NodeData& first = graph_.nodes[cluster.nodes.front()];
    {
      const std::scoped_lock lock(failed_);
      request_->failed_on = program_.plan_.devices[cluster.device];
    }
    return status.with_context(fmt::format("cluster {} ({} nodes from {}) on {}", index,
                                           cluster.nodes.size(), first.label(),
                                           device(cluster.device).provider().id()));
  }
  return take_outputs(index);
}

Status Executor::bind(uint32_t index, hy_job& job) {
  const Cluster& cluster = program_.plan_.clusters[index];
  auto& inputs = bindings_[index].inputs;
  auto& outputs = bindings_[index].outputs;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const auto held = lock(cluster.inputs[i]);
    HY_RETURN_IF_ERROR(bind_input(index, cluster.inputs[i], job, &inputs[i]));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    const auto held = lock(cluster.outputs[i]);
    HY_RETURN_IF_ERROR(bind_output(cluster.device, cluster.outputs[i], job, &outputs[i]));
  }
  for (size_t i = 0; i < cluster.states.size(); ++i)
    HY_RETURN_IF_ERROR(bind_state(index, i, job, &bindings_[index].states[i]));
  return {};
}

Status Executor::bind_state(uint32_t index, size_t i, hy_job& job, hy_binding* out) {
  const Cluster& cluster = program_.plan_.clusters[index];
  const auto& on = program_.plan_.devices[cluster.device];
  StateContent& content = *request_->states[cluster.states[i]];
  Slot& after = slot(cluster.outputs[cluster.outputs.size() - cluster.states.size() + i]);
  *out = HY_INIT(hy_binding);
  if (on->host_memory()) {
    HY_RETURN_IF_ERROR(content.to_host(job));
    out->data = after.host = content.host();
  } else {
    HY_RETURN_IF_ERROR(content.to_device(on, job));
    out->handle = after.device_handle = content.handle();
  }
  out->dtype = content.about().dtype;
  out->flags = HY_BINDING_READWRITE;
  out->dims = content.about().dims.data();
  out->rank = static_cast<uint32_t>(content.about().dims.size());
  out->bytes = content.bytes();
  after.dims = content.about().dims;
  after.bytes = content.bytes();
  after.known = true;
  content.begin_write();
  return {};
}

Status Executor::call(uint32_t index, hy_job& job) {
  const Cluster& cluster = program_.plan_.clusters[index];
  const auto& device = program_.plan_.devices[cluster.device];
  auto& inputs = bindings_[index].inputs;
  auto& outputs = bindings_[index].outputs;
  hy_run_args args = HY_INIT(hy_run_args);
  args.inputs = {inputs.data(), static_cast<uint32_t>(inputs.size()), sizeof(hy_binding)};
  args.outputs = {outputs.data(), static_cast<uint32_t>(outputs.size()), sizeof(hy_binding)};
  const auto& states = bindings_[index].states;
  args.states = {states.data(), static_cast<uint32_t>(states.size()), sizeof(hy_binding)};
  hy_fence_point signal{};
  DeviceFence* fence = device->has_async() ? &context_.fence(cluster.device) : nullptr;
  const auto serial = cluster.executable->serialise();
  if (fence != nullptr) {
    HY_ASSIGN_OR_RETURN(signal, fence->next(device, job));
    args.signals = {&signal, 1, sizeof signal};
  }
  job.output = [&](uint32_t port, std::span<const int64_t> dims, uint64_t bytes, void** data,
                   uint64_t* handle) {
    return allocate_output(cluster, job, port, dims, bytes, data, handle);
  };
  const TraceScope scope(request_->trace, cluster_span(index));
  cluster.executable->time_nodes(request_->trace != nullptr);
  const auto begin = request_->trace != nullptr ? std::chrono::steady_clock::now()
                                                : std::chrono::steady_clock::time_point();
  Status status = cluster.executable->run(job, args);
  // The end must be awaited where dims are known only then, where runs must not overlap on one executable,
  // and where the results lie in the host's memory, in which nobody asks for a fence.
  bool now = serial.owns_lock() || device->host_memory();
  for (const hy_binding& b : outputs) now = now || (b.flags & HY_BINDING_EMPTY) != 0;
  if (fence != nullptr && !status.ok()) {
    fence->take_back();
  } else if (fence != nullptr && now) {
    status = fence->wait(job);
  }
  job.output = nullptr;
  if (request_->trace != nullptr && status.ok() && (fence == nullptr || now))
    note_times(index, job, begin);
  return status;
}

void Executor::note_times(uint32_t index, hy_job& job,
                          std::chrono::steady_clock::time_point begin) {
  using std::chrono::nanoseconds;
  const auto end = std::chrono::steady_clock::now();
  const Cluster& cluster = program_.plan_.clusters[index];
  const auto record = [&](NodeId n, double us) {
    if (request_->measured != nullptr)
      request_->measured->record(device(cluster.device),
                                 work_key(graph_, graph_.nodes[n], layout_->dims), us);
  };
  const std::vector<NodeTime> times = cluster.executable->node_times(job);
  for (const NodeTime& t : times) {
    if (t.node >= cluster.nodes.size()) continue;
    TraceSpan span = cluster_span(index);
    span.kind = TraceSpan::Kind::kNode;
    span.name = t.name.empty() ? graph_.nodes[cluster.nodes[t.node]].label() : t.name;
    span.begin = begin + nanoseconds(t.start_ns);
    span.end = span.begin + nanoseconds(t.duration_ns);
    request_->trace->add(std::move(span));
    record(cluster.nodes[t.node], static_cast<double>(t.duration_ns) / 1e3);
  }
  if (!times.empty() || request_->measured == nullptr) return;
  // Of a provider that does not say: what the cluster took, shared out as the nodes were estimated.
  const DeviceFigures figures = figures_of(device(cluster.device).info());
  const double us = std::chrono::duration<double, std::micro>(end - begin).count();
  double all = 0;
  for (const NodeId n : cluster.nodes) all += std::max(program_.plan_.nodes[n].est_us, 0.0);
  for (const NodeId n : cluster.nodes)
    if (all > 0)
      record(n, std::max(us - figures.launch_us, 0.0) *
                    std::max(program_.plan_.nodes[n].est_us, 0.0) / all);
}

TraceSpan Executor::copy_span(ValueId v, uint32_t d, uint32_t cluster, bool to_device) const {
  TraceSpan out;
  if (request_->trace == nullptr) return out;
  out.kind = TraceSpan::Kind::kCopy;
  out.name = graph_.values[v].name;
  out.track = device(d).provider().id();
  out.run = request_->run;
  out.cluster = cluster;
  out.value = v;
  out.bytes = slots_[program_.slot_of_[v]].bytes;
  out.to_device = to_device;
  return out;
}

/// A cluster's run, as the trace shows it.
TraceSpan Executor::cluster_span(uint32_t index) const {
  TraceSpan out;
  if (request_->trace == nullptr) return out;
  const Cluster& cluster = program_.plan_.clusters[index];
  out.kind = TraceSpan::Kind::kCluster;
  out.name = graph_.nodes[cluster.nodes.front()].label();
  if (cluster.nodes.size() > 1) out.name += fmt::format(" and {} more", cluster.nodes.size() - 1);
  out.track = program_.plan_.runner(cluster.device);
  out.run = request_->run;
  out.cluster = index;
  return out;
}

Status Executor::take_outputs(uint32_t index) {
  const Cluster& cluster = program_.plan_.clusters[index];
  const Device& on = device(cluster.device);
  const auto& outputs = bindings_[index].outputs;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const auto held = lock(cluster.outputs[i]);
    Slot& s = slot(cluster.outputs[i]);
    if ((outputs[i].flags & HY_BINDING_EMPTY) != 0 && !s.known)
      return device_error(
          fmt::format("provider {}: cluster {} ended without giving the dims of \"{}\"",
                      on.provider().id(), index, graph_.values[cluster.outputs[i]].name));
    s.on_host = on.host_memory();
    s.on_device = on.host_memory() ? kNone : cluster.device;
  }
  for (size_t i = outputs.size(); i < cluster.outputs.size(); ++i) {
    const auto held = lock(cluster.outputs[i]);
    Slot& s = slot(cluster.outputs[i]);
    s.on_host = on.host_memory();
    s.on_device = on.host_memory() ? kNone : cluster.device;
  }
  return {};
}

Status Executor::bind_input(uint32_t index, ValueId v, hy_job& job, hy_binding* out) {
  const uint32_t d = program_.plan_.clusters[index].device;
  *out = HY_INIT(hy_binding);
  Slot& s = slot(v);
  out->dtype = graph_.values[v].type.dtype;
  if (device(d).host_memory()) {
    HY_RETURN_IF_ERROR(to_host(v, job, index));
    out->data = s.host;
  } else {
    if (s.on_device != d) {
      HY_RETURN_IF_ERROR(to_host(v, job, index));
      DeviceBuffer& buffer = context_.buffer(d, v);
      HY_RETURN_IF_ERROR(
          buffer.reserve(program_.plan_.devices[d], job, std::max<uint64_t>(s.bytes, 1)));
      if (s.bytes != 0) {
        const TraceScope scope(request_->trace, copy_span(v, d, index, true));
        const hy_status code =
            device(d).memory().write(device(d).raw(), &job, buffer.handle(), 0, s.host, s.bytes);
        HY_RETURN_IF_ERROR(job.status(code, fmt::format("provider {}: writing {} bytes",
                                                        device(d).provider().id(), s.bytes)));
      }
      s.on_device = d;
      s.device_handle = buffer.handle();
    }
    out->handle = s.device_handle;
  }
  out->rank = static_cast<uint32_t>(s.dims.size());
  out->dims = s.dims.data();
  out->bytes = s.bytes;
  return {};
}

Status Executor::bind_output(uint32_t d, ValueId v, hy_job& job, hy_binding* out) {
  *out = HY_INIT(hy_binding);
  Slot& s = slot(v);
  out->dtype = graph_.values[v].type.dtype;
  if (!s.known) {
    out->flags = HY_BINDING_EMPTY;
    return {};
  }
  out->rank = static_cast<uint32_t>(s.dims.size());
  out->dims = s.dims.data();
  out->bytes = s.bytes;
  if (device(d).host_memory()) {
    HY_RETURN_IF_ERROR(host_memory(v));
    out->data = s.host;
    return {};
  }
  DeviceBuffer& buffer = context_.buffer(d, v);
  HY_RETURN_IF_ERROR(
      buffer.reserve(program_.plan_.devices[d], job, std::max<uint64_t>(s.bytes, 1)));
  out->handle = s.device_handle = buffer.handle();
  return {};
}

Status Executor::allocate_output(const Cluster& cluster, hy_job& job, uint32_t port,
                                 std::span<const int64_t> dims, uint64_t bytes, void** data,
                                 uint64_t* handle) {
  if (port >= cluster.outputs.size() - cluster.states.size())
    return invalid_argument(fmt::format("output {} was asked for; the cluster has {}", port,
                                        cluster.outputs.size() - cluster.states.size()));
  const ValueId v = cluster.outputs[port];
  const ValueData& value = graph_.values[v];
  const auto held = lock(v);
  Slot& s = slot(v);
  if (s.known)
    return invalid_argument(
        fmt::format("output {} (\"{}\") has its memory already", port, value.name));
  if (Status set = set_dims(v, dims, bytes); !set.ok())
    return set.with_context(fmt::format("output {}", port));
  if (device(cluster.device).host_memory()) {
    HY_RETURN_IF_ERROR(host_memory(v));
    *data = s.host;
    return {};
  }
  DeviceBuffer& buffer = context_.buffer(cluster.device, v);
  HY_RETURN_IF_ERROR(
      buffer.reserve(program_.plan_.devices[cluster.device], job, std::max<uint64_t>(bytes, 1)));
  *handle = s.device_handle = buffer.handle();
  return {};
}

Status Executor::set_dims(ValueId v, std::span<const int64_t> dims, uint64_t bytes) {
  const ValueData& value = graph_.values[v];
  Slot& s = slot(v);
  bool fits = true;
  if (dims.size() > HY_GRAPH_MAX_RANK)
    return mismatch(fmt::format("\"{}\" would have rank {}; the limit is {}", value.name,
                                dims.size(), HY_GRAPH_MAX_RANK));
  if (value.type.shape) {
    fits = value.type.shape->size() == dims.size();
    for (size_t i = 0; fits && i < dims.size(); ++i) {
      const Dim& d = (*value.type.shape)[i];
      if (d.is_unknown()) continue;
      const auto wanted = d.is_fixed() ? d.value() : d.evaluate(request_->symbols);
      fits = !wanted || *wanted == dims[i];
    }
  }
  if (!fits)
    return mismatch(fmt::format("\"{}\" is {} and was given the dims {}", value.name,
                                shape_text(value.type.shape, graph_.symbol_names()),
                                dims_text(dims)));
  if (value.type.dtype != HY_DTYPE_STRING) {
    HY_ASSIGN_OR_RETURN(const uint64_t needed, tensor_bytes(value.type.dtype, dims));
    if (needed != bytes)
      return mismatch(fmt::format("\"{}\" with the dims {} has {} bytes, not {}", value.name,
                                  dims_text(dims), needed, bytes));
  }
  s.dims.assign(dims.begin(), dims.end());
  s.bytes = bytes;
  s.known = true;
  return {};
}

Result<PortTensor> Executor::read(ValueId v) {
  const ValueData& value = graph_.values[v];
  Slot& s = slot(v);
  if (value.kind == HY_VALUE_CONSTANT && s.host == nullptr) {
    const ConstantData& c = graph_.constants[value.constant];
    HY_ASSIGN_OR_RETURN(const hy_bytes bytes, program_.read_constant(c));
    s.dims = c.dims;
    s.bytes = c.size;
    s.host = const_cast<void*>(bytes.data);
    s.on_host = s.known = true;
  }
  if (value.type.is_tensor()) HY_RETURN_IF_ERROR(to_host(v, *job_));
  if (!value.type.is_tensor() && s.value == nullptr)
    return internal_error(fmt::format("value \"{}\" is read before it was made", value.name));
  return PortTensor{value.type.dtype, s.dims, s.host, s.bytes, s.owner, s.value};
}

Result<std::shared_ptr<const hy_tensor>> Executor::share(ValueId v) {
  HY_ASSIGN_OR_RETURN(const PortTensor from, read(v));
  if (from.value != nullptr) return from.value;
  if (from.owner == nullptr && graph_.values[v].kind != HY_VALUE_CONSTANT) {
    HY_ASSIGN_OR_RETURN(auto copy, hy_tensor::create(from.dtype, from.dims, from.bytes));
    if (from.bytes != 0) std::memcpy(copy->data, from.data, from.bytes);
    return std::shared_ptr<const hy_tensor>(std::move(copy));
  }
  auto out = std::make_shared<hy_tensor>();
  out->dtype = from.dtype;
  out->dims = from.dims;
  out->data = from.data;
  out->bytes = from.bytes;
  out->owner = from.owner;
  return std::shared_ptr<const hy_tensor>(std::move(out));
}

Result<void*> Executor::give(ValueId v, std::span<const int64_t> dims, uint64_t bytes) {
  HY_RETURN_IF_ERROR(set_dims(v, dims, bytes));
  slot(v).host = nullptr;
  slot(v).owner.reset();
  HY_RETURN_IF_ERROR(host_memory(v));
  slot(v).on_host = true;
  return slot(v).host;
}

Status Executor::take(ValueId v, const PortTensor& result) {
  Slot& s = slot(v);
  if (!graph_.values[v].type.is_tensor()) {
    s.value = result.value;
    return result.value != nullptr
               ? Status()
               : internal_error(fmt::format("value \"{}\" was not made", graph_.values[v].name));
  }
  if (result.owner == nullptr) {
    HY_ASSIGN_OR_RETURN(void* data, give(v, result.dims, result.bytes));
    if (result.bytes != 0 && data != result.data) std::memcpy(data, result.data, result.bytes);
    return {};
  }
  HY_RETURN_IF_ERROR(set_dims(v, result.dims, result.bytes));
  s.host = result.data;
  s.owner = result.owner;
  s.on_host = true;
  return {};
}

Status Executor::take_element(ValueId v, const hy_tensor& element) {
  const uint32_t wanted = graph_.values[v].type.dtype;
  if (wanted != HY_DTYPE_UNDEFINED && element.dtype != wanted)
    return mismatch(fmt::format("an element is {}; \"{}\" is {}", dtype_name(element.dtype),
                                graph_.values[v].name, dtype_name(wanted)));
  HY_RETURN_IF_ERROR(set_dims(v, element.dims, element.bytes));
  slot(v).host = element.data;
  slot(v).owner = element.owner;
  slot(v).on_host = true;
  return {};
}

Status Executor::host_memory(ValueId v) {
  Slot& s = slot(v);
  if (s.host != nullptr) return {};
  if (const uint32_t o = program_.output_index_[v]; o != kNone && program_.made_by_[v] != kNone) {
    PortTensor& out = request_->outputs[o];
    if (out.data == nullptr) {
      HY_ASSIGN_OR_RETURN(out.data,
                          request_->allocate(o, graph_.values[v].type.dtype, s.dims, s.bytes));
      out.dims = s.dims;
      out.bytes = s.bytes;
    } else if (out.dims != s.dims || out.bytes != s.bytes) {
      return mismatch(fmt::format("output \"{}\" is {}; the tensor given for it is {}",
                                  graph_.values[v].name, dims_text(s.dims), dims_text(out.dims)));
    }
    s.host = out.data;
  } else if (layout_->offset[v] != kNoOffset) {
    s.host = context_.arena + layout_->offset[v];
  } else {
    std::vector<unsigned char>& storage = context_.dynamic(v);
    storage.resize(s.bytes + kTensorAlignment);
    const auto address = reinterpret_cast<uintptr_t>(storage.data());
    s.host = storage.data() + (kTensorAlignment - address % kTensorAlignment) % kTensorAlignment;
  }
  return {};
}

Status Executor::to_host(ValueId v, hy_job& job, uint32_t cluster) {
  Slot& s = slot(v);
  if (s.on_host) return {};
  if (s.on_device == kNone)
    return internal_error(
        fmt::format("value \"{}\" is read before it was computed", graph_.values[v].name));
  HY_RETURN_IF_ERROR(host_memory(v));
  const Device& from = device(s.on_device);
  if (DeviceFence* fence = context_.find_fence(s.on_device); fence != nullptr)
    HY_RETURN_IF_ERROR(fence->wait(job));
  if (s.bytes != 0) {
    const TraceScope scope(request_->trace, copy_span(v, s.on_device, cluster, false));
    const hy_status code =
        from.memory().read(from.raw(), &job, s.device_handle, 0, s.host, s.bytes);
    HY_RETURN_IF_ERROR(job.status(
        code, fmt::format("provider {}: reading {} bytes", from.provider().id(), s.bytes)));
  }
  s.on_host = true;
  return {};
}

Status Executor::deliver_outputs() {
  for (uint32_t o = 0; o < graph_.outputs.size(); ++o) HY_RETURN_IF_ERROR(deliver(o));
  return {};
}

Status Executor::deliver(uint32_t o) {
  if (program_.state_of_output_[o] != kNone) return {};  // see keep_states
  const ValueId v = graph_.outputs[o];
  const ValueData& value = graph_.values[v];
  PortTensor& out = request_->outputs[o];
  const bool constant = value.kind == HY_VALUE_CONSTANT;
  if (!value.type.is_tensor() || constant) HY_RETURN_IF_ERROR(read(v).status());
  Slot& s = slot(v);
  if (!value.type.is_tensor()) {
    out.dtype = value.type.dtype;
    out.value = s.value;
    return {};
  }
  HY_RETURN_IF_ERROR(to_host(v, *job_));
  if (out.data != nullptr && out.data == s.host) return {};  // computed in place
  if (out.data == nullptr && request_->alias) {
    const uint32_t first = program_.output_index_[v];
    out.dtype = value.type.dtype;
    out.dims = s.dims;
    out.bytes = s.bytes;
    out.data = s.host;
    out.owner = s.owner == nullptr && first != o ? request_->outputs[first].owner : s.owner;
    return {};
  }
  if (out.data == nullptr) {
    HY_ASSIGN_OR_RETURN(out.data, request_->allocate(o, value.type.dtype, s.dims, s.bytes));
    out.dims = s.dims;
    out.bytes = s.bytes;
  } else if (out.dims != s.dims || out.bytes != s.bytes) {
    return mismatch(fmt::format("output \"{}\" is {}; the tensor given for it is {}", value.name,
                                dims_text(s.dims), dims_text(out.dims)));
  }
  if (s.bytes != 0) std::memcpy(out.data, s.host, s.bytes);
  return {};
}

}  // namespace halyard::core
