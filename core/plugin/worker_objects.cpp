#include "core/plugin/worker_objects.hpp"

#include <fcntl.h>

#include <algorithm>

namespace halyard::core {

WorkerRun::~WorkerRun() {
  for (const uint64_t handle : buffers_) device_.memory.free(device_.self, handle);
}

bool WorkerRun::read(WireReader& read) {
  size_t counts[3] = {};
  for (size_t& count : counts) {
    count = read.number<uint32_t>();
    for (size_t i = 0; i < count && read.ok(); ++i) wire_.push_back(get_binding(read));
  }
  inputs_ = counts[0];
  outputs_ = counts[1];
  if (!read.ok()) return false;
  for (const WireBinding& w : wire_) {
    hy_binding b = HY_INIT(hy_binding);
    b.dtype = w.dtype;
    b.flags = w.flags;
    b.rank = static_cast<uint32_t>(w.dims.size());
    b.dims = w.dims.data();
    b.bytes = w.bytes;
    if ((b.flags & HY_BINDING_EMPTY) == 0) {
      if (w.offset > line_.memory.size() || w.bytes > line_.memory.size() - w.offset) return false;
      b.data = line_.memory.data() + w.offset;
    }
    bindings_.push_back(b);
  }
  const auto part = [&](size_t first, size_t count) {
    return hy_array{bindings_.data() + first, static_cast<uint32_t>(count), sizeof(hy_binding)};
  };
  args_ = HY_INIT(hy_run_args);
  args_.inputs = part(0, inputs_);
  args_.outputs = part(inputs_, outputs_);
  args_.states = part(inputs_ + outputs_, counts[2]);
  return true;
}

hy_status WorkerRun::buffer(hy_job& job, uint64_t bytes, uint64_t* handle) {
  const hy_status code =
      device_.memory.alloc(device_.self, &job, std::max<uint64_t>(bytes, 1), handle);
  if (code == HY_OK) buffers_.push_back(*handle);
  return code;
}

hy_status WorkerRun::prepare(hy_job& job) {
  job.output = [this, &job](uint32_t port, std::span<const int64_t> dims, uint64_t bytes,
                            void** data, uint64_t* handle) {
    return give_output(job, port, dims, bytes, data, handle);
  };
  if (device_.host_memory) return HY_OK;
  for (size_t i = 0; i < bindings_.size(); ++i) {
    hy_binding& b = bindings_[i];
    if ((b.flags & HY_BINDING_EMPTY) != 0) continue;
    if (const hy_status code = buffer(job, b.bytes, &b.handle); code != HY_OK) return code;
    const bool output = i >= inputs_ && i < inputs_ + outputs_;
    if (!output && b.bytes != 0) {
      const hy_status code = device_.memory.write(device_.self, &job, b.handle, 0, b.data, b.bytes);
      if (code != HY_OK) return code;
    }
    b.data = nullptr;
  }
  return HY_OK;
}

Status WorkerRun::give_output(hy_job& job, uint32_t port, std::span<const int64_t> dims,
                              uint64_t bytes, void** data, uint64_t* handle) {
  HY_RETURN_IF_ERROR(line_.output(port, dims, bytes));
  Asked asked;
  HY_ASSIGN_OR_RETURN(asked.memory, SharedMemory::create(bytes));
  asked.bytes = bytes;
  if (device_.host_memory) {
    *data = asked.memory.data();
  } else {
    const hy_status code = buffer(job, bytes, &asked.handle);
    if (code != HY_OK) return Status(code, job.words(code));
    *handle = asked.handle;
  }
  asked_.push_back(std::move(asked));
  return {};
}

hy_status WorkerRun::finish(hy_job& job) {
  job.output = nullptr;
  if (device_.host_memory) return HY_OK;
  for (size_t i = inputs_; i < bindings_.size(); ++i) {
    const hy_binding& b = bindings_[i];
    if ((b.flags & HY_BINDING_EMPTY) != 0 || b.bytes == 0) continue;
    const hy_status code = device_.memory.read(device_.self, &job, b.handle, 0,
                                               line_.memory.data() + wire_[i].offset, b.bytes);
    if (code != HY_OK) return code;
  }
  for (const Asked& a : asked_) {
    if (a.bytes == 0) continue;
    const hy_status code =
        device_.memory.read(device_.self, &job, a.handle, 0, a.memory.data(), a.bytes);
    if (code != HY_OK) return code;
  }
  return HY_OK;
}

std::vector<Descriptor> WorkerRun::take_outputs() {
  std::vector<Descriptor> out;
  for (const Asked& a : asked_) out.emplace_back(fcntl(a.memory.file(), F_DUPFD_CLOEXEC, 0));
  return out;
}

}  // namespace halyard::core
