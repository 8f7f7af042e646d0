// halyard: the command line. One verb a file.

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <new>

#include "exit_code.hpp"
#include "verbs.hpp"

namespace halyard::cli {
namespace {

// Files are written in one step at the end: nothing is half-written, and leaving at once is safe.
void on_interrupt(int) { _exit(kCancelled); }

int run_verb(int argc, char** argv) {
  CLI::App app("Halyard runs machine-learning models on the hardware that is there.", "halyard");
  app.set_version_flag("--version", std::string("halyard ") + hy_version());
  app.require_subcommand(1);
  app.footer(
      "Example: halyard run model.onnx --input image=@photo.jpg --top 5\n"
      "`halyard VERB --help` has the options of a verb; HALYARD_PLUGIN_PATH adds folders of "
      "plugins.\n"
      "Exit codes: 0 ok; 1 outputs differ; 2 usage or configuration; 3 the model; 4 placement; 5 a "
      "device; 130 "
      "cancelled.");
  int code = kOk;
  add_run(app, &code);
  add_bench(app, &code, argc, argv);
  add_plan(app, &code);
  add_compare(app, &code);
  add_inspect(app, &code);
  add_devices(app, &code);
  add_plugins(app, &code);
  add_config(app, &code);
  add_compile(app, &code);
  add_cache(app, &code);
  add_doctor(app, &code);
  try {
    app.parse(argc, argv);  // runs the verb
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kOk : kUsage;
  }
  if (std::fflush(stdout) != 0) {
    std::perror("halyard: writing the result");
    return kUsage;
  }
  return code;
}

}  // namespace
}  // namespace halyard::cli

int main(int argc, char** argv) {
  std::signal(SIGINT, halyard::cli::on_interrupt);
  try {
    return halyard::cli::run_verb(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("halyard: out of memory\n", stderr);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "halyard: %s\n", e.what());
  }
  return halyard::cli::kDevice;
}
