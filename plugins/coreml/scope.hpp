// What the names of a program stand for, block by block.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "halyard/graph_builder.hpp"
#include "tensor.hpp"
#include "weights.hpp"

namespace halyard::coreml {

/// A constant whose bytes may have to be expanded first.
struct Constant {
  Tensor tensor;                   // without bytes where weight has them
  std::optional<uint64_t> weight;  // of Weights
};

struct Named {
  Type type;
  uint32_t value = HY_NONE;                  // in the scope's subgraph, once it is there
  std::shared_ptr<const Constant> constant;  // known
  std::string state;                         // of a state: its name
  // How a state became what this is: the axis along which alone it was changed; what is asked for by growth_axis.
  std::string grown_from;
  std::optional<int64_t> grown_along;
};

/// The names of one block, which becomes one subgraph. Subgraphs are closed: what a block uses from outside becomes an input
/// of its own, after those that it has. Single-threaded.
class Scope {
 public:
  Scope(GraphBuilder& builder, Weights& weights, uint32_t subgraph, Scope* parent)
      : builder_(builder), weights_(weights), subgraph_(subgraph), parent_(parent) {}

  uint32_t subgraph() const { return subgraph_; }
  Named& set(const std::string& name, Named named) { return names_[name] = std::move(named); }
  /// Null: nothing has that name, here or outside.
  Named* find(const std::string& name);
  /// The value of the subgraph that a name stands for: a constant is added, what lies outside becomes an input.
  Result<uint32_t> value(const std::string& name);
  /// The bytes of a constant.
  Result<Tensor> tensor(const Named& named) const;
  /// What became inputs here, by their names outside; in order.
  const std::vector<std::string>& captured() const { return captured_; }

  GraphBuilder& builder() { return builder_; }
  Weights& weights() { return weights_; }
  uint32_t add_constant(std::string_view name, const Tensor& tensor);
  std::string fresh(std::string_view what) {
    return std::string(what) + "/" + std::to_string(++made_);
  }

 private:
  GraphBuilder& builder_;
  Weights& weights_;
  const uint32_t subgraph_;
  Scope* const parent_;
  std::map<std::string, Named> names_;
  std::vector<std::string> captured_;
  int made_ = 0;
};

/// Dims for the graph: unknown ones stay open.
ShapeSpec shape_of(const Type& type);

}  // namespace halyard::coreml
