// The verbs of the command line, one file each, and the options that they share.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "halyard/halyard.hpp"

namespace halyard::cli {

/// Options that every verb takes.
struct Common {
  bool json = false, quiet = false;
  int verbose = 0;
  std::vector<std::string> config, set;  // files; key=value
};

/// Options that are keys of the configuration, by their key; empty: not given.
struct Placement {
  std::string providers, require, compute_units, precision, threads;
};

/// Options that every verb with a MODEL takes.
struct ModelOptions {
  std::string model, stale = "recompile";
  std::vector<std::string> shapes;
  Placement placement;
  SessionOptions session;  // complete after open_model
};

/// Adds the options. Those that are keys of the configuration have its variables as their environment twins,
/// the others one of their own.
void add_common(CLI::App& verb, Common& common);
/// threads: false where the verb has an option --threads of its own.
void add_placement(CLI::App& verb, Placement& placement, bool threads = true);
void add_model(CLI::App& verb, ModelOptions& options, bool threads = true);

/// Everything by precedence: the system's and the user's file, --config, the environment, --set, the flags.
/// CONFIG with every error.
Result<Config> make_config(const Common& common, const Placement& placement = {});
/// A runtime with that configuration. Its log goes to stderr: warnings, unless the configuration, -v (info,
/// then debug, then trace) or -q (errors) say otherwise.
Result<Runtime> make_runtime(const Common& common, const Placement& placement = {});
/// The same with a configuration that is there already.
Result<Runtime> make_runtime(const Config& config);
/// Finds and reads the model, and completes the session options; options.model becomes the file's
/// path.
Result<Model> open_model(const Runtime& runtime, const Common& common, ModelOptions& options);

/// Each adds its verb; the verb's callback sets *exit_code.
void add_run(CLI::App& app, int* exit_code);
/// argc and argv: the whole command line, which bench repeats for each row.
void add_bench(CLI::App& app, int* exit_code, int argc, char** argv);
void add_compare(CLI::App& app, int* exit_code);
void add_plan(CLI::App& app, int* exit_code);
void add_inspect(CLI::App& app, int* exit_code);
void add_devices(CLI::App& app, int* exit_code);
void add_plugins(CLI::App& app, int* exit_code);
void add_config(CLI::App& app, int* exit_code);
void add_compile(CLI::App& app, int* exit_code);
void add_cache(CLI::App& app, int* exit_code);
void add_doctor(CLI::App& app, int* exit_code);

}  // namespace halyard::cli
