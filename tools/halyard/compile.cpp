#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "bytes.hpp"
#include "exit_code.hpp"
#include "verbs.hpp"

namespace halyard::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Before anything is compiled, which may take long.
Status check_writable(const std::string& output) {
  const auto parent = std::filesystem::path(output).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  if (access(folder.c_str(), W_OK) == 0) return {};
  return io_error(
      fmt::format("{} cannot be written: {}: {}", output, folder, std::strerror(errno)));
}

int compile(const Common& common, ModelOptions& options, const std::string& output) {
  if (const Status s = check_writable(output); !s.ok()) return fail(s, Stage::kArguments);
  auto runtime = make_runtime(common, options.placement);
  if (!runtime.ok()) return fail(runtime.status(), Stage::kArguments);
  const auto model = open_model(*runtime, common, options);
  if (!model.ok()) return fail(model.status(), Stage::kModel);
  const auto session = model->session(options.session);
  if (!session.ok()) return fail(session.status(), Stage::kPlacement);
  if (const Status s = session->save(output); !s.ok()) return fail(s, Stage::kArguments);
  std::error_code error;
  const uint64_t bytes = std::filesystem::file_size(output, error);
  const Json cache = Json::parse(session->cache());
  size_t contained = 0;
  for (const Json& c : cache["clusters"]) contained += c["state"] != "not_kept" ? 1 : 0;
  if (common.json) {
    fmt::print("{}\n", Json{{"schema", 1},
                            {"model", options.model},
                            {"output", output},
                            {"bytes", bytes},
                            {"clusters", cache["clusters"]}}
                           .dump());
    return kOk;
  }
  fmt::print("{}: {}; {} of {} clusters with an artefact\n", output, bytes_text(bytes), contained,
             cache["clusters"].size());
  fmt::print("{}\n", session->summary());
  return kOk;
}

}  // namespace

void add_compile(CLI::App& app, int* exit_code) {
  auto* verb = app.add_subcommand("compile",
                                  "Write a compiled model: one file that loads without compiling");
  auto common = std::make_shared<Common>();
  auto options = std::make_shared<ModelOptions>();
  auto output = std::make_shared<std::string>();
  add_common(*verb, *common);
  add_model(*verb, *options);
  verb->add_option("-o,--output", *output, "The file to write, .hyc by custom")->required();
  verb->footer(
      "Dims that stay open are compiled at their first use, and not kept in the file: fix them "
      "with "
      "--shape where the devices want them known.");
  verb->callback([=] { *exit_code = compile(*common, *options, *output); });
}

}  // namespace halyard::cli
