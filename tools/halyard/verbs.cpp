#include "verbs.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "model_path.hpp"

namespace halyard::cli {

void add_common(CLI::App& verb, Common& c) {
  verb.add_flag("--json", c.json, "Print the result as JSON")->envname("HALYARD_JSON");
  verb.add_flag("-v,--verbose", c.verbose, "Log more; repeat for more still")
      ->envname("HALYARD_VERBOSE");
  verb.add_flag("-q,--quiet", c.quiet, "Log errors alone")->envname("HALYARD_QUIET");
}

void add_model(CLI::App& verb, ModelOptions& o) {
  verb.add_option("MODEL", o.model, "A model file, or a folder that holds exactly one")->required();
  verb.add_option("--providers", o.session.providers,
                  "These providers alone, in order of priority: a,b,c")
      ->envname("HALYARD_PROVIDERS");
  verb.add_option("--require", o.session.require,
                  "Fail rather than place a node on another provider")
      ->envname("HALYARD_REQUIRE");
  verb.add_option("--precision", o.precision,
                  "strict: f32 computes in f32; relaxed: f16 and bf16 may be used")
      ->check(CLI::IsMember({"strict", "relaxed"}))
      ->capture_default_str()
      ->envname("HALYARD_PRECISION");
  verb.add_option("--shape", o.shapes,
                  "NAME=1x3x224x224: fix the dims of an input that are open; repeatable")
      ->allow_extra_args(false)
      ->envname("HALYARD_SHAPE");
  verb.add_option("--function", o.session.function,
                  "The function to use; default: the model's first")
      ->envname("HALYARD_FUNCTION");
  verb.add_option("--threads", o.session.threads,
                  "Threads of each provider; default: one for each core")
      ->envname("HALYARD_THREADS");
}

Result<Runtime> make_runtime(const Common& c) {
  static constexpr const char* kNames[] = {"trace", "debug", "info", "warn", "error"};
  const uint32_t level = c.quiet          ? 4
                         : c.verbose == 0 ? 3
                         : c.verbose == 1 ? 2
                         : c.verbose == 2 ? 1
                                          : 0;
  // fputs takes the lock of the stream once: lines of two threads do not mix.
  const auto log = [](uint32_t l, std::string_view message) {
    std::fputs(fmt::format("[{}] {}\n", kNames[l < 5 ? l : 4], message).c_str(), stderr);
  };
  return Runtime::create(log, level);
}

Result<Model> open_model(const Runtime& runtime, ModelOptions& o) {
  for (const std::string& s : o.shapes)
    o.session.shapes += (o.session.shapes.empty() ? "" : ";") + s;
  o.session.precision = o.precision == "relaxed" ? HY_PRECISION_RELAXED : HY_PRECISION_STRICT;
  HY_ASSIGN_OR_RETURN(o.model, resolve_model(o.model));
  return runtime.load(o.model);
}

}  // namespace halyard::cli
