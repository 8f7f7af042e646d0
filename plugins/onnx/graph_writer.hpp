// Writes the flat graph: values with what is known of them, constants, nodes that were checked.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "facts.hpp"
#include "halyard/graph_builder.hpp"
#include "tensor_data.hpp"
#include "weight_store.hpp"

namespace halyard::onnx {

/// Over a GraphBuilder. Value numbers belong to their subgraph, constant numbers to the model.
/// Single-threaded; the store outlives it.
class GraphWriter {
 public:
  explicit GraphWriter(WeightStore& store) : store_(store) {}

  uint32_t add_subgraph(std::string_view name);
  /// Up to 512 bytes inline, which is any list of dims; more as a weight.
  uint32_t add_constant(const TensorData& data);
  /// The same, of bytes that no file holds.
  uint32_t add_owned_constant(uint32_t dtype, const std::vector<int64_t>& dims, std::string bytes);
  uint32_t add_ints(const std::vector<int64_t>& list);
  const TensorData& constant(uint32_t index) const { return constants_[index]; }

  uint32_t symbol(std::string_view name);
  uint32_t add_input(uint32_t subgraph, std::string_view name, uint32_t dtype,
                     const ShapeSpec& shape, const ValueFacts& facts);
  /// Of a sequence or an optional, as GraphBuilder::set_type.
  void set_type(uint32_t subgraph, uint32_t value, uint32_t type, uint32_t key) {
    builder_.set_type(subgraph, value, type, key);
  }
  /// What the importer found out of a value, and the graph does not say.
  void set_known_dtype(uint32_t subgraph, uint32_t value, uint32_t dtype) {
    facts_[subgraph][value].dtype = dtype;
  }
  uint32_t add_constant_value(uint32_t subgraph, std::string_view name, uint32_t constant);
  /// hint: what the file says of the value, used for what cannot be inferred.
  uint32_t add_result(uint32_t subgraph, std::string_view name, uint32_t dtype, uint32_t type,
                      const ValueFacts& hint);
  void add_output(uint32_t subgraph, uint32_t value) { builder_.add_output(subgraph, value); }
  /// Fails as check_node does. Outputs are results of this subgraph that no node has yet.
  Status add_node(uint32_t subgraph, NodeSpec node);

  /// From now on nodes(subgraph) gives copies of the nodes that were added.
  void keep_nodes() { keep_nodes_ = true; }
  const std::vector<NodeSpec>& nodes(uint32_t subgraph) const { return nodes_[subgraph]; }

  /// Empty for HY_NONE.
  ValueFacts facts(uint32_t subgraph, uint32_t value) const;
  /// The integers of a short known i32 or i64 value of rank 0 or 1.
  std::optional<std::vector<int64_t>> known_ints(const ValueFacts& facts) const;

  Result<std::vector<unsigned char>> finish() { return builder_.finish(); }

 private:
  uint32_t remember(uint32_t subgraph, uint32_t value, const ValueFacts& facts);

  WeightStore& store_;
  GraphBuilder builder_;
  std::deque<TensorData> constants_;
  std::vector<std::vector<ValueFacts>> facts_;  // by subgraph and value
  std::map<std::string, uint32_t, std::less<>> symbols_;
  bool keep_nodes_ = false;
  std::vector<std::vector<NodeSpec>> nodes_;  // by subgraph
};

}  // namespace halyard::onnx
