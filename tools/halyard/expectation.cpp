#include "expectation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace halyard::cli {

std::vector<std::string> differences(const NamedTensors& outputs, const NamedTensors& expected,
                                     Tolerance tolerance) {
  std::vector<std::string> out, names;
  for (const auto& [name, tensor] : outputs) names.push_back(name);
  for (const auto& [name, want] : expected) {
    const auto got = std::find_if(outputs.begin(), outputs.end(),
                                  [&](const auto& o) { return o.first == name; });
    if (got == outputs.end()) {
      out.push_back(fmt::format(
          "output \"{}\" is expected, and the model has none of that name; its outputs are {}",
          name, fmt::join(names, ", ")));
    } else if (std::string d = difference(name, got->second, want, tolerance); !d.empty()) {
      out.push_back(std::move(d));
    }
  }
  if (expected.empty()) out.push_back("the expectation holds no arrays");
  return out;
}

}  // namespace halyard::cli
