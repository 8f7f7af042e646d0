// The core's own, mutable form of a graph. Passes and planning work on it; it is read from and written
// to the flat form (flat.hpp).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/graph/dim.hpp"
#include "halyard/graph_builder.hpp"

namespace halyard::core {

using ValueId = uint32_t;
using NodeId = uint32_t;
inline constexpr uint32_t kNone = HY_NONE;

/// Type and dims of a tensor, as far as they are known; of a sequence, an optional or a map those of its
/// elements.
struct TensorType {
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  Shape shape;
  uint32_t kind = HY_TYPE_TENSOR;
  uint32_t key = 0;  // of a map: the keys' type; of an optional: HY_TYPE_* of what it may hold
  bool is_tensor() const { return kind == HY_TYPE_TENSOR; }
};

/// A dense constant: bytes of its own, or a weight by id.
struct ConstantData {
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  std::vector<int64_t> dims;
  std::shared_ptr<const std::vector<unsigned char>> bytes;  // null: the weight
  uint64_t weight = 0;
  uint64_t size = 0;  // in bytes, either way
};

struct ValueData {
  std::string name;
  TensorType type;
  uint32_t kind = HY_VALUE_RESULT;
  uint32_t constant = kNone;  // into constants: of a CONSTANT, or of an INPUT whose value is known
};

/// One attribute value; TensorAttr holds an index into Graph::constants, GraphAttr one into Graph::bodies.
using Attributes = std::vector<std::pair<std::string, AttributeValue>>;

struct NodeData {
  std::string domain, op, name;
  uint64_t signature = 0;
  std::vector<ValueId> inputs, outputs;  // kNone for absent ones
  Attributes attributes;
  std::vector<std::string> origins;  // names of the model's own nodes

  bool has_input(size_t i) const { return i < inputs.size() && inputs[i] != kNone; }
  bool has_output(size_t i) const { return i < outputs.size() && outputs[i] != kNone; }
  const AttributeValue* attribute(std::string_view wanted) const;
  int64_t attr_int(std::string_view wanted, int64_t otherwise = 0) const;
  double attr_float(std::string_view wanted, double otherwise = 0) const;
  std::string attr_string(std::string_view wanted, std::string_view otherwise = {}) const;
  /// Empty where it is absent.
  std::vector<int64_t> attr_ints(std::string_view wanted) const;
  /// "conv1 (Conv)": for messages.
  std::string label() const;
};

/// "a tensor", "a sequence", ...: for messages.
const char* value_kind_name(uint32_t kind);

struct Symbol {
  std::string name;
  int64_t min = 0, max = -1, multiple_of = 1;
};

/// What is kept from run to run. Its ports are the last inputs and outputs of the graph, in the order of states.
struct StateData {
  std::string name;
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  std::vector<int64_t> dims;
  uint32_t initial = kNone;      // into constants; kNone: zeros
  uint32_t growth_axis = kNone;  // kNone: does not grow
  bool read = false, written = false;
};

/// Nodes stand in an order in which values are computed before they are used. Plain data; copied
/// deliberately (constants share their bytes). Single-threaded while it changes.
struct Graph {
  std::string name;
  std::vector<Symbol> symbols;
  std::vector<ConstantData> constants;
  std::vector<ValueData> values;
  std::vector<NodeData> nodes;
  std::vector<ValueId> inputs, outputs;
  std::vector<StateData> states;
  /// Bodies of nodes, each of one node: closed graphs with constants of their own and the symbols of this one.
  std::vector<Graph> bodies;

  /// Of inputs and outputs those that are no states' come first: so many.
  size_t plain_inputs() const;
  size_t plain_outputs() const;
  /// Where a state's port stands among inputs or outputs; kNone where it is not read, or not written.
  uint32_t input_of_state(size_t state) const;
  uint32_t output_of_state(size_t state) const;
  /// The body that an attribute of the node holds, or null.
  const Graph* body(const NodeData& node, std::string_view attribute) const;
  Graph* body(const NodeData& node, std::string_view attribute);
  ValueId add_result(std::string_view value_name, TensorType type = {});
  /// A constant with bytes of its own.
  ValueId add_constant(std::string_view value_name, uint32_t dtype, std::vector<int64_t> dims,
                       const void* data, uint64_t bytes);
  std::vector<std::string> symbol_names() const;
  /// The node that computes each value, or kNone.
  std::vector<NodeId> producers() const;
  /// How often each value is read: by nodes and as an output.
  std::vector<uint32_t> use_counts() const;
};

}  // namespace halyard::core
