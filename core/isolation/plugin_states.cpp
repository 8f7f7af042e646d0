#include "core/isolation/plugin_states.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/descriptor.hpp"
#include "core/base/digest.hpp"

namespace halyard::core {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;
using Verdict = PluginState::Verdict;

constexpr int kVersion = 1;
constexpr uintmax_t kMaxBytes = 1 << 20;
constexpr size_t kMaxCompiled = 4096;  // digests kept; beyond, all are forgotten and learnt anew

constexpr std::pair<Verdict, const char*> kNames[] = {{Verdict::kUnknown, "unknown"},
                                                      {Verdict::kSound, "sound"},
                                                      {Verdict::kSuspect, "suspect"},
                                                      {Verdict::kQuarantined, "quarantined"}};

fs::path environment(const char* name) {
  const char* value = secure_getenv(name);
  return value != nullptr ? value : "";
}

Json identity_json(const FileIdentity& i) {
  return {i.device, i.inode, i.bytes, i.modified_ns, i.changed_ns};
}

PluginState from_json(const Json& j) {
  PluginState out;
  const auto text = [&](const char* key) { return j.value(key, std::string()); };
  for (const auto& [verdict, name] : kNames)
    if (text("verdict") == name) out.verdict = verdict;
  out.reason = text("reason");
  out.detail = text("detail");
  out.stage = text("stage");
  out.graph = text("graph");
  out.strikes = j.value("strikes", 0u);
  if (j.contains("deadly")) out.deadly = j["deadly"].get<std::map<std::string, std::string>>();
  if (j.contains("compiled")) out.compiled = j["compiled"].get<std::set<std::string>>();
  return out;
}

Json to_json(const PluginState& state) {
  Json out;
  for (const auto& [verdict, name] : kNames)
    if (state.verdict == verdict) out["verdict"] = name;
  out["reason"] = state.reason;
  out["detail"] = state.detail;
  out["stage"] = state.stage;
  out["graph"] = state.graph;
  out["strikes"] = state.strikes;
  out["compiled"] = state.compiled.size() <= kMaxCompiled ? Json(state.compiled) : Json::array();
  out["deadly"] = state.deadly;
  return out;
}

}  // namespace

Status write_whole(const fs::path& file, std::string_view text) {
  std::string name = file.string() + ".XXXXXX";
  const Descriptor out(mkostemp(name.data(), O_CLOEXEC));
  if (!out.valid()) return io_error(fmt::format("{}: {}", name, std::strerror(errno)));
  if (out.write_all(bytes_of(text)) && rename(name.c_str(), file.c_str()) == 0) return {};
  Status failed = io_error(fmt::format("{}: {}", file.string(), std::strerror(errno)));
  unlink(name.c_str());
  return failed;
}

PluginStates::PluginStates(fs::path folder, Logger logger)
    : folder_(std::move(folder)), logger_(std::move(logger)) {}

fs::path PluginStates::default_folder() {
  if (fs::path own = environment("HALYARD_STATE_DIR"); !own.empty()) return own;
  // The XDG rules ignore a path that is not absolute.
  if (const fs::path xdg = environment("XDG_STATE_HOME"); xdg.is_absolute()) return xdg / "halyard";
  if (const fs::path home = environment("HOME"); home.is_absolute())
    return home / ".local" / "state" / "halyard";
  return {};
}

fs::path PluginStates::file_of(const fs::path& library) const {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(library, error);
  return folder_ / "plugins" /
         (digest_of(bytes_of((error ? library : real).native())).hex() + ".json");
}

PluginState PluginStates::get(const fs::path& library) const {
  if (folder_.empty()) return {};
  std::error_code error;
  const fs::path file = file_of(library);
  if (const auto size = fs::file_size(file, error); error || size > kMaxBytes) return {};
  std::ifstream in(file);
  const auto identity = FileIdentity::of(library.string());
  if (!in || !identity) return {};
  try {
    const Json j = Json::parse(in);
    if (j.value("version", 0) != kVersion || j.at("identity") != identity_json(*identity))
      return {};
    PluginState out = from_json(j);
    // Another build of ours may call it in other ways.
    if (out.verdict == Verdict::kSound && j.value("host", std::string()) != HALYARD_VERSION)
      return {};
    return out;
  } catch (const Json::exception&) {
    return {};
  }
}

void PluginStates::put(const fs::path& library, const PluginState& state) {
  const auto identity = FileIdentity::of(library.string());
  if (folder_.empty() || !identity) return;
  Json j{{"version", kVersion},
         {"library", library.string()},
         {"identity", identity_json(*identity)},
         {"host", HALYARD_VERSION}};
  j.update(to_json(state));
  const fs::path file = file_of(library);
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  Status s = error ? io_error(fmt::format("{}: {}", file.parent_path().string(), error.message()))
                   : write_whole(file, j.dump(1, ' ', false, Json::error_handler_t::replace));
  if (!s.ok())
    logger_->warn(
        "what was learnt about plugins is not kept: {} (HALYARD_STATE_DIR names another folder)",
        s.message());
}

bool PluginStates::release(const fs::path& library) {
  PluginState state = get(library);
  if (state.verdict != Verdict::kQuarantined && state.deadly.empty()) return false;
  // Sound, so that the same probe does not lock it away again at once: who releases it knows better.
  PluginState released;
  released.verdict = Verdict::kSound;
  released.compiled = std::move(state.compiled);
  put(library, released);
  return get(library).verdict != Verdict::kQuarantined;
}

}  // namespace halyard::core
