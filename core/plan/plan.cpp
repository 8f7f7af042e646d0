#include "core/plan/plan.hpp"

#include <map>

namespace halyard::core {

std::vector<uint32_t> hardware_of(const std::vector<std::shared_ptr<Device>>& devices) {
  std::map<std::string, uint32_t> groups;
  std::vector<uint32_t> out;
  for (const auto& device : devices) {
    const std::string& named = device->info().resource_group;
    const std::string group = named.empty() ? "\n" + std::to_string(out.size()) : named;
    out.push_back(groups.emplace(group, static_cast<uint32_t>(groups.size())).first->second);
  }
  return out;
}

}  // namespace halyard::core
