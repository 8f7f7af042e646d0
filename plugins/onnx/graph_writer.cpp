#include "graph_writer.hpp"

#include <cstring>

#include "check_node.hpp"
#include "text.hpp"

namespace halyard::onnx {
namespace {

// 64 dims, the most a shape can have, as i64.
constexpr uint64_t kInlineBytes = 512;

}  // namespace

uint32_t GraphWriter::add_subgraph(std::string_view name) {
  facts_.emplace_back();
  nodes_.emplace_back();
  return builder_.add_subgraph(name);
}

uint32_t GraphWriter::add_constant(const TensorData& data) {
  constants_.push_back(data);
  if (data.bytes.size() <= kInlineBytes)
    return builder_.add_inline_constant(data.dtype, data.dims, data.bytes.data(),
                                        data.bytes.size());
  return builder_.add_weight_constant(data.dtype, data.dims, store_.add(data.bytes),
                                      data.bytes.size());
}

uint32_t GraphWriter::add_owned_constant(uint32_t dtype, const std::vector<int64_t>& dims,
                                         std::string bytes) {
  return add_constant({dtype, dims, store_.keep(std::move(bytes))});
}

uint32_t GraphWriter::add_ints(const std::vector<int64_t>& list) {
  const auto* bytes = reinterpret_cast<const char*>(list.data());
  return add_owned_constant(HY_DTYPE_I64, {static_cast<int64_t>(list.size())},
                            std::string(bytes, bytes + list.size() * sizeof(int64_t)));
}

uint32_t GraphWriter::symbol(std::string_view name) {
  const auto known = symbols_.find(name);
  if (known != symbols_.end()) return known->second;
  return symbols_.emplace(name, builder_.add_symbol(name)).first->second;
}

uint32_t GraphWriter::remember(uint32_t subgraph, uint32_t value, const ValueFacts& facts) {
  auto& list = facts_[subgraph];
  if (list.size() <= value) list.resize(value + 1);
  list[value] = facts;
  return value;
}

uint32_t GraphWriter::add_input(uint32_t subgraph, std::string_view name, uint32_t dtype,
                                const ShapeSpec& shape, const ValueFacts& facts) {
  return remember(subgraph, builder_.add_input(subgraph, name, dtype, shape), facts);
}

uint32_t GraphWriter::add_constant_value(uint32_t subgraph, std::string_view name,
                                         uint32_t constant) {
  const TensorData& data = constants_[constant];
  const ValueFacts facts{data.dtype, static_cast<int64_t>(data.dims.size()), constant};
  return remember(subgraph, builder_.add_constant_value(subgraph, name, constant), facts);
}

uint32_t GraphWriter::add_result(uint32_t subgraph, std::string_view name, uint32_t dtype,
                                 uint32_t type, const ValueFacts& hint) {
  return remember(subgraph, builder_.add_result(subgraph, name, dtype, std::nullopt, type), hint);
}

Status GraphWriter::add_node(uint32_t subgraph, NodeSpec node) {
  HY_RETURN_IF_ERROR(check_node(node));
  std::vector<ValueFacts> inputs;
  for (uint32_t v : node.inputs) inputs.push_back(facts(subgraph, v));
  const auto ints_of = [this](const ValueFacts& f) { return known_ints(f); };
  const std::vector<ValueFacts> outputs = infer_facts(node, inputs, ints_of);
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (node.outputs[i] == HY_NONE) continue;
    ValueFacts& known = facts_[subgraph][node.outputs[i]];
    if (outputs[i].dtype != HY_DTYPE_UNDEFINED) known.dtype = outputs[i].dtype;
    if (outputs[i].rank >= 0) known.rank = outputs[i].rank;
  }
  if (keep_nodes_) nodes_[subgraph].push_back(node);
  builder_.add_node(subgraph, std::move(node));
  return {};
}

ValueFacts GraphWriter::facts(uint32_t subgraph, uint32_t value) const {
  return value == HY_NONE ? ValueFacts{} : facts_[subgraph][value];
}

std::optional<std::vector<int64_t>> GraphWriter::known_ints(const ValueFacts& facts) const {
  if (facts.constant == HY_NONE) return std::nullopt;
  const TensorData& data = constants_[facts.constant];
  if (data.dims.size() > 1 || data.bytes.size() > kInlineBytes ||
      (data.dtype != HY_DTYPE_I64 && data.dtype != HY_DTYPE_I32))
    return std::nullopt;
  const size_t width = data.dtype == HY_DTYPE_I64 ? 8 : 4;
  std::vector<int64_t> out;
  for (size_t at = 0; at + width <= data.bytes.size(); at += width) {
    int64_t wide = 0;
    int32_t narrow = 0;
    std::memcpy(width == 8 ? static_cast<void*>(&wide) : &narrow, data.bytes.data() + at, width);
    out.push_back(width == 8 ? wide : narrow);
  }
  return out;
}

}  // namespace halyard::onnx
