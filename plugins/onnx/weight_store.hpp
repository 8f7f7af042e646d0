// The bytes behind the weight ids of a model.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "halyard/status.hpp"

namespace halyard::onnx {

/// Filled by the import, then only read: get() from any thread. Owns what was decoded; the rest are
/// views into files that the model keeps mapped.
class WeightStore {
 public:
  /// Keeps bytes that no file holds; the view lives as long as the store.
  std::string_view keep(std::string bytes) { return owned_.emplace_back(std::move(bytes)); }

  uint64_t add(std::string_view bytes) {
    weights_.push_back(bytes);
    return weights_.size() - 1;
  }
  Result<hy_bytes> get(uint64_t id) const {
    if (id >= weights_.size())
      return invalid_argument("weight " + std::to_string(id) + ": the model has " +
                              std::to_string(weights_.size()));
    return hy_bytes{weights_[id].data(), weights_[id].size()};
  }

 private:
  std::vector<std::string_view> weights_;
  std::deque<std::string> owned_;
};

}  // namespace halyard::onnx
