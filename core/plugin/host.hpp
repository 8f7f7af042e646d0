// The core's side of a plugin call: the job, the weights and the host table.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <mutex>
#include <span>
#include <string>

#include "core/base/log.hpp"
#include "halyard/status.hpp"

/// One call's context. Lives during the call; the plugin may use it from several threads.
struct hy_job {
  /// Gives the memory of an output that was bound empty: data or handle.
  using OutputFn = std::function<halyard::Status(uint32_t port, std::span<const int64_t> dims,
                                                 uint64_t bytes, void** data, uint64_t* handle)>;
  OutputFn output;
  /// Told of each host->poll; its answer is the plugin's, unless the job is cancelled. Null: HY_OK.
  std::function<hy_status(double progress)> on_poll;
  std::atomic<bool> cancelled{false};
  /// When the call should have ended. Constant once the call has begun, as parent.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  /// A job that this one is part of, and whose end ends it; outlives it.
  const hy_job* parent = nullptr;

  /// HY_OK, or why the call should end: HY_ERROR_CANCELLED or HY_ERROR_DEADLINE.
  hy_status interruption() const;
  /// The same in words: "the run was cancelled".
  halyard::Status interrupted() const;

  void fail(hy_status code, std::string_view message);
  /// A call of the plugin to the host failed. If the plugin ends with the same code, our words are the
  /// better ones.
  void refuse(const halyard::Status& status);
  /// The status of a call that returned `code`: with the plugin's words, or, where it gave none, ours.
  halyard::Status status(hy_status code, std::string_view what) const;
  /// Those words alone; empty where there are none.
  std::string words(hy_status code) const;

 private:
  mutable std::mutex mutex_;
  halyard::Status failure_, refusal_;  // guarded by mutex_
};

/// The weights of the graphs of one model. Any thread.
struct hy_weights {
  virtual ~hy_weights() = default;
  /// Canonical bytes, aligned; alive as long as this object.
  virtual halyard::Result<hy_bytes> get(uint64_t id, uint32_t alignment) = 0;
};

namespace halyard::core {

/// The table that plugins call. One a runtime; must outlive every plugin object made with it.
class Host {
 public:
  explicit Host(Logger logger);
  Host(const Host&) = delete;
  const hy_host* table() const { return &table_; }
  const Logger& logger() const { return logger_; }

 private:
  Logger logger_;
  hy_host table_;
};

/// A record that a plugin pushes: cut or zero-filled to our size.
template <class T>
T copy_record(const void* theirs) {
  T out{};
  if (theirs == nullptr) return out;
  uint32_t size = 0;
  std::memcpy(&size, theirs, sizeof size);
  std::memcpy(static_cast<void*>(&out), theirs, size < sizeof(T) ? size : sizeof(T));
  return out;
}

/// Collects the records of one call. No exception leaves push.
template <class T, class F>
class Collector {
 public:
  explicit Collector(F on_record) : on_record_(std::move(on_record)) {
    sink_ = HY_INIT(hy_sink);
    sink_.ctx = this;
    sink_.push = [](void* ctx, const void* record) -> hy_status {
      if (record == nullptr) return HY_ERROR_INVALID_ARGUMENT;
      try {
        static_cast<Collector*>(ctx)->on_record_(copy_record<T>(record));
        return HY_OK;
      } catch (...) {
        return HY_ERROR_OUT_OF_MEMORY;
      }
    };
  }
  const hy_sink* sink() const { return &sink_; }

 private:
  F on_record_;
  hy_sink sink_;
};
template <class T, class F>
Collector<T, F> collect(F on_record) {
  return Collector<T, F>(std::move(on_record));
}

}  // namespace halyard::core
