#include "core/opset/infer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/opset/check.hpp"
#include "core/opset/constants.hpp"
#include "core/opset/table.hpp"
#include "halyard/opset.hpp"

namespace halyard::core {

InferContext::InferContext(Graph& graph, const NodeData& node, std::span<const KnownInts> ints,
                           const ConstantReader& read)
    : outputs(node.outputs.size()),
      output_ints(node.outputs.size()),
      graph_(graph),
      node_(node),
      ints_(ints),
      read_(read) {}

const TensorType& InferContext::input(size_t i) const {
  static const TensorType absent;
  return has_input(i) ? graph_.values[node_.inputs[i]].type : absent;
}

const KnownInts& InferContext::ints(size_t i) const {
  static const KnownInts unknown;
  return has_input(i) ? ints_[node_.inputs[i]] : unknown;
}

std::optional<std::vector<double>> InferContext::floats(size_t i) const {
  if (!has_input(i)) return std::nullopt;
  const uint32_t constant = graph_.values[node_.inputs[i]].constant;
  return constant == kNone ? std::nullopt : read_floats(graph_.constants[constant], read_);
}

KnownInts InferContext::tensor_ints(const TensorAttr& tensor) const {
  if (tensor.constant >= graph_.constants.size()) return std::nullopt;
  return read_ints(graph_.constants[tensor.constant], read_);
}

std::string InferContext::shape_text(size_t i) const {
  return core::shape_text(shape(i), graph_.symbol_names());
}

void InferContext::set_output(size_t i, uint32_t dtype, Shape shape) {
  if (i < outputs.size()) outputs[i] = {dtype, std::move(shape)};
}

void InferContext::set_output(size_t i, TensorType type) {
  if (i < outputs.size()) outputs[i] = std::move(type);
}

Result<Graph*> InferContext::body(std::string_view attribute) {
  Graph* found = graph_.body(node_, attribute);
  if (found == nullptr) return error(fmt::format("attribute \"{}\" holds no body", attribute));
  return found;
}

void InferContext::set_ints(size_t i, std::vector<Dim> content) {
  if (i < output_ints.size()) output_ints[i] = std::move(content);
}

Status InferContext::error(const std::string& message) const {
  return invalid_model(fmt::format("{}: {}", node_.label(), message));
}

namespace {

/// A shape that memory or the flat form could not hold.
Status check_limits(const InferContext& context, const ValueData& value, const Shape& shape) {
  if (!shape) return {};
  if (shape->size() > HY_GRAPH_MAX_RANK)
    return context.error(fmt::format("its output \"{}\" would have rank {}; the limit is {}",
                                     value.name, shape->size(), HY_GRAPH_MAX_RANK));
  int64_t product = 1;
  for (const Dim& d : *shape) {
    if (!d.is_fixed() || d.value() == 0) continue;
    const bool overflow = __builtin_mul_overflow(product, d.value(), &product);
    if (d.value() < 0 || overflow || product > HY_GRAPH_MAX_ELEMENTS)
      return context.error(
          fmt::format("its output \"{}\" would have the dims {}, which no tensor can have",
                      value.name, core::shape_text(shape, context.graph().symbol_names())));
  }
  return {};
}

/// Contents that fit the type and the dims of the output; others are dropped.
KnownInts checked(KnownInts content, const TensorType& type) {
  if (!content || !type.is_tensor() || !type.shape || type.shape->size() > 1) return std::nullopt;
  if (content->size() > static_cast<size_t>(kMaxKnownInts)) return std::nullopt;
  if (!element_count(type.shape).is_fixed(static_cast<int64_t>(content->size())))
    return std::nullopt;
  const bool narrow = type.dtype == HY_DTYPE_I32;
  if (!narrow && type.dtype != HY_DTYPE_I64 && type.dtype != HY_DTYPE_BOOL) return std::nullopt;
  for (Dim& d : *content)
    if (narrow && d.is_fixed() && (d.value() < INT32_MIN || d.value() > INT32_MAX)) d = Dim();
  return content;
}

bool may_have_values(const InferContext& context) {
  return std::any_of(context.outputs.begin(), context.outputs.end(), [](const TensorType& t) {
    return t.is_tensor() && t.shape && t.shape->size() <= 1 &&
           (t.dtype == HY_DTYPE_I64 || t.dtype == HY_DTYPE_I32 || t.dtype == HY_DTYPE_BOOL);
  });
}

Status infer_node(Graph& graph, const NodeData& node, std::vector<KnownInts>& ints,
                  const ConstantReader& read) {
  const OperatorDecl* decl = find_operator(node.domain, node.op);
  const OperatorImpl* impl = find_operator_impl(node.domain, node.op);
  if (decl == nullptr || impl == nullptr || node.signature != decl->digest) return {};
  HY_RETURN_IF_ERROR(check_node(graph, node, *decl));
  InferContext context(graph, node, ints, read);
  HY_RETURN_IF_ERROR(impl->infer(context));
  if (impl->values != nullptr && may_have_values(context))
    HY_RETURN_IF_ERROR(impl->values(context));
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (!node.has_output(i)) continue;
    ValueData& value = graph.values[node.outputs[i]];
    TensorType& found = context.outputs[i];
    if (found.dtype == HY_DTYPE_UNDEFINED) found.dtype = value.type.dtype;
    if (value.type.dtype != HY_DTYPE_UNDEFINED && found.dtype != value.type.dtype)
      return context.error(fmt::format("its output \"{}\" is {} but the model declares it as {}",
                                       value.name, dtype_name(found.dtype),
                                       dtype_name(value.type.dtype)));
    HY_RETURN_IF_ERROR(check_limits(context, value, found.shape));
    ints[node.outputs[i]] = checked(std::move(context.output_ints[i]), found);
    value.type = std::move(found);
  }
  return {};
}

}  // namespace

Result<Inference> infer_graph(Graph& graph, const ConstantReader& read) {
  Inference out;
  out.ints.resize(graph.values.size());
  for (ValueId v = 0; v < graph.values.size(); ++v)
    if (const uint32_t c = graph.values[v].constant; c != kNone)
      out.ints[v] = checked(read_ints(graph.constants[c], read), graph.values[v].type);
  for (const NodeData& node : graph.nodes)
    HY_RETURN_IF_ERROR(infer_node(graph, node, out.ints, read));
  return out;
}

}  // namespace halyard::core
