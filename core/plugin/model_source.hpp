// Where a model's functions and weights come from.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "halyard/status.hpp"

namespace halyard::core {

/// A model that is held open. Constant once made; any thread.
class ModelSource {
 public:
  struct Function {
    std::string name;
    std::vector<unsigned char> graph;  // flat; not validated
  };
  virtual ~ModelSource() = default;
  /// The id of its format.
  virtual const std::string& format_id() const = 0;
  /// The first is the default one.
  virtual const std::vector<Function>& functions() const = 0;
  virtual const std::map<std::string, std::string>& metadata() const = 0;
  /// Lives as long as the source.
  virtual Result<hy_bytes> weight(uint64_t id) const = 0;
};

}  // namespace halyard::core
