#include "core/plugin/host.hpp"

#include <fmt/format.h>

#include "core/plugin/infer_service.hpp"

hy_status hy_job::interruption() const {
  for (const hy_job* j = this; j != nullptr; j = j->parent) {
    if (j->cancelled.load(std::memory_order_relaxed)) return HY_ERROR_CANCELLED;
    if (j->deadline != std::chrono::steady_clock::time_point::max() &&
        std::chrono::steady_clock::now() >= j->deadline)
      return HY_ERROR_DEADLINE;
  }
  return HY_OK;
}

halyard::Status hy_job::interrupted() const {
  switch (interruption()) {
    case HY_ERROR_CANCELLED:
      return {HY_ERROR_CANCELLED, "the run was cancelled"};
    case HY_ERROR_DEADLINE:
      return {HY_ERROR_DEADLINE, "the run was not done by its deadline"};
    default:
      return {};
  }
}

void hy_job::fail(hy_status code, std::string_view message) {
  const std::scoped_lock lock(mutex_);
  failure_ = halyard::Status(code == HY_OK ? HY_ERROR_INTERNAL : code, std::string(message));
}

void hy_job::refuse(const halyard::Status& status) {
  const std::scoped_lock lock(mutex_);
  refusal_ = status;
}

halyard::Status hy_job::status(hy_status code, std::string_view what) const {
  if (code == HY_OK) return {};
  // Whoever stops because it was asked to has nothing better to say than why it was asked.
  if (halyard::Status why = interrupted(); why.code() == code) return why.with_context(what);
  const std::scoped_lock lock(mutex_);
  if (refusal_.code() == code) return refusal_.with_context(what);
  if (!failure_.ok()) return halyard::Status(code, failure_.message()).with_context(what);
  return halyard::Status(code, fmt::format("{}: failed with status {} and no message", what, code));
}

std::string hy_job::words(hy_status code) const {
  const std::scoped_lock lock(mutex_);
  return refusal_.code() == code && code != HY_OK ? refusal_.message() : failure_.message();
}

namespace halyard::core {
namespace {

Host* host(void* self) { return static_cast<Host*>(self); }

void host_fail(void*, hy_job* job, hy_status code, hy_str message) {
  if (job != nullptr) job->fail(code, view(message));
}

void host_log(void* self, uint32_t level, hy_str message) {
  host(self)->logger()->log(log_level(level), "{}", view(message));
}

hy_status host_weight(void*, hy_weights* weights, uint64_t id, uint32_t alignment, hy_bytes* out) {
  if (out == nullptr || weights == nullptr) return HY_ERROR_INVALID_ARGUMENT;
  *out = {};
  if (alignment == 0) alignment = 1;
  if (alignment > 4096 || (alignment & (alignment - 1)) != 0) return HY_ERROR_INVALID_ARGUMENT;
  const Result<hy_bytes> bytes = weights->get(id, alignment);
  if (!bytes.ok()) return bytes.status().code();
  *out = *bytes;
  return HY_OK;
}

hy_status host_poll(void*, hy_job* job, double progress) {
  if (job == nullptr) return HY_OK;
  if (const hy_status why = job->interruption(); why != HY_OK) return why;
  return job->on_poll ? job->on_poll(progress) : HY_OK;
}

hy_status host_output(void*, hy_job* job, uint32_t port, uint32_t rank, const int64_t* dims,
                      uint64_t bytes, void** data, uint64_t* handle) {
  if (job == nullptr || !job->output || data == nullptr || (rank != 0 && dims == nullptr))
    return HY_ERROR_INVALID_ARGUMENT;
  uint64_t unused = 0;
  const Status s =
      job->output(port, {dims, rank}, bytes, data, handle != nullptr ? handle : &unused);
  if (!s.ok()) job->refuse(s);
  return s.code();
}

/// No exception may leave towards the plugin.
template <auto Function, class... Args>
hy_status guarded(Args... args) noexcept {
  try {
    return Function(args...);
  } catch (const std::bad_alloc&) {
    return HY_ERROR_OUT_OF_MEMORY;
  } catch (...) {
    return HY_ERROR_INTERNAL;
  }
}

}  // namespace

Host::Host(Logger logger) : logger_(std::move(logger)), table_(HY_INIT(hy_host)) {
  table_.self = this;
  table_.fail = host_fail;
  table_.log = host_log;
  table_.weight = [](void* s, hy_weights* w, uint64_t id, uint32_t a, hy_bytes* out) {
    return guarded<host_weight>(s, w, id, a, out);
  };
  table_.poll = [](void* s, hy_job* j, double p) { return guarded<host_poll>(s, j, p); };
  table_.output = [](void* s, hy_job* j, uint32_t p, uint32_t r, const int64_t* d, uint64_t b,
                     void** data,
                     uint64_t* h) { return guarded<host_output>(s, j, p, r, d, b, data, h); };
  table_.infer = [](void*, hy_job* j, hy_bytes g, void* ctx, hy_status (*sink)(void*, hy_bytes)) {
    return guarded<infer_service>(j, g, ctx, sink);
  };
}

}  // namespace halyard::core
