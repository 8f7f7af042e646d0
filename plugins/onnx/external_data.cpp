#include "external_data.hpp"

#include <charconv>
#include <optional>
#include <system_error>

#include "text.hpp"

namespace halyard::onnx {
namespace {

namespace fs = std::filesystem;

std::optional<uint64_t> number(std::string_view text) {
  uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return out;
}

/// Whether path is folder or lies in it. Both are canonical.
bool lies_in(const fs::path& path, const fs::path& folder) {
  auto p = path.begin();
  for (const fs::path& part : folder) {
    if (part.empty()) continue;  // a trailing slash
    if (p == path.end() || *p != part) return false;
    ++p;
  }
  return true;
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

}  // namespace

Result<fs::path> ExternalData::resolve(const std::string& location) const {
  const auto refuse = [&](const std::string& what) {
    return invalid_model("external data " + quote(location) + " of model " + quote(model_path_) +
                         " " + what);
  };
  const fs::path relative(location);
  if (location.empty() || location.find('\0') != std::string::npos)
    return refuse("has no usable location; give a file name relative to the model's folder");
  if (relative.is_absolute())
    return refuse("is an absolute path; only paths relative to the model's folder are read");
  for (const fs::path& part : relative)
    if (part == "..")
      return refuse("leads out of the model's folder by \"..\"; put the file beside the model");

  std::error_code error;
  const fs::path folder = folder_of(model_path_);
  const fs::path real = fs::canonical(folder / relative, error);
  if (error)
    return refuse("cannot be found at " + quote((folder / relative).string()) + ": " +
                  error.message());
  std::error_code no_folder, no_model;
  const fs::path real_folder = fs::canonical(folder, no_folder);
  const fs::path real_model = fs::canonical(model_path_, no_model);
  if (!no_folder && lies_in(real, real_folder)) return real;
  if (!no_model && lies_in(real, real_model.parent_path())) return real;
  return refuse("leads out of the model's folder, to " + quote(real.string()) +
                "; copy the file beside the model");
}

Result<std::string_view> ExternalData::map(const std::string& location) {
  if (const auto known = files_.find(location); known != files_.end()) return known->second.bytes();
  HY_ASSIGN_OR_RETURN(const fs::path path, resolve(location));
  Result<MappedFile> file = MappedFile::open(path.string());
  if (!file.ok())
    return invalid_model("external data " + quote(path.string()) + " of model " +
                         quote(model_path_) + ": " + file.status().message());
  return files_.emplace(location, std::move(file).value()).first->second.bytes();
}

Result<std::string_view> ExternalData::find(const proto::Entries& entries, uint64_t expected) {
  std::string location;
  std::optional<uint64_t> offset = 0, length = expected;
  for (const auto& [key, value] : entries) {
    if (key == "location") location = value;
    if (key == "offset") offset = number(value);
    if (key == "length") length = number(value);
  }
  const std::string what = "external data " + quote(location) + " of model " + quote(model_path_);
  if (!offset || !length)
    return invalid_model(what + ": its offset or length is not a number from 0 up");
  if (*length != expected)
    return invalid_model(what + ": its length is " + std::to_string(*length) +
                         " bytes; the tensor's type and dims need " + std::to_string(expected));
  HY_ASSIGN_OR_RETURN(const std::string_view file, map(location));
  if (*offset > file.size() || *length > file.size() - *offset)
    return invalid_model(what + " is too short: the tensor needs " + std::to_string(*length) +
                         " bytes at offset " + std::to_string(*offset) + "; the file has " +
                         std::to_string(file.size()));
  return file.substr(*offset, *length);
}

}  // namespace halyard::onnx
