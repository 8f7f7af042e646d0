// Shape inference: the types and dims of every value, with symbolic dims and the contents of the small
// integer tensors that shapes are computed from.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/graph/graph.hpp"
#include "halyard/status.hpp"

namespace halyard::core {

/// Content of an i32, i64 or bool tensor of rank 0 or 1 (and at most kMaxKnownInts elements), element by
/// element; a bool is 0 or 1.
using KnownInts = std::optional<std::vector<Dim>>;
inline constexpr int64_t kMaxKnownInts = 256;

/// What is known of a graph's values besides their types.
struct Inference {
  std::vector<KnownInts> ints;  // by value
};

/// The bytes of a constant; an empty result where they cannot be had.
using ConstantReader = std::function<Result<hy_bytes>(const ConstantData&)>;

/// One node as its shape function sees it. Lives during the call; so does all that it is made from.
class InferContext {
 public:
  InferContext(Graph& graph, const NodeData& node, std::span<const KnownInts> ints,
               const ConstantReader& read);
  const NodeData& node() const { return node_; }
  size_t input_count() const { return node_.inputs.size(); }
  bool has_input(size_t i) const { return node_.has_input(i); }
  /// An absent operand has type UNDEFINED and no rank.
  const TensorType& input(size_t i) const;
  const Shape& shape(size_t i) const { return input(i).shape; }
  uint32_t dtype(size_t i) const { return input(i).dtype; }
  /// Contents, where they are known.
  const KnownInts& ints(size_t i) const;
  /// Contents of an f32 or f64 constant of at most kMaxKnownInts elements, where they can be had.
  std::optional<std::vector<double>> floats(size_t i) const;
  /// Contents of an integer constant that an attribute holds.
  KnownInts tensor_ints(const TensorAttr& tensor) const;
  /// "[n,3]": for messages.
  std::string shape_text(size_t i) const;
  const Graph& graph() const { return graph_; }
  /// A body of the node. Fails where the attribute is absent.
  Result<Graph*> body(std::string_view attribute);
  const ConstantReader& reader() const { return read_; }

  /// Both pass over outputs that the node does not have.
  void set_output(size_t i, uint32_t dtype, Shape shape);
  void set_output(size_t i, TensorType type);
  void set_ints(size_t i, std::vector<Dim> content);
  /// An error that names the node.
  Status error(const std::string& message) const;

  std::vector<TensorType> outputs;
  std::vector<KnownInts> output_ints;

 private:
  Graph& graph_;
  const NodeData& node_;
  std::span<const KnownInts> ints_;
  const ConstantReader& read_;
};

/// Checks every node against the operator table (operand count, types, attributes) and writes the type
/// and dims of every value into the graph. A dim that depends on data is unknown. An operator outside
/// the table leaves its outputs as the importer declared them. Fails with INVALID_MODEL, naming the node,
/// where operands contradict the operator's rules.
Result<Inference> infer_graph(Graph& graph, const ConstantReader& read);

}  // namespace halyard::core
