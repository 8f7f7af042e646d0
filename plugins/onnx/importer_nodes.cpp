// The importer's part for nodes: operands, attributes, the way through the table of rules.
#include <algorithm>
#include <limits>

#include "element_type.hpp"
#include "halyard/abi/graph.h"
#include "importer.hpp"
#include "node_order.hpp"
#include "normalise/table.hpp"
#include "text.hpp"
#include "value_type.hpp"

namespace halyard::onnx {
namespace {

constexpr uint64_t kMostInlined = 1 << 18;

/// "ai.onnx" is the standard domain's long name.
std::string_view short_domain(std::string_view domain) { return domain == "ai.onnx" ? "" : domain; }

/// Memory reuse, said by old opsets, long without meaning.
bool is_obsolete(std::string_view attribute, const SourceNode& node) {
  return node.domain.empty() && node.version < 6 && attribute == "consumed_inputs";
}

Result<std::vector<std::string>> texts(const proto::Texts& list) {
  std::vector<std::string> out;
  for (std::string_view s : list) {
    if (!is_utf8(s)) return unsupported("it is not UTF-8 text");
    out.emplace_back(s);
  }
  return out;
}

}  // namespace

Result<int64_t> Importer::version_of(const Scope& scope, std::string_view domain) const {
  for (const auto& [name, version] : *scope.opsets) {
    if (short_domain(name) != domain) continue;
    if (version < 1 && domain.empty())
      return invalid_model("the model imports version " + std::to_string(version) +
                           " of the standard operator set; versions begin with 1");
    return version;
  }
  if (!domain.empty()) return 0;
  if (model_.ir_version < 3) return 1;  // from before a model said it
  return invalid_model(
      "the model does not say which version of the standard operator set it uses"
      " (opset_import)");
}

Status Importer::read_nodes(Scope& scope, const std::vector<proto::Node>& nodes) {
  for (const proto::Node& node : nodes) {
    scope.used.insert(node.inputs.begin(), node.inputs.end());
    const auto captured = captured_names(node);
    scope.used.insert(captured.begin(), captured.end());
    if (is_gradient(node)) scope.used.insert(differentiated(node));
  }
  const auto own = [&](std::string_view name) { return scope.defines(name); };
  const auto outer = [&](std::string_view name) { return scope.constant(name) != HY_NONE; };
  HY_ASSIGN_OR_RETURN(const std::vector<uint32_t> order, order_nodes(nodes, own, outer));
  for (uint32_t i : order)
    HY_RETURN_IF_ERROR(read_node(scope, nodes[i]).with_context(describe(nodes[i])));
  return {};
}

Status Importer::read_node(Scope& scope, const proto::Node& node) {
  if (node.op.empty()) return invalid_model("it has no operator");
  if (scope.calls > 0 && ++inlined_ > kMostInlined)
    return unsupported("the model's functions unfold into more than " +
                       std::to_string(kMostInlined) + " nodes");
  if (const proto::Function* function = function_of(node)) return call(scope, node, *function);

  SourceNode source;
  source.domain = short_domain(node.domain);
  source.op = node.op;
  source.name = scope.prefix + name_of(node);
  source.subgraph = scope.subgraph;
  HY_ASSIGN_OR_RETURN(source.version, version_of(scope, source.domain));
  HY_RETURN_IF_ERROR(read_operands(scope, node, &source));
  HY_RETURN_IF_ERROR(read_attributes(scope, node, &source));
  std::vector<uint32_t> bodies;
  for (const auto& [name, value] : source.attributes)
    if (const auto* body = std::get_if<GraphAttr>(&value)) bodies.push_back(body->subgraph);
  HY_RETURN_IF_ERROR(is_gradient(node) ? rewrite_gradient(scope, source) : rewrite(source));
  learn_types(source, bodies);
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    const SourceOutput& output = source.outputs[i];
    if (output.value != HY_NONE) scope.values[node.outputs[i]] = output.value;
    if (output.constant != HY_NONE) scope.constants[node.outputs[i]] = output.constant;
  }
  return {};
}

/// The outputs of a node with bodies have the types of the bodies' outputs.
void Importer::learn_types(const SourceNode& node, const std::vector<uint32_t>& bodies) {
  if (!node.domain.empty() || (node.op != "If" && node.op != "Loop" && node.op != "Scan")) return;
  const size_t first = node.op == "Loop" ? 1 : 0;  // before them, whether to go on
  for (const uint32_t body : bodies) {
    const std::vector<uint32_t>& types = body_types_[body];
    for (size_t i = 0; i < node.outputs.size() && first + i < types.size(); ++i) {
      const uint32_t value = node.outputs[i].value;
      if (value == HY_NONE || types[first + i] == HY_DTYPE_UNDEFINED) continue;
      if (writer_.facts(node.subgraph, value).dtype == HY_DTYPE_UNDEFINED)
        writer_.set_known_dtype(node.subgraph, value, types[first + i]);
    }
  }
}

Status Importer::rewrite(SourceNode& source) {
  Rewriter rewriter(writer_, source);
  const Rule* rule = find_rule(source.domain, source.op, source.version);
  return rule != nullptr ? rule->apply(rewriter) : rewriter.finish();
}

Status Importer::read_operands(Scope& scope, const proto::Node& node, SourceNode* source) {
  for (std::string_view name : node.inputs) {
    const std::optional<uint32_t> value = name.empty() ? HY_NONE : value_of(scope, name);
    if (!value) return invalid_model("value " + quote(name) + " is used and nothing defines it");
    source->inputs.push_back(*value);
  }
  for (std::string_view name : node.outputs) {
    SourceOutput& output = source->outputs.emplace_back();
    if (name.empty()) continue;
    output.name = scope.shown(name);
    output.used = scope.used.contains(name);
    const auto hint = scope.hints.find(name);
    if (hint == scope.hints.end()) continue;
    output.hint = declared_facts(*hint->second);
    output.type = declared_type(*hint->second);
    if (scope.outputs.contains(name)) output.dtype = output.hint.dtype;
  }
  return {};
}

std::vector<Importer::Attribute> Importer::attributes_of(const Scope& scope,
                                                         const proto::Node& node) const {
  std::vector<Attribute> out;
  for (const proto::Attribute& a : node.attributes) {
    if (a.ref_name.empty()) {
      out.push_back({a.name, &a});
      continue;
    }
    // An attribute of the enclosing function that its caller did not give is absent here too.
    if (scope.call_attributes == nullptr) continue;
    const auto given = scope.call_attributes->find(a.ref_name);
    if (given != scope.call_attributes->end()) out.push_back({a.name, given->second});
  }
  return out;
}

Status Importer::read_attributes(Scope& scope, const proto::Node& node, SourceNode* source) {
  const std::vector<Attribute> attributes = attributes_of(scope, node);
  std::unordered_set<std::string_view> seen;
  for (const Attribute& a : attributes) {
    const std::string what = "attribute " + quote(a.name);
    if (a.name.empty()) return invalid_model("an attribute has no name");
    if (!seen.insert(a.name).second) return invalid_model(what + " is given twice");
    if (is_obsolete(a.name, *source)) continue;
    if (a.value->type == proto::kTypeProto && source->op == "Optional" && a.name == "type") {
      // What an empty optional could hold: its result's type rather than an attribute.
      if (a.value->tp == nullptr) return invalid_model(what + " has no type");
      if (!source->outputs.empty()) {
        source->outputs[0].type = HY_TYPE_OPTIONAL;
        source->outputs[0].hint.dtype = dtype_of(a.value->tp->elem_type);
      }
      continue;
    }
    Result<AttributeValue> value = attribute_value(scope, node, *a.value);
    if (!value.ok()) return value.status().with_context(what);
    source->attributes.emplace_back(a.name, std::move(value).value());
  }
  // What the bodies use from here comes after the node's own operands, also those it leaves out.
  if (source->op == "Loop" && source->domain.empty() && source->inputs.size() < 2)
    source->inputs.resize(2, HY_NONE);
  const size_t own = source->inputs.size();
  for (std::string_view name : captured_names(node))
    if (scope.constant(name) == HY_NONE) source->inputs.push_back(*value_of(scope, name));
  if (source->inputs.size() != own)
    source->attributes.emplace_back("num_outer", static_cast<int64_t>(source->inputs.size() - own));
  return {};
}

Result<AttributeValue> Importer::attribute_value(Scope& scope, const proto::Node& node,
                                                 const proto::Attribute& a) {
  switch (a.type) {
    case proto::kFloat:
      return AttributeValue(static_cast<double>(a.f));
    case proto::kInt:
      return AttributeValue(a.i);
    case proto::kFloats:
      return AttributeValue(std::vector<double>(a.floats.begin(), a.floats.end()));
    case proto::kInts:
      return AttributeValue(a.ints);
    case proto::kString: {
      HY_ASSIGN_OR_RETURN(const auto list, texts({a.s}));
      return AttributeValue(list[0]);
    }
    case proto::kStrings: {
      HY_ASSIGN_OR_RETURN(auto list, texts(a.strings));
      return AttributeValue(std::move(list));
    }
    case proto::kTensor: {
      if (a.t == nullptr) return invalid_model("it says that it is a tensor, and has none");
      HY_ASSIGN_OR_RETURN(const uint32_t constant, read_constant(*a.t));
      return AttributeValue(TensorAttr{constant});
    }
    case proto::kGraph: {
      if (a.g == nullptr) return invalid_model("it says that it is a graph, and has none");
      std::vector<std::string_view> captured;
      for (std::string_view name : captured_names(node))
        if (scope.constant(name) == HY_NONE && value_of(scope, name)) captured.push_back(name);
      // A body need not say of which type its inputs are: those of the operands they stand for.
      std::vector<uint32_t> types;
      if (node.op == "Loop" || node.op == "Scan")
        for (std::string_view name : node.inputs) {
          const auto value = name.empty() ? std::nullopt : value_of(scope, name);
          types.push_back(value ? writer_.facts(scope.subgraph, *value).dtype
                                : uint32_t{HY_DTYPE_UNDEFINED});
        }
      if (node.op == "Loop") {
        types.resize(std::max<size_t>(2, types.size()), uint32_t{HY_DTYPE_UNDEFINED});
        types[0] = HY_DTYPE_I64;
        types[1] = HY_DTYPE_BOOL;
      }
      HY_ASSIGN_OR_RETURN(const uint32_t body, read_body(scope, *a.g, captured, types));
      return AttributeValue(GraphAttr{body});
    }
    case proto::kUndefined:
      return invalid_model("it has no value");
    default:
      return unsupported(
          "it is a list of tensors or graphs, a type or a sparse tensor, which is not read");
  }
}

}  // namespace halyard::onnx
