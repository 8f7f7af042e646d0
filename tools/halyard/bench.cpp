#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "bench_row.hpp"
#include "exit_code.hpp"
#include "model_path.hpp"
#include "verbs.hpp"

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace halyard::cli {
namespace {

using Json = nlohmann::ordered_json;

struct BenchOptions {
  std::vector<int64_t> batch{1};
  std::vector<uint32_t> threads{0};
  std::vector<size_t> concurrency{1};
  std::string time = "5s";
  size_t iterations = 0, warmup = 5;
  std::vector<std::string> input, inputs;
  bool row = false;  // measure one row in this process and print it
};

/// "5s", "200ms", "1m", "2.5": seconds where no unit stands.
Result<std::chrono::duration<double>> parse_time(const std::string& text) {
  const char* const begin = text.c_str();
  char* end = nullptr;
  const double number = std::strtod(begin, &end);
  const std::string unit = end;
  const double scale = unit == "ms" ? 1e-3 : unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : 0;
  if (end == begin || scale == 0 || !(number > 0) || number * scale > 86400)
    return Status(
        HY_ERROR_CONFIG,
        fmt::format("--time {}: a time such as 5s, 200ms or 1m is wanted, of a day at most", text));
  return std::chrono::duration<double>(number * scale);
}

int measure_here(const Common& common, ModelOptions& model, const BenchOptions& o) {
  const auto time = parse_time(o.time);
  if (!time.ok()) return fail(time.status(), Stage::kArguments);
  if (o.inputs.size() > 1)
    return fail({HY_ERROR_CONFIG, "--inputs is given twice; a benchmark repeats one prediction"},
                Stage::kArguments);
  if (o.threads[0] != 0) model.placement.threads = std::to_string(o.threads[0]);
  const auto row =
      bench_row(common, model,
                {o.batch[0], o.concurrency[0], o.warmup, o.iterations, *time, o.input, o.inputs});
  if (!row.ok()) {
    const hy_status code = row.status().code();
    const Stage stage = code == HY_ERROR_INVALID_MODEL || code == HY_ERROR_NOT_FOUND ? Stage::kModel
                        : code == HY_ERROR_UNPLACED ? Stage::kPlacement
                        : code == HY_ERROR_CONFIG   ? Stage::kArguments
                                                    : Stage::kRun;
    return fail(row.status(), stage);
  }
  fmt::print("{}\n", row->dump());
  return kOk;
}

/// The command's output; its exit code is put into *code, 128 and the signal where one killed it.
Result<std::string> output_of(std::vector<std::string> command, int* code) {
  int ends[2];
  if (pipe(ends) != 0) return io_error(fmt::format("pipe: {}", std::strerror(errno)));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  std::vector<char*> arguments;
  for (std::string& s : command) arguments.push_back(s.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int error =
      posix_spawn(&child, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string out;
  if (error == 0) {
    char block[4096];
    for (ssize_t n = 0; (n = read(ends[0], block, sizeof block)) > 0;)
      out.append(block, static_cast<size_t>(n));
  }
  close(ends[0]);
  if (error != 0) return io_error(fmt::format("starting a row: {}", std::strerror(error)));
  int status = 0;
  waitpid(child, &status, 0);
  *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return out;
}

std::string time_text(const Json& row, const char* key) {
  return fmt::format("{:.3f}", row[key].get<double>());
}

void print_head() {
  fmt::print("{:<16} {:>6} {:>7} {:>11} {:>9} {:>9} {:>9} {:>9} {:>9} {:>11} {:>8}\n", "providers",
             "batch", "threads", "concurrency", "load ms", "first ms", "p50 ms", "p90 ms", "p99 ms",
             "per second", "MiB");
}

void print_row(const Json& row) {
  std::string providers;
  for (const Json& p : row["providers"])
    providers += (providers.empty() ? "" : ",") + p.get<std::string>();
  fmt::print("{:<16} {:>6} {:>7} {:>11} {:>9} {:>9} {:>9} {:>9} {:>9} {:>11.1f} {:>8}\n", providers,
             row["batch"].dump(), row["threads"].dump(), row["concurrency"].dump(),
             time_text(row, "load_ms"), time_text(row, "first_run_ms"), time_text(row, "p50_ms"),
             time_text(row, "p90_ms"), time_text(row, "p99_ms"),
             row["throughput_per_s"].get<double>(), row["peak_rss_bytes"].get<uint64_t>() >> 20);
  std::fflush(stdout);
}

/// This command again, for one row.
std::vector<std::string> row_command(const std::vector<std::string>& arguments, int64_t batch,
                                     uint32_t threads, size_t concurrency) {
  std::vector<std::string> out = arguments;
  out.insert(out.end(), {"--row", "--batch", std::to_string(batch), "--concurrency",
                         std::to_string(concurrency)});
  if (threads != 0) out.insert(out.end(), {"--threads", std::to_string(threads)});
  return out;
}

int bench(const Common& common, ModelOptions& model, const BenchOptions& o,
          const std::vector<std::string>& arguments) {
  if (o.row) return measure_here(common, model, o);
  const auto path = resolve_model(model.model);
  if (!path.ok()) return fail(path.status(), Stage::kModel);
  Json rows = Json::array();
  for (const int64_t batch : o.batch)
    for (const uint32_t threads : o.threads)
      for (const size_t concurrency : o.concurrency) {
        int code = 0;
        const auto text = output_of(row_command(arguments, batch, threads, concurrency), &code);
        if (!text.ok()) return fail(text.status(), Stage::kRun);
        if (code > 128)
          return fail(device_error(fmt::format("batch {}, threads {}, concurrency {}: the row's "
                                               "process was killed by signal {}",
                                               batch, threads, concurrency, code - 128)),
                      Stage::kRun);
        if (code != kOk) return code;  // it has said why
        rows.push_back(Json::parse(*text));
        if (common.json) continue;
        if (rows.size() == 1) print_head();
        print_row(rows.back());
      }
  if (common.json) fmt::print("{}\n", Json{{"schema", 1}, {"model", *path}, {"rows", rows}}.dump());
  return kOk;
}

/// What the rows have in common: the verb's arguments without the lists that make the matrix.
std::vector<std::string> common_arguments(int argc, char** argv) {
  std::vector<std::string> out;
  for (int i = 0; i < argc; ++i) {
    const std::string text = argv[i];
    const auto is = [&](const char* name) {
      return text == name || text.starts_with(std::string(name) + "=");
    };
    if (is("--batch") || is("--threads") || is("--concurrency")) {
      i += text.find('=') == std::string::npos ? 1 : 0;
    } else if (text != "--json") {
      out.push_back(text);
    }
  }
  return out;
}

}  // namespace

void add_bench(CLI::App& app, int* exit_code, int argc, char** argv) {
  auto* verb = app.add_subcommand("bench", "Latency and throughput");
  auto common = std::make_shared<Common>();
  auto model = std::make_shared<ModelOptions>();
  auto o = std::make_shared<BenchOptions>();
  add_common(*verb, *common);
  add_model(*verb, *model, /*threads=*/false);
  verb->add_option("--batch", o->batch, "Sizes of the first dim, where it is open: 1,8")
      ->delimiter(',')
      ->check(CLI::PositiveNumber);
  verb->add_option("--threads", o->threads,
                   "Threads of each provider: 1,2; default: the configuration's")
      ->delimiter(',');
  verb->add_option("--concurrency", o->concurrency, "Predictions at once: 1,4")
      ->delimiter(',')
      ->check(CLI::PositiveNumber);
  verb->add_option("--time", o->time, "How long each row is measured: 5s, 200ms")
      ->capture_default_str();
  verb->add_option("--iters", o->iterations, "So many predictions instead, of each thread")
      ->check(CLI::PositiveNumber);
  verb->add_option("--warmup", o->warmup, "Predictions before the measured ones, of each thread")
      ->capture_default_str();
  verb->add_option("--input", o->input, "NAME=VALUE, as for run; default: random")
      ->allow_extra_args(false);
  verb->add_option("--inputs", o->inputs, "An .npz whose keys are input names")
      ->allow_extra_args(false);
  verb->add_flag("--row", o->row)->group("");
  verb->footer("Lists make a matrix; each row is measured in a process of its own.");
  const std::vector<std::string> arguments = common_arguments(argc, argv);
  verb->callback([=] { *exit_code = bench(*common, *model, *o, arguments); });
}

}  // namespace halyard::cli
