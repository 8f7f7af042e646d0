#include "verbs.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "model_path.hpp"
#include "progress.hpp"

namespace halyard::cli {

void add_common(CLI::App& verb, Common& c) {
  verb.add_flag("--json", c.json, "Print the result as JSON")->envname("HALYARD_JSON");
  verb.add_flag("-v,--verbose", c.verbose, "Log more; repeat for more still")
      ->envname("HALYARD_VERBOSE");
  verb.add_flag("-q,--quiet", c.quiet, "Log errors alone")->envname("HALYARD_QUIET");
  verb.add_option(
          "--config", c.config,
          "A YAML file; repeatable, later ones win (HALYARD_CONFIG: several, separated by ':')")
      ->allow_extra_args(false);
  verb.add_option(
          "--set", c.set,
          "KEY.PATH=VALUE: one setting of the configuration; repeatable (HALYARD_SET: several, "
          "separated by ';')")
      ->allow_extra_args(false);
}

void add_placement(CLI::App& verb, Placement& p, bool threads) {
  verb.add_option("--providers", p.providers,
                  "These providers alone, in order of priority: a,b,c (HALYARD_PROVIDERS)");
  verb.add_option("--compute-units", p.compute_units,
                  "all, cpu_only, cpu_and_gpu or cpu_and_npu: the kinds of device that may be used "
                  "(HALYARD_COMPUTE_UNITS)");
  verb.add_option("--require", p.require,
                  "Fail rather than place a node on another provider (HALYARD_REQUIRE)");
  verb.add_option("--precision", p.precision,
                  "strict, the default: f32 computes in f32; relaxed: f16 and bf16 may be used "
                  "(HALYARD_PRECISION)");
  if (!threads) return;
  verb.add_option("--threads", p.threads,
                  "Threads of each provider; default: one for each core (HALYARD_THREADS)");
}

void add_model(CLI::App& verb, ModelOptions& o, bool threads) {
  verb.add_option("MODEL", o.model, "A model file, or a folder that holds exactly one")->required();
  add_placement(verb, o.placement, threads);
  verb.add_option("--shape", o.shapes,
                  "NAME=1x3x224x224: fix the dims of an input that are open; repeatable")
      ->allow_extra_args(false)
      ->envname("HALYARD_SHAPE");
  verb.add_option("--function", o.session.function,
                  "The function to use; default: the model's first")
      ->envname("HALYARD_FUNCTION");
  verb.add_option("--stale", o.stale,
                  "Where a compiled model has no artefact that fits: recompile or refuse")
      ->check(CLI::IsMember({"recompile", "refuse"}))
      ->capture_default_str()
      ->envname("HALYARD_STALE");
}

Result<Config> make_config(const Common& c, const Placement& p) {
  HY_ASSIGN_OR_RETURN(Config config, Config::create());
  // Each keeps its errors; check() below has them all.
  (void)config.add_default_files();
  for (const std::string& file : c.config) (void)config.add_file(file);
  (void)config.add_environment();
  for (const std::string& one : c.set) {
    const size_t equals = one.find('=');
    if (equals == std::string::npos)
      return Status(HY_ERROR_CONFIG, fmt::format("--set {}: write --set key.path=value", one));
    (void)config.set(one.substr(0, equals), one.substr(equals + 1), "--set " + one);
  }
  const auto flag = [&](const char* name, const char* key, const std::string& value) {
    if (!value.empty()) (void)config.set(key, value, name);
  };
  flag("--providers", "providers", p.providers);
  flag("--compute-units", "compute_units", p.compute_units);
  flag("--require", "require.provider", p.require);
  flag("--precision", "policy.precision", p.precision);
  flag("--threads", "threads", p.threads);
  if (c.quiet)
    flag("--quiet", "log.level", "error");
  else if (c.verbose != 0)
    flag("--verbose", "log.level", c.verbose == 1 ? "info" : c.verbose == 2 ? "debug" : "trace");
  HY_RETURN_IF_ERROR(config.check());
  return config;
}

Result<Runtime> make_runtime(const Config& config) {
  static constexpr const char* kNames[] = {"trace", "debug", "info", "warn", "error"};
  RuntimeOptions options;
  options.config = &config;
  options.log_level = 3;
  // fputs takes the lock of the stream once: lines of two threads do not mix.
  options.log = [](uint32_t l, std::string_view message) {
    std::fputs(fmt::format("[{}] {}\n", kNames[l < 5 ? l : 4], message).c_str(), stderr);
  };
  return Runtime::create(std::move(options));
}

Result<Runtime> make_runtime(const Common& common, const Placement& placement) {
  HY_ASSIGN_OR_RETURN(const Config config, make_config(common, placement));
  return make_runtime(config);
}

Result<Model> open_model(const Runtime& runtime, const Common& common, ModelOptions& o) {
  for (const std::string& s : o.shapes)
    o.session.shapes += (o.session.shapes.empty() ? "" : ";") + s;
  o.session.stale = o.stale == "refuse" ? HY_STALE_REFUSE : HY_STALE_RECOMPILE;
  if (!common.quiet) o.session.progress = terminal_progress();
  HY_ASSIGN_OR_RETURN(o.model, resolve_model(o.model));
  return runtime.load(o.model);
}

}  // namespace halyard::cli
