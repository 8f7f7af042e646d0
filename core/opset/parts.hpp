// Writes the parts of a composite.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/graph.hpp"
#include "halyard/status.hpp"

namespace halyard::core {

/// Appends nodes to a list, their new values and constants to the graph. f16 and bf16 operands come as
/// f32, and results return to the type of the output. Lives during one decomposition; the graph and the
/// composite must outlive it. Single-threaded.
class Parts {
 public:
  using Inputs = std::vector<ValueId>;

  /// The type of the inner values is that of operand 0, or f32 for narrower floats.
  Parts(Graph& graph, const NodeData& composite, std::vector<NodeData>& out);
  /// The type of the inner values is given.
  Parts(Graph& graph, const NodeData& composite, std::vector<NodeData>& out, uint32_t inner);

  uint32_t inner() const { return inner_; }
  bool has(size_t i) const { return composite_.has_input(i); }
  /// Operand i in the inner type.
  ValueId input(size_t i);
  /// Operand i as it is, kNone where it is absent.
  ValueId raw(size_t i) const { return has(i) ? composite_.inputs[i] : kNone; }
  /// A scalar of the inner type.
  ValueId scalar(double value);
  /// A list of i64.
  ValueId list(const std::vector<int64_t>& content);

  /// A node with one output, a new value.
  ValueId add(std::string_view op, Inputs inputs, Attributes attributes = {});
  /// The node whose result is output i of the composite, converted from the inner type if need be.
  /// Gives the value in the inner type.
  ValueId finish(std::string_view op, Inputs inputs, Attributes attributes = {}, size_t i = 0);

 private:
  void emit(std::string_view op, Inputs inputs, Attributes attributes, ValueId output,
            const std::string& name);
  std::string next_name(std::string_view op);
  ValueId cast(ValueId value, uint32_t dtype, ValueId output);
  uint32_t output_dtype(size_t i) const;

  Graph& graph_;
  const NodeData& composite_;
  std::vector<NodeData>& out_;
  uint32_t inner_;
  std::string prefix_;
  std::vector<ValueId> widened_;  // by operand, kNone: not yet
  std::map<std::string, size_t> name_counts_;
};

/// The rank of operand 0. Fails with UNSUPPORTED where it is not known or below `least`.
Result<size_t> known_rank(const Graph& graph, const NodeData& node, size_t least);

}  // namespace halyard::core
