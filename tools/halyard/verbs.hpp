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
};

/// Options that every verb with a MODEL takes.
struct ModelOptions {
  std::string model, precision = "strict";
  std::vector<std::string> shapes;
  SessionOptions session;  // complete after open_model
};

/// Adds the options, each with its environment twin.
void add_common(CLI::App& verb, Common& common);
void add_model(CLI::App& verb, ModelOptions& options);

/// A runtime whose log goes to stderr: warnings; with -v everything from info on, then debug, then
/// trace; with -q errors alone.
Result<Runtime> make_runtime(const Common& common);
/// Finds and reads the model, and completes the session options; options.model becomes the file's
/// path.
Result<Model> open_model(const Runtime& runtime, ModelOptions& options);

/// Each adds its verb; the verb's callback sets *exit_code.
void add_run(CLI::App& app, int* exit_code);
void add_plan(CLI::App& app, int* exit_code);
void add_inspect(CLI::App& app, int* exit_code);
void add_devices(CLI::App& app, int* exit_code);
void add_plugins(CLI::App& app, int* exit_code);

}  // namespace halyard::cli
