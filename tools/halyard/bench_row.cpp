#include "bench_row.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "predictions.hpp"

namespace halyard::cli {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Open dims get a size: the first is the batch, the others are 1. A fixed first dim must be the batch
/// already, unless that is 1 and nothing was asked for.
Result<std::vector<Port>> sized(std::vector<Port> ports, int64_t batch) {
  bool any_open = false;
  for (Port& p : ports)
    for (size_t i = 0; i < p.dims.size(); ++i) {
      if (p.dims[i] >= 0) continue;
      any_open = any_open || i == 0;
      p.dims[i] = i == 0 ? batch : 1;
    }
  if (batch != 1 && !any_open)
    return Status(HY_ERROR_CONFIG,
                  fmt::format("--batch {}: no input of the model has an open first dim; its dims "
                              "are fixed, so that it can only run with those",
                              batch));
  return ports;
}

/// Inputs, and the names wanted, ready to be run again and again.
struct Request {
  NamedTensors values;
  Bound bound;
};

Result<Request> prepare(const Session& session, const BenchSetting& setting) {
  HY_ASSIGN_OR_RETURN(const std::vector<Port> ports, sized(session.inputs(), setting.batch));
  Request out;
  NamedTensors archive;
  if (!setting.inputs.empty()) {
    HY_ASSIGN_OR_RETURN(archive, read_npz(setting.inputs.front()));
  }
  HY_ASSIGN_OR_RETURN(out.values, gather_inputs(ports, std::move(archive), setting.input, {}));
  HY_RETURN_IF_ERROR(fill_missing(ports, &out.values).status());
  HY_ASSIGN_OR_RETURN(out.bound, bind_values(session.outputs(), out.values));
  return out;
}

/// What one thread measured.
struct Lap {
  std::vector<double> ms;
  Status status;
};

void run_thread(const Session& session, const Request& request, const BenchSetting& setting,
                Clock::time_point end, std::atomic<bool>& failed, Lap& lap) {
  const auto more = [&] {
    return setting.iterations != 0 ? lap.ms.size() < setting.iterations
                                   : lap.ms.empty() || Clock::now() < end;
  };
  const auto state = fresh_state(session);
  if (!state.ok()) {
    lap.status = state.status();
    failed = true;
    return;
  }
  while (more() && !failed.load(std::memory_order_relaxed)) {
    const auto start = Clock::now();
    const auto result = session.run(request.bound.inputs, request.bound.outputs, {}, state->get());
    if (!result.ok()) {
      lap.status = result.status();
      failed = true;
      return;
    }
    lap.ms.push_back(ms_since(start));
  }
}

/// The times of all threads, sorted, and how long they took together.
Result<std::pair<std::vector<double>, double>> measure(const Session& session,
                                                       const Request& request,
                                                       const BenchSetting& setting) {
  BenchSetting warm = setting;
  warm.iterations = setting.warmup;
  std::vector<double> ms;
  double wall_ms = 0;
  for (const BenchSetting* s : {static_cast<const BenchSetting*>(&warm), &setting}) {
    if (s == &warm && setting.warmup == 0) continue;
    std::vector<Lap> laps(setting.concurrency);
    std::atomic<bool> failed{false};
    const auto start = Clock::now();
    const auto end = start + std::chrono::duration_cast<Clock::duration>(s->time);
    std::vector<std::thread> threads;
    for (size_t t = 1; t < laps.size(); ++t)
      threads.emplace_back([&, t] { run_thread(session, request, *s, end, failed, laps[t]); });
    run_thread(session, request, *s, end, failed, laps[0]);
    for (std::thread& t : threads) t.join();
    wall_ms = ms_since(start);
    ms.clear();
    for (const Lap& lap : laps) {
      HY_RETURN_IF_ERROR(lap.status);
      ms.insert(ms.end(), lap.ms.begin(), lap.ms.end());
    }
  }
  std::sort(ms.begin(), ms.end());
  return std::pair(std::move(ms), wall_ms);
}

uint64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

/// Those that run nodes; of the plan as JSON.
Json providers_of(const Json& plan) {
  Json out = Json::array();
  for (const auto& [id, share] : plan["summary"]["per_provider"].items())
    if (share["nodes"] != 0) out.push_back(id);
  return out;
}

/// What became of the clusters whose executables are kept.
const char* cache_of(const Json& report) {
  if (report["dir"].is_null() || (report["hits"] == 0 && report["misses"] == 0)) return "off";
  return report["misses"] == 0 ? "hit" : "miss";
}

/// As asked for; one for each core where nothing was.
uint64_t threads_of(const ModelOptions& options) {
  const uint64_t asked = std::strtoull(options.placement.threads.c_str(), nullptr, 10);
  return asked != 0 ? asked : std::thread::hardware_concurrency();
}

}  // namespace

double percentile(const std::vector<double>& sorted, double part) {
  const double at = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(std::floor(at));
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - static_cast<double>(below));
}

Result<Json> bench_row(const Common& common, ModelOptions& options, const BenchSetting& setting) {
  HY_ASSIGN_OR_RETURN(const Runtime runtime, make_runtime(common, options.placement));
  const auto start = Clock::now();
  HY_ASSIGN_OR_RETURN(const Model model, open_model(runtime, common, options));
  HY_ASSIGN_OR_RETURN(const Session session, model.session(options.session));
  const double load_ms = ms_since(start);
  HY_ASSIGN_OR_RETURN(const Request request, prepare(session, setting));
  HY_ASSIGN_OR_RETURN(const auto state, fresh_state(session));
  const auto first = Clock::now();
  HY_RETURN_IF_ERROR(
      session.run(request.bound.inputs, request.bound.outputs, {}, state.get()).status());
  const double first_ms = ms_since(first);
  HY_ASSIGN_OR_RETURN(const auto measured, measure(session, request, setting));
  const auto& [ms, wall_ms] = measured;
  const Json plan = Json::parse(session.plan());
  const auto runs = static_cast<double>(ms.size());
  return Json{{"providers", providers_of(plan)},
              {"batch", setting.batch},
              {"threads", threads_of(options)},
              {"concurrency", setting.concurrency},
              {"load_ms", load_ms},
              {"first_run_ms", first_ms},
              {"runs", ms.size()},
              {"min_ms", ms.front()},
              {"p10_ms", percentile(ms, 0.1)},
              {"p50_ms", percentile(ms, 0.5)},
              {"p90_ms", percentile(ms, 0.9)},
              {"p99_ms", percentile(ms, 0.99)},
              {"throughput_per_s", 1000 * runs * static_cast<double>(setting.batch) / wall_ms},
              {"peak_rss_bytes", peak_rss_bytes()},
              {"cache", cache_of(Json::parse(session.cache()))}};
}

}  // namespace halyard::cli
