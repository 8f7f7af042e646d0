#include "facts.hpp"

#include <algorithm>
#include <string_view>

namespace halyard::onnx {
namespace {

constexpr int64_t kUnknown = -1;

bool one_of(std::string_view op, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), op) != list.end();
}

int64_t int_attribute(const NodeSpec& node, std::string_view name, int64_t otherwise) {
  for (const auto& [key, value] : node.attributes)
    if (const auto* i = std::get_if<int64_t>(&value); i != nullptr && key == name) return *i;
  return otherwise;
}

int64_t largest_rank(std::span<const ValueFacts> inputs) {
  int64_t rank = 0;
  for (const ValueFacts& f : inputs) {
    if (f.rank == kUnknown) return kUnknown;
    rank = std::max(rank, f.rank);
  }
  return rank;
}

bool keeps_rank(std::string_view op) {
  return one_of(op, {"Abs",
                     "Neg",
                     "Sign",
                     "Ceil",
                     "Floor",
                     "Round",
                     "Sqrt",
                     "Reciprocal",
                     "Exp",
                     "Log",
                     "Sin",
                     "Cos",
                     "Erf",
                     "Tanh",
                     "Sigmoid",
                     "Relu",
                     "LeakyRelu",
                     "Elu",
                     "Softplus",
                     "HardSigmoid",
                     "HardSwish",
                     "Gelu",
                     "Clip",
                     "Not",
                     "Identity",
                     "Cast",
                     "PRelu",
                     "Transpose",
                     "Concat",
                     "Split",
                     "Slice",
                     "Tile",
                     "Pad",
                     "Conv",
                     "ConvTranspose",
                     "MaxPool",
                     "AveragePool",
                     "GlobalAveragePool",
                     "GlobalMaxPool",
                     "BatchNormalization",
                     "InstanceNormalization",
                     "LayerNormalization",
                     "Softmax",
                     "LogSoftmax",
                     "Resize"});
}

bool broadcasts(std::string_view op) {
  return one_of(op, {"Add", "Sub", "Mul", "Div", "Pow", "Mod", "Min", "Max", "Equal", "Less",
                     "LessOrEqual", "Greater", "GreaterOrEqual", "And", "Or", "Xor", "Where"});
}

/// The number of elements of an operand that lists dims or axes.
int64_t listed(std::span<const ValueFacts> inputs, size_t i, const IntsOf& ints_of) {
  if (i >= inputs.size()) return kUnknown;
  const auto list = ints_of(inputs[i]);
  return list ? static_cast<int64_t>(list->size()) : kUnknown;
}

int64_t reduced_rank(const NodeSpec& node, std::span<const ValueFacts> inputs,
                     const IntsOf& ints_of) {
  const int64_t rank = inputs[0].rank;
  if (rank == kUnknown || int_attribute(node, "keepdims", 1) != 0) return rank;
  if (node.op.starts_with("Arg")) return rank - 1;
  if (node.inputs.size() < 2 || node.inputs[1] == HY_NONE)
    return int_attribute(node, "noop_with_empty_axes", 0) != 0 ? rank : 0;
  const int64_t axes = listed(inputs, 1, ints_of);
  return axes == kUnknown || axes == 0 ? kUnknown : rank - axes;
}

int64_t output_rank(const NodeSpec& node, std::span<const ValueFacts> inputs,
                    const IntsOf& ints_of) {
  const std::string_view op = node.op;
  if (one_of(op, {"Shape", "Range"})) return 1;
  if (op == "Size") return 0;
  if (one_of(op, {"Flatten", "Gemm", "NonZero"})) return 2;
  if (inputs.empty()) return kUnknown;
  const int64_t rank = inputs[0].rank;
  if (keeps_rank(op)) return rank;
  if (broadcasts(op)) return largest_rank(inputs);
  if (op.starts_with("Reduce") || op.starts_with("Arg")) return reduced_rank(node, inputs, ints_of);
  if (op == "Reshape") return listed(inputs, 1, ints_of);
  if (op == "ConstantOfShape") return listed(inputs, 0, ints_of);
  if (inputs.size() < 2 || rank == kUnknown) return kUnknown;
  if (op == "Gather") return inputs[1].rank == kUnknown ? kUnknown : rank + inputs[1].rank - 1;
  if (op == "MatMul")
    return rank >= 2 && inputs[1].rank >= 2 ? std::max(rank, inputs[1].rank) : kUnknown;
  const int64_t count = listed(inputs, 1, ints_of);
  if (count == kUnknown) return kUnknown;
  if (op == "Expand") return std::max(rank, count);
  if (op == "Squeeze") return rank - count;
  if (op == "Unsqueeze") return rank + count;
  return kUnknown;
}

uint32_t single_type(DtypeSet types) {
  if (types == 0 || (types & (types - 1)) != 0) return HY_DTYPE_UNDEFINED;
  uint32_t dtype = 0;
  while (!contains(types, dtype)) ++dtype;
  return dtype;
}

/// The type of the inputs that share a variable with an output.
uint32_t output_dtype(const OperatorDecl& decl, const OperandDecl& output,
                      std::span<const ValueFacts> inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    const OperandDecl* operand = OperatorDecl::at(decl.inputs, i);
    const bool variable = !output.type.empty() && output.type[0] >= 'A' && output.type[0] <= 'Z';
    if (variable && operand != nullptr && operand->type == output.type &&
        inputs[i].dtype != HY_DTYPE_UNDEFINED)
      return inputs[i].dtype;
  }
  return single_type(output.types);
}

}  // namespace

std::vector<ValueFacts> infer_facts(const NodeSpec& node, std::span<const ValueFacts> inputs,
                                    const IntsOf& ints_of) {
  std::vector<ValueFacts> out(node.outputs.size());
  const OperatorDecl* decl = find_operator(node.domain, node.op);
  if (decl == nullptr) return out;
  const int64_t rank = output_rank(node, inputs, ints_of);
  for (size_t i = 0; i < out.size(); ++i) {
    const OperandDecl* operand = OperatorDecl::at(decl->outputs, i);
    if (operand == nullptr) continue;
    if (i == 0 || operand->variadic) out[i].rank = rank < 0 ? kUnknown : rank;
    out[i].dtype = node.op == "Cast" ? static_cast<uint32_t>(int_attribute(node, "to", 0))
                                     : output_dtype(*decl, *operand, inputs);
  }
  return out;
}

}  // namespace halyard::onnx
