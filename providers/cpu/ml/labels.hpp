// The labels that a classifier answers with.
#pragma once

#include <string>
#include <vector>

#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

/// The class labels of a node: integers or strings. Constant after construction.
class Labels {
 public:
  /// From attributes of these names; strings win where both are there.
  Labels(const Node& node, const char* ints, const char* strings);

  size_t count() const { return strings_.empty() ? ints_.size() : strings_.size(); }
  /// Output 0: the label of each row, by class. Class 0 or 1 of a model without two labels is itself.
  Status write(Context& context, std::span<const int64_t> classes) const;

 private:
  std::vector<int64_t> ints_;
  std::vector<std::string> strings_;
};

}  // namespace halyard::cpu
