// What both kinds of C++ plugins share: the job of a call, the host, and the border where exceptions
// stop. C++20, header-only, over abi/plugin.h.
#pragma once

#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "halyard/abi/plugin.h"
#include "halyard/status.hpp"

namespace halyard::plugin {

/// The call in progress. Lives as long as the call. Any thread.
class Job {
 public:
  Job(const hy_host* host, hy_job* job, hy_weights* weights = nullptr)
      : host_(host), job_(job), weights_(weights) {}

  /// Heartbeat and cancel point; return the Status if it is not ok. progress in 0..1, or -1.
  Status poll(double progress = -1) const {
    if (host_->poll == nullptr) return {};
    const hy_status code = host_->poll(host_->self, job_, progress);
    return code == HY_OK ? Status() : Status(code, "stopped by the host");
  }
  /// The bytes of a weight, as hy_host.weight says.
  Result<hy_bytes> weight(uint64_t id, uint32_t alignment = 64) const {
    hy_bytes out{};
    const hy_status code = host_->weight(host_->self, weights_, id, alignment, &out);
    if (code != HY_OK) return Status(code, "the host has no weight " + std::to_string(id));
    return out;
  }
  /// Ends a call: tells the host why it failed and gives the code.
  hy_status finish(const Status& status) const {
    if (!status.ok()) host_->fail(host_->self, job_, status.code(), str(status.message()));
    return status.code();
  }
  void log(uint32_t level, std::string_view message) const {
    if (host_->log != nullptr) host_->log(host_->self, level, str(message));
  }
  const hy_host* host() const { return host_; }
  hy_job* raw() const { return job_; }

 private:
  const hy_host* host_;
  hy_job* job_;
  hy_weights* weights_;
};

/// Runs a callable that returns Status; no exception leaves.
template <class F>
hy_status guarded(const Job& job, F&& body) noexcept {
  try {
    return job.finish(body());
  } catch (const std::bad_alloc&) {
    return job.finish(Status(HY_ERROR_OUT_OF_MEMORY, "out of memory"));
  } catch (const std::exception& e) {
    return job.finish(internal_error(std::string("unexpected exception: ") + e.what()));
  } catch (...) {
    return job.finish(internal_error("unexpected exception of an unknown type"));
  }
}

/// The i-th record of an array, cut or zero-filled to this side's size.
template <class T>
T record_at(hy_array array, uint32_t i) {
  T out{};
  const char* from = static_cast<const char*>(array.data) + static_cast<uint64_t>(i) * array.stride;
  std::memcpy(&out, from, array.stride < sizeof(T) ? array.stride : sizeof(T));
  return out;
}

/// A sized struct from the other side, cut or zero-filled to this side's size.
template <class T>
T copy_in(const T* theirs) {
  T out{};
  if (theirs != nullptr) {
    const size_t size = theirs->struct_size < sizeof(T) ? theirs->struct_size : sizeof(T);
    std::memcpy(static_cast<void*>(&out), theirs, size);
  }
  out.struct_size = sizeof(T);
  return out;
}

}  // namespace halyard::plugin
