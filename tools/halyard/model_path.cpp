#include "model_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace halyard::cli {
namespace fs = std::filesystem;
namespace {

bool is_model(const fs::path& p) {
  const auto e = p.extension();
  return e == ".onnx" || e == ".mlpackage" || e == ".mlmodel" || e == ".mlmodelc" || e == ".hyc";
}

}  // namespace

Result<std::string> resolve_model(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    const bool absent = status.type() == fs::file_type::not_found;
    return invalid_model(
        fmt::format("{}: {}", path, absent ? "no such file or folder" : error.message()));
  }
  // "net.mlpackage/" has no extension for the filesystem library.
  const fs::path folder = path.ends_with('/') ? fs::path(path).parent_path() : fs::path(path);
  if (!fs::is_directory(status) || is_model(folder)) return path;
  std::vector<std::string> found;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
    if (is_model(it->path())) found.push_back(it->path().string());
  if (error) return invalid_model(fmt::format("{}: {}", path, error.message()));
  if (found.size() == 1) return found[0];
  if (found.empty())
    return invalid_model(path +
                         ": the folder holds no .onnx, .mlpackage, .mlmodelc, .mlmodel or .hyc");
  std::sort(found.begin(), found.end());
  return invalid_model(fmt::format("{}: the folder holds {} models; name one of them: {}", path,
                                   found.size(), fmt::join(found, ", ")));
}

}  // namespace halyard::cli
