// What runs did and when, for people who look for the time.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace halyard::core {

/// A stretch of time on one track.
struct TraceSpan {
  enum class Kind { kRun, kCluster, kNode, kCopy };

  Kind kind = Kind::kRun;
  std::string name;
  std::string track;       // the device's; empty for the runs themselves
  uint64_t run = 0;        // which run it belongs to
  uint32_t cluster = ~0u;  // that it is about
  uint32_t value = ~0u;    // of a copy: what was copied
  uint64_t bytes = 0;      // of a copy
  bool to_device = false;  // of a copy: else to the host
  std::chrono::steady_clock::time_point begin, end;
};

/// Collects spans. Any thread. Keeps kMaxSpans; what comes later is counted.
class Trace {
 public:
  static constexpr size_t kMaxSpans = 1'000'000;

  uint64_t begin_run();
  void add(TraceSpan span);
  /// A Chrome trace (the "JSON object format" of the Trace Event Format): a track for the runs, one for each
  /// device and one for its copies; arrows from a copy to the cluster that reads it, and to a copy from the
  /// cluster before it. Times in microseconds since the first span.
  std::string json() const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::vector<TraceSpan> spans_;
  uint64_t runs_ = 0, dropped_ = 0;
};

/// Adds a span from its making to its end of life; nothing where there is no trace.
class TraceScope {
 public:
  TraceScope(Trace* trace, TraceSpan span) : trace_(trace), span_(std::move(span)) {
    if (trace_ != nullptr) span_.begin = std::chrono::steady_clock::now();
  }
  ~TraceScope() {
    if (trace_ == nullptr) return;
    span_.end = std::chrono::steady_clock::now();
    trace_->add(std::move(span_));
  }
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  Trace* const trace_;
  TraceSpan span_;
};

}  // namespace halyard::core
