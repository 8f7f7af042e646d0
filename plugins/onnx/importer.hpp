// From the messages of a file to a flat graph.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "external_data.hpp"
#include "graph_writer.hpp"
#include "halyard/status.hpp"
#include "proto.hpp"
#include "rewriter.hpp"
#include "scope.hpp"
#include "weight_store.hpp"

namespace halyard::onnx {

/// Imports one model, once. Single-threaded. The model, and through it the file, outlive the object;
/// weights go to the store.
///
/// Functions of the model are inlined. Bodies of control flow become closed subgraphs: what they use
/// from outside are operands after the node's own, and inputs after the body's own, the same for all
/// bodies of a node; constants are not passed but shared.
class Importer {
 public:
  Importer(const proto::Model& model, ExternalData& external, WeightStore& store)
      : model_(model), external_(external), store_(store), writer_(store) {}

  /// The bytes of the graph. Fails with INVALID_MODEL and UNSUPPORTED, naming node and value.
  Result<std::vector<unsigned char>> run();

 private:
  struct Attribute {
    std::string_view name;
    const proto::Attribute* value;
  };

  // ---- Graphs ----
  Status read_main();
  Status read_initializers(Scope& scope, const proto::Graph& graph);
  void read_hints(Scope& scope, const proto::Graph& graph);
  Status read_outputs(Scope& scope, const proto::Graph& graph);
  Result<uint32_t> read_body(const Scope& outside, const proto::Graph& graph,
                             const std::vector<std::string_view>& captured,
                             const std::vector<uint32_t>& operand_types);

  // ---- Nodes ----
  Status read_nodes(Scope& scope, const std::vector<proto::Node>& nodes);
  Status read_node(Scope& scope, const proto::Node& node);
  Status rewrite(SourceNode& source);
  void learn_types(const SourceNode& node, const std::vector<uint32_t>& bodies);
  Status rewrite_gradient(Scope& scope, SourceNode& source);
  Status read_operands(Scope& scope, const proto::Node& node, SourceNode* source);
  Status read_attributes(Scope& scope, const proto::Node& node, SourceNode* source);
  std::vector<Attribute> attributes_of(const Scope& scope, const proto::Node& node) const;
  Result<AttributeValue> attribute_value(Scope& scope, const proto::Node& node,
                                         const proto::Attribute& attribute);
  Result<int64_t> version_of(const Scope& scope, std::string_view domain) const;

  // ---- Functions ----
  void index_functions();
  const proto::Function* function_of(const proto::Node& node) const;
  Status call(Scope& scope, const proto::Node& node, const proto::Function& function);
  Status give_outputs(Scope& scope, Scope& inside, const proto::Node& node,
                      const proto::Function& function);

  // ---- Values ----
  Result<uint32_t> read_constant(const proto::Tensor& tensor);
  /// The value of a name in the scope's own subgraph; nullopt where nothing defines it.
  std::optional<uint32_t> value_of(Scope& scope, std::string_view name);

  const proto::Model& model_;
  ExternalData& external_;
  WeightStore& store_;
  GraphWriter writer_;
  std::unordered_map<std::string, const proto::Function*> functions_;
  std::unordered_map<const proto::Tensor*, uint32_t> constants_;  // a function's are read once
  std::unordered_map<uint32_t, std::vector<uint32_t>> body_types_;  // of a body's outputs
  uint64_t inlined_ = 0;  // nodes of functions, over all calls
};

}  // namespace halyard::onnx
