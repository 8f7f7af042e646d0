#include "ops/table.hpp"

#include <map>

namespace halyard::coreml {

const Rule* find_rule(std::string_view type) {
  static const std::map<std::string_view, const Rule*> all = [] {
    std::map<std::string_view, const Rule*> out;
    for (const auto family : {elementwise_rules(), neural_rules(), normalisation_rules(),
                              image_rules(), reduction_rules(), movement_rules(), slice_rules(),
                              scatter_rules(), recurrent_rules(), list_rules(), other_rules()})
      for (const Rule& r : family) out[r.type] = &r;
    return out;
  }();
  const auto it = all.find(type);
  return it == all.end() ? nullptr : it->second;
}

}  // namespace halyard::coreml
