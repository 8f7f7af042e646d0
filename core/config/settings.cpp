#include "core/config/settings.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace halyard::core {

bool Settings::allows_type(uint32_t type) const {
  if (compute_units == "all" || type == HY_DEVICE_TYPE_CPU) return true;
  if (compute_units == "cpu_and_gpu") return type == HY_DEVICE_TYPE_GPU;
  if (compute_units == "cpu_and_npu") return type == HY_DEVICE_TYPE_NPU;
  return false;
}

ProviderSettings Settings::about(std::string_view id) const {
  for (const ProviderSettings& p : unlisted)
    if (p.id == id) return p;
  ProviderSettings out;
  out.id = id;
  out.threads = threads;
  return out;
}

bool glob_matches(const std::string& pattern, const std::string& text) {
  return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

bool any_glob_matches(const std::vector<std::string>& patterns, const std::string& text) {
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(),
                                         [&](const auto& p) { return glob_matches(p, text); });
}

const PlaceRule* pin_of(const Settings& settings, const std::string& op, const std::string& name,
                        const std::string& subgraph) {
  for (const PlaceRule& rule : settings.place)
    if (any_glob_matches(rule.op, op) && any_glob_matches(rule.name, name) &&
        any_glob_matches(rule.subgraph, subgraph))
      return &rule;
  return nullptr;
}

}  // namespace halyard::core
