#include "core/plugin/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "core/plugin/option_manifest.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <sys/utsname.h>

namespace halyard::core {
namespace {

constexpr int64_t kManifestVersion = 1;
constexpr int64_t kAbi = 0;
constexpr uintmax_t kMaxBytes = 1 << 20;

using Json = nlohmann::json;

std::string machine_arch() {
  utsname name{};
  return uname(&name) == 0 ? name.machine : "unknown";
}

/// The names that a manifest may list, as the compiler knows them.
bool has_cpu_feature(std::string_view f) {
#if defined(__x86_64__)
  if (f == "sse4.2") return __builtin_cpu_supports("sse4.2");
  if (f == "avx") return __builtin_cpu_supports("avx");
  if (f == "avx2") return __builtin_cpu_supports("avx2");
  if (f == "fma") return __builtin_cpu_supports("fma");
  if (f == "avx512f") return __builtin_cpu_supports("avx512f");
  if (f == "avx512bw") return __builtin_cpu_supports("avx512bw");
  if (f == "avx512vnni") return __builtin_cpu_supports("avx512vnni");
  if (f == "avx512bf16") return __builtin_cpu_supports("avx512bf16");
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) != 0) {
    if (f == "amx_bf16") return (d >> 22 & 1) != 0;
    if (f == "amx_tile") return (d >> 24 & 1) != 0;
    if (f == "amx_int8") return (d >> 25 & 1) != 0;
    if (f == "avx512_fp16") return (d >> 23 & 1) != 0;
  }
#else
  (void)f;
#endif
  return false;
}

Rejection bad(std::string detail) { return {"MANIFEST", std::move(detail)}; }

/// A member of the wanted type, or nothing with the problem's words.
template <class T>
bool take(const Json& j, const char* key, T* out, std::string* problem) {
  const auto it = j.find(key);
  if (it == j.end()) return true;
  try {
    *out = it->get<T>();
    return true;
  } catch (const Json::exception&) {
    *problem = fmt::format("\"{}\" has the wrong type: {}", key, it->dump());
    return false;
  }
}

Rejection parse(const Json& j, Manifest* m) {
  std::string problem, id, kind, library;
  int64_t version = 0;
  if (!take(j, "id", &id, &problem) || !take(j, "version", &m->version, &problem) ||
      !take(j, "kind", &kind, &problem) || !take(j, "manifest_version", &version, &problem) ||
      !take(j, "library", &library, &problem) || !take(j, "arch", &m->arch, &problem) ||
      !take(j, "cpu_features", &m->cpu_features, &problem) ||
      !take(j, "rank", &m->rank, &problem) || !take(j, "exact", &m->exact, &problem))
    return bad(problem);
  m->kind = kind == "provider" ? HY_PLUGIN_PROVIDER : kind == "format" ? HY_PLUGIN_FORMAT : 0;
  if (version != kManifestVersion)
    return bad(
        fmt::format("manifest_version is {}; this host reads {}", version, kManifestVersion));
  if (id.empty()) return bad("\"id\" is missing");
  m->id = id;
  if (m->kind == 0)
    return bad(fmt::format("\"kind\" is \"{}\"; provider or format is wanted", kind));
  if (library.empty()) return bad("\"library\" is missing");
  m->library = m->file.parent_path() / library;
  if (const auto abi = j.find("abi"); abi != j.end()) {
    if (!abi->is_object() || !take(*abi, "min", &m->abi_min, &problem) ||
        !take(*abi, "max", &m->abi_max, &problem))
      return bad("\"abi\" must be {\"min\": n, \"max\": n}");
  }
  if (const auto options = j.find("options"); options != j.end())
    if (!read_option_list(*options, &m->options.emplace(), &problem)) return bad(problem);
  if (const auto formats = j.find("formats"); formats != j.end()) {
    if (!formats->is_array()) return bad("\"formats\" must be a list");
    for (const Json& f : *formats) {
      std::string suffix;
      if (!f.is_object() || !take(f, "suffix", &suffix, &problem))
        return bad("an entry of \"formats\" must be {\"suffix\": \".x\"}");
      m->suffixes.push_back(suffix);
    }
  }
  return {};
}

Rejection check_machine(const Manifest& m) {
  if (m.abi_min > kAbi || m.abi_max < kAbi)
    return {"ABI", fmt::format("made for plugin ABI {} to {}; this host has {}", m.abi_min,
                               m.abi_max, kAbi)};
  if (const std::string arch = machine_arch(); !m.arch.empty() && m.arch != arch)
    return {"ARCH", fmt::format("made for {}; this machine is {}", m.arch, arch)};
  for (const std::string& f : m.cpu_features)
    if (!has_cpu_feature(f))
      return {"CPU_FEATURE", fmt::format("needs {}, which this processor lacks", f)};
  std::error_code error;
  if (!std::filesystem::is_regular_file(m.library, error))
    return {"LIBRARY_MISSING", fmt::format("{} is not a file", m.library.string())};
  return {};
}

}  // namespace

Rejection read_manifest(const std::filesystem::path& file, Manifest* manifest) {
  manifest->file = file;
  manifest->id = file.stem().string();
  std::error_code error;
  if (const auto size = std::filesystem::file_size(file, error); error || size > kMaxBytes)
    return bad(error ? error.message()
                     : fmt::format("is {} bytes long; at most {} are read", size, kMaxBytes));
  std::ifstream in(file);
  const Json json = Json::parse(in, nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true);
  if (json.is_discarded() || !json.is_object()) return bad("is not a JSON object");
  if (Rejection r = parse(json, manifest); r.rejected()) return r;
  return check_machine(*manifest);
}

}  // namespace halyard::core
