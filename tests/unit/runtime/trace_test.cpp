#include "core/runtime/trace.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <thread>

namespace halyard::core {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

TraceSpan span(TraceSpan::Kind kind, const char* name, uint32_t cluster, int begin_us, int end_us) {
  static const Clock::time_point start = Clock::now();
  TraceSpan s;
  s.kind = kind;
  s.name = name;
  s.track = kind == TraceSpan::Kind::kRun ? "" : "gpu";
  s.cluster = cluster;
  s.begin = start + std::chrono::microseconds(begin_us);
  s.end = start + std::chrono::microseconds(end_us);
  return s;
}

TEST(Trace, HasATrackForRunsOneADeviceAndOneForItsCopies) {
  Trace trace;
  EXPECT_EQ(trace.begin_run(), 0u);
  trace.add(span(TraceSpan::Kind::kRun, "run 0", ~0u, 0, 100));
  trace.add(span(TraceSpan::Kind::kCluster, "a", 0, 10, 20));
  trace.add(span(TraceSpan::Kind::kCopy, "x", 1, 20, 30));
  trace.add(span(TraceSpan::Kind::kCluster, "b", 1, 30, 50));
  const Json events = Json::parse(trace.json())["traceEvents"];
  std::set<std::string> tracks;
  for (const Json& e : events)
    if (e["ph"] == "M") tracks.insert(e["args"]["name"]);
  EXPECT_EQ(tracks, (std::set<std::string>{"runs", "gpu", "gpu copies"}));
  for (const Json& e : events)
    if (e["ph"] == "X" && e["name"] == "b") {
      EXPECT_DOUBLE_EQ(e["ts"], 30);
      EXPECT_DOUBLE_EQ(e["dur"], 20);
      EXPECT_EQ(e["args"]["cluster"], 1);
    }
}

TEST(Trace, ArrowsLeadIntoACopyAndOutOfIt) {
  Trace trace;
  trace.add(span(TraceSpan::Kind::kCluster, "a", 0, 10, 20));
  trace.add(span(TraceSpan::Kind::kCopy, "x", 1, 20, 30));
  trace.add(span(TraceSpan::Kind::kCluster, "b", 1, 30, 50));
  std::vector<double> begins, ends;
  const Json document = Json::parse(trace.json());
  for (const Json& e : document["traceEvents"]) {
    if (e["ph"] == "s") begins.push_back(e["ts"]);
    if (e["ph"] == "f") ends.push_back(e["ts"]);
  }
  EXPECT_EQ(begins, (std::vector<double>{
                        10, 20}));  // the ends of a and of the copy, from the first span on
  EXPECT_EQ(ends, (std::vector<double>{10, 20}));
}

TEST(Trace, TakesSpansFromManyThreads) {
  Trace trace;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) trace.add(span(TraceSpan::Kind::kCluster, "c", 0, i, i + 1));
    });
  for (std::thread& t : threads) t.join();
  size_t spans = 0;
  const Json document = Json::parse(trace.json());
  for (const Json& e : document["traceEvents"]) spans += e["ph"] == "X" ? 1 : 0;
  EXPECT_EQ(spans, 400u);
}

TEST(Trace, NothingIsRecordedWithoutOne) {
  { const TraceScope scope(nullptr, {}); }
  EXPECT_EQ(Json::parse(Trace().json())["traceEvents"].size(), 0u);
}

}  // namespace
}  // namespace halyard::core
