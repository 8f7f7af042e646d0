// One node of the model on its way into the graph: what a normalisation reads and writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph_writer.hpp"
#include "halyard/graph_builder.hpp"

namespace halyard::onnx {

using Attributes = std::vector<std::pair<std::string, AttributeValue>>;

/// An output of a node: described before the rewriting, then a value or a constant.
struct SourceOutput {
  std::string name;  // empty: absent
  bool used = false;
  uint32_t dtype = HY_DTYPE_UNDEFINED;  // as declared, of an output of the graph
  uint32_t type = HY_TYPE_TENSOR;
  ValueFacts hint;
  uint32_t value = HY_NONE;     // after
  uint32_t constant = HY_NONE;  // after, instead of value
};

/// A node as the file has it, with its operands found and attributes read.
struct SourceNode {
  std::string domain, op, name;
  int64_t version = 0;  // of the domain's operator set
  uint32_t subgraph = 0;
  std::vector<uint32_t> inputs;  // values, HY_NONE for absent ones
  std::vector<SourceOutput> outputs;
  Attributes attributes;
};

/// Turns a SourceNode into nodes of the one operator set. Lives for one node. A rule of
/// normalise/table.hpp calls take_... for the attributes that it replaces, emit() for nodes before the
/// last one, and finish() or give_constant() at the end. Failures need not name the node.
class Rewriter {
 public:
  Rewriter(GraphWriter& writer, SourceNode& node)
      : writer_(writer), node_(node), domain_(node.domain) {}

  const std::string& op() const { return node_.op; }
  int64_t version() const { return node_.version; }
  size_t input_count() const { return node_.inputs.size(); }
  size_t output_count() const { return node_.outputs.size(); }
  /// HY_NONE where absent.
  uint32_t input(size_t i) const { return i < node_.inputs.size() ? node_.inputs[i] : HY_NONE; }
  const std::vector<uint32_t>& inputs() const { return node_.inputs; }
  bool has_input(size_t i) const { return input(i) != HY_NONE; }
  /// Somebody reads it.
  bool output_used(size_t i) const { return i < node_.outputs.size() && node_.outputs[i].used; }

  ValueFacts facts(uint32_t value) const { return writer_.facts(node_.subgraph, value); }
  std::optional<std::vector<int64_t>> known_ints(uint32_t value) const {
    return writer_.known_ints(facts(value));
  }
  /// The data of a known value, or null.
  const TensorData* known(uint32_t value) const;

  // ---- Attributes: take removes. Fails with INVALID_MODEL on one of another type. ----
  bool has(std::string_view name) const;
  void drop(std::string_view name);
  Result<int64_t> take_int(std::string_view name, int64_t otherwise);
  Result<double> take_float(std::string_view name, double otherwise);
  Result<std::string> take_string(std::string_view name, std::string otherwise);
  Result<std::optional<std::vector<int64_t>>> take_ints(std::string_view name);
  Result<std::optional<std::vector<double>>> take_floats(std::string_view name);
  /// The constant, or HY_NONE.
  Result<uint32_t> take_tensor(std::string_view name);
  /// Whatever the attribute is; nothing where it is absent.
  std::optional<AttributeValue> take_any(std::string_view name);
  /// Those that are left.
  Attributes rest() { return std::move(node_.attributes); }

  // ---- New values ----
  uint32_t ints(const std::vector<int64_t>& list);
  /// A scalar of a floating or integer type; f32 where the type is not known.
  uint32_t scalar(uint32_t dtype, double value);
  uint32_t floats(const std::vector<double>& list);  // f32
  /// A constant, for an attribute or for give_constant().
  uint32_t add_owned_constant(uint32_t dtype, const std::vector<int64_t>& dims, std::string bytes) {
    return writer_.add_owned_constant(dtype, dims, std::move(bytes));
  }
  const TensorData& constant(uint32_t index) const { return writer_.constant(index); }
  /// A constant as an operand; `what` is for its name.
  uint32_t constant_operand(uint32_t constant, std::string_view what) {
    return constant_value(constant, what);
  }
  /// Nodes of another domain become nodes of the standard set.
  void use_standard_set() { domain_.clear(); }
  /// A node with one output, which is given back.
  Result<uint32_t> emit(std::string_view op, std::vector<uint32_t> inputs,
                        Attributes attributes = {});
  /// A node with several.
  Result<std::vector<uint32_t>> emit_many(std::string_view op, std::vector<uint32_t> inputs,
                                          Attributes attributes, size_t outputs);

  // ---- The end ----
  /// A node that computes output i of the source and no other.
  Status finish_output(size_t i, std::string_view op, std::vector<uint32_t> inputs,
                       Attributes attributes);
  /// The node that computes the first count of the source's outputs.
  Status finish(std::string_view op, std::vector<uint32_t> inputs, Attributes attributes,
                size_t count = SIZE_MAX);
  /// The same operator with these inputs and the attributes that are left.
  Status finish(std::vector<uint32_t> inputs) {
    return finish(node_.op, std::move(inputs), rest());
  }
  Status finish() { return finish(node_.inputs); }
  /// The first output is a constant of the graph: no node.
  void give_constant(uint32_t constant) { node_.outputs[0].constant = constant; }

 private:
  template <class T>
  Result<std::optional<T>> take(std::string_view name, const char* kind);
  uint32_t constant_value(uint32_t constant, std::string_view what);
  std::string fresh_name(std::string_view what);
  uint32_t output_value(size_t i);
  NodeSpec spec(std::string_view op, std::vector<uint32_t> inputs, Attributes attributes) const;

  GraphWriter& writer_;
  SourceNode& node_;
  std::string domain_;  // of the nodes that are written
  int made_ = 0;
};

}  // namespace halyard::onnx
