#include "core/runtime/trace.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace halyard::core {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr int kProcess = 1;

const char* category(TraceSpan::Kind kind) {
  switch (kind) {
    case TraceSpan::Kind::kRun:
      return "run";
    case TraceSpan::Kind::kCluster:
      return "cluster";
    case TraceSpan::Kind::kNode:
      return "node";
    case TraceSpan::Kind::kCopy:
      break;
  }
  return "copy";
}

std::string track_name(const TraceSpan& s) {
  if (s.kind == TraceSpan::Kind::kRun) return "runs";
  return s.kind == TraceSpan::Kind::kCopy ? s.track + " copies" : s.track;
}

/// Writes the events of one trace.
class Writer {
 public:
  explicit Writer(const std::vector<TraceSpan>& spans) : spans_(spans) {
    for (const TraceSpan& s : spans) start_ = std::min(start_, s.begin);
  }

  Json events() {
    for (const TraceSpan& s : spans_) add(s);
    add_arrows();
    for (const auto& [name, number] : tracks_)
      events_.push_back({{"ph", "M"},
                         {"pid", kProcess},
                         {"tid", number},
                         {"name", "thread_name"},
                         {"args", {{"name", name}}}});
    return std::move(events_);
  }

 private:
  double us(Clock::time_point t) const {
    return std::chrono::duration<double, std::micro>(t - start_).count();
  }

  int track(const TraceSpan& s) {
    return tracks_.emplace(track_name(s), static_cast<int>(tracks_.size()) + 1).first->second;
  }

  void add(const TraceSpan& s) {
    Json args{{"run", s.run}};
    if (s.cluster != ~0u) args["cluster"] = s.cluster;
    if (s.kind == TraceSpan::Kind::kCopy) args["bytes"] = s.bytes;
    events_.push_back({{"ph", "X"},
                       {"pid", kProcess},
                       {"tid", track(s)},
                       {"name", s.name},
                       {"cat", category(s.kind)},
                       {"ts", us(s.begin)},
                       {"dur", us(s.end) - us(s.begin)},
                       {"args", std::move(args)}});
  }

  /// From the last cluster that ended before a copy to the copy, and from it to the cluster it is for.
  void add_arrows() {
    std::map<uint64_t, std::vector<const TraceSpan*>> clusters;  // by run
    for (const TraceSpan& s : spans_)
      if (s.kind == TraceSpan::Kind::kCluster) clusters[s.run].push_back(&s);
    for (const TraceSpan& copy : spans_) {
      if (copy.kind != TraceSpan::Kind::kCopy) continue;
      const TraceSpan *before = nullptr, *after = nullptr;
      for (const TraceSpan* cluster : clusters[copy.run]) {
        const TraceSpan& s = *cluster;
        if (s.end <= copy.begin && (before == nullptr || s.end > before->end)) before = &s;
        if (s.cluster == copy.cluster && s.begin >= copy.end &&
            (after == nullptr || s.begin < after->begin))
          after = &s;
      }
      if (before != nullptr) arrow(*before, before->end, copy, copy.begin);
      if (after != nullptr) arrow(copy, copy.end, *after, after->begin);
    }
  }

  void arrow(const TraceSpan& from, Clock::time_point out, const TraceSpan& to,
             Clock::time_point in) {
    const auto event = [&](const char* phase, const TraceSpan& s, Clock::time_point t) {
      Json e{{"ph", phase},   {"pid", kProcess}, {"tid", track(s)}, {"name", "hand-over"},
             {"cat", "flow"}, {"id", arrows_},   {"ts", us(t)}};
      if (*phase == 'f') e["bp"] = "e";
      events_.push_back(std::move(e));
    };
    ++arrows_;
    event("s", from, out);
    event("f", to, in);
  }

  const std::vector<TraceSpan>& spans_;
  Clock::time_point start_ = Clock::time_point::max();
  std::map<std::string, int> tracks_;
  uint64_t arrows_ = 0;
  Json events_ = Json::array();
};

}  // namespace

uint64_t Trace::begin_run() {
  const std::scoped_lock lock(mutex_);
  return runs_++;
}

void Trace::add(TraceSpan span) {
  const std::scoped_lock lock(mutex_);
  if (spans_.size() < kMaxSpans)
    spans_.push_back(std::move(span));
  else
    ++dropped_;
}

std::string Trace::json() const {
  const std::scoped_lock lock(mutex_);
  Json out{{"displayTimeUnit", "ms"}, {"traceEvents", Writer(spans_).events()}};
  if (dropped_ != 0) out["otherData"] = {{"dropped spans", dropped_}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace halyard::core
