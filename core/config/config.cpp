#include "core/config/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/config/resolve.hpp"

namespace halyard::core::config {
namespace {

namespace fs = std::filesystem;

std::string text_of(const Config::Lookup& environment, const char* name) {
  const char* text = environment(name);
  return text != nullptr ? text : "";
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    if (!one.empty()) out.emplace_back(one);
  }
  return out;
}

}  // namespace

const char* layer_name(Layer layer) {
  static constexpr const char* kNames[] = {"default", "model",       "system", "user",
                                           "file",    "environment", "flag"};
  return kNames[static_cast<size_t>(layer)];
}

const char* process_environment(const char* name) { return secure_getenv(name); }

Config::Source& Config::source(Layer layer) { return sources_.emplace_back(Source{layer, {}}); }

void Config::add_file(const std::string& path, Layer layer) {
  const auto fail = [&](std::string message) {
    issues_.push_back({{path, 0, 0}, "", std::move(message), ""});
  };
  std::error_code error;
  if (fs::is_directory(path, error)) return fail("is a folder; a file is wanted");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(fmt::format("cannot be read: {}", std::strerror(errno)));
  // One byte more than may be read tells that there is more.
  std::string text(kMaxYamlBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return fail("cannot be read");
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > kMaxYamlBytes)
    return fail(fmt::format("is longer than the {} bytes that are read", kMaxYamlBytes));
  add_text(text, path, fs::path(path).parent_path().string(), layer);
}

void Config::add_text(std::string_view text, const std::string& name, const std::string& folder,
                      Layer layer) {
  std::vector<Issue> found;
  const YamlNode root = read_yaml(text, name, &found);
  source(layer).statements = check_document(root, name, folder, &found);
  std::stable_sort(found.begin(), found.end(), [](const Issue& a, const Issue& b) {
    return std::pair(a.where.line, a.where.column) < std::pair(b.where.line, b.where.column);
  });
  issues_.insert(issues_.end(), found.begin(), found.end());
}

void Config::add_default_files(const Lookup& environment) {
  std::error_code error;
  const char* given = environment("HALYARD_SYSTEM_CONFIG");
  const std::string system = given != nullptr ? given : "/etc/halyard/config.yaml";
  if (!system.empty() && fs::exists(system, error)) add_file(system, Layer::kSystem);
  std::string folder = text_of(environment, "XDG_CONFIG_HOME");
  if (const std::string home = text_of(environment, "HOME"); folder.empty() && !home.empty())
    folder = home + "/.config";
  if (folder.empty()) return;
  const std::string user = folder + "/halyard/config.yaml";
  if (fs::exists(user, error)) add_file(user, Layer::kUser);
}

void Config::add_environment(const Lookup& environment) {
  const bool has_file = std::any_of(sources_.begin(), sources_.end(),
                                    [](const Source& s) { return s.layer == Layer::kFile; });
  if (!has_file)
    for (const std::string& file : split(text_of(environment, "HALYARD_CONFIG"), ':'))
      add_file(file);
  for (const Key& key : key_table()) {
    const std::string name = variable_of(key);
    if (name.empty()) continue;
    // Empty means not set, as the shell's `HALYARD_X= command` is meant.
    const std::string text = text_of(environment, name.c_str());
    if (!text.empty()) set(std::string(key.path), text, name, Layer::kEnvironment);
  }
  for (const std::string& one : split(text_of(environment, "HALYARD_SET"), ';')) {
    const size_t equals = one.find('=');
    if (equals == std::string::npos)
      issues_.push_back({{"HALYARD_SET", 0, 0},
                         one,
                         "has no value",
                         "write key.path=value, several separated by ;"});
    else
      set(one.substr(0, equals), one.substr(equals + 1), "HALYARD_SET", Layer::kEnvironment);
  }
}

void Config::set(const std::string& path, const std::string& text, const std::string& source_name,
                 Layer layer) {
  check_setting(path, text, source_name, &source(layer).statements, &issues_);
}

std::vector<const Config::Source*> Config::in_order() const {
  std::vector<const Source*> out;
  for (const Source& s : sources_) out.push_back(&s);
  std::stable_sort(out.begin(), out.end(),
                   [](const Source* a, const Source* b) { return a->layer < b->layer; });
  return out;
}

Resolved Config::resolved() const {
  Resolver resolver;
  for (const Source* s : in_order()) resolver.add(s->layer, s->statements);
  return std::move(resolver).result();
}

Settings Config::settings() const { return settings_of(resolved()); }

std::vector<Issue> Config::issues() const {
  std::vector<Issue> out = issues_;
  Resolver resolver;
  for (const Source* s : in_order()) resolver.add(s->layer, s->statements);
  const std::vector<Issue> late = resolver.issues();
  out.insert(out.end(), late.begin(), late.end());
  const Resolved whole = std::move(resolver).result();
  check_whole(whole, &out);
  return out;
}

Status Config::status() const { return status_of(issues()); }

Status status_of(std::span<const Issue> issues) {
  constexpr size_t kMostTold = 100;
  std::string words;
  size_t count = 0;
  for (const Issue& issue : issues)
    if (!issue.note && ++count <= kMostTold) words += (words.empty() ? "" : "\n") + issue.text();
  if (count > kMostTold) words += fmt::format("\nand {} more errors", count - kMostTold);
  return words.empty() ? Status() : Status(HY_ERROR_CONFIG, std::move(words));
}

}  // namespace halyard::core::config
