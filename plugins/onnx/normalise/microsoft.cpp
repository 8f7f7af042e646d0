// Operators of ONNX Runtime's own set, com.microsoft, as standard ones: activations, normalisations, products.
// Source: ContribOperators.md of ONNX Runtime.
#include <string>

#include "normalise/table.hpp"

namespace halyard::onnx {

namespace {

Result<uint32_t> added(Rewriter& node, uint32_t x, size_t operand) {
  if (!node.has_input(operand)) return x;
  return node.emit("Add", {x, node.input(operand)});
}

}  // namespace

/// Gelu, BiasGelu and FastGelu: a bias may come first; the last is the tanh form.
Status microsoft_gelu(Rewriter& node) {
  const std::string form = node.op() == "FastGelu" ? "tanh" : "none";
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const uint32_t x, added(node, node.input(0), 1));
  return node.finish("Gelu", {x}, {{"approximate", form}});
}

/// x * sigmoid(alpha * x)
Status quick_gelu(Rewriter& node) {
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const double alpha, node.take_float("alpha", 1.702));
  return node.finish("Swish", {node.input(0)}, {{"alpha", alpha}});
}

/// Nothing but the domain differs.
Status same_in_standard_set(Rewriter& node) {
  node.use_standard_set();
  return node.finish();
}

Status expand_dims(Rewriter& node) {
  node.use_standard_set();
  return node.finish("Unsqueeze", node.inputs(), {});
}

/// Of the last dims, by the mean square.
Status simplified_layer_normalization(Rewriter& node) {
  node.use_standard_set();
  if (node.output_used(1))
    return unsupported(
        "output 1, which only training needs, is used; export the model for inference");
  return node.finish("RMSNormalization", {node.input(0), node.input(1)}, node.rest(), 1);
}

namespace {

/// Output 1 is a mean, which this normalisation takes to be 0; output 2 is 1 / sqrt(mean(x^2) + epsilon). f32.
Status mean_square_outputs(Rewriter& node, uint32_t x, double epsilon) {
  if (!node.output_used(1) && !node.output_used(2)) return {};
  HY_ASSIGN_OR_RETURN(x, node.emit("Cast", {x}, {{"to", int64_t{HY_DTYPE_F32}}}));
  HY_ASSIGN_OR_RETURN(const uint32_t square, node.emit("Mul", {x, x}));
  HY_ASSIGN_OR_RETURN(uint32_t y, node.emit("ReduceMean", {square, node.ints({-1})}));
  if (node.output_used(1))
    HY_RETURN_IF_ERROR(node.finish_output(1, "Mul", {y, node.scalar(HY_DTYPE_F32, 0)}, {}));
  HY_ASSIGN_OR_RETURN(y, node.emit("Add", {y, node.scalar(HY_DTYPE_F32, epsilon)}));
  HY_ASSIGN_OR_RETURN(y, node.emit("Sqrt", {y}));
  return node.finish_output(2, "Reciprocal", {y}, {});
}

}  // namespace

/// Input and skip are added, and a bias, then normalised. Output 3 is the sum.
Status skip_layer_normalization(Rewriter& node) {
  node.use_standard_set();
  const bool simplified = node.op() == "SkipSimplifiedLayerNormalization";
  HY_ASSIGN_OR_RETURN(const double epsilon, node.take_float("epsilon", 1e-12));
  HY_ASSIGN_OR_RETURN(uint32_t sum, node.emit("Add", {node.input(0), node.input(1)}));
  HY_ASSIGN_OR_RETURN(sum, added(node, sum, simplified ? 3 : 4));
  if (node.output_used(3)) HY_RETURN_IF_ERROR(node.finish_output(3, "Identity", {sum}, {}));
  const Attributes attributes{{"axis", int64_t{-1}}, {"epsilon", epsilon}};
  if (!simplified)
    return node.finish("LayerNormalization", {sum, node.input(2), node.input(3)}, attributes, 3);
  HY_RETURN_IF_ERROR(mean_square_outputs(node, sum, epsilon));
  return node.finish("RMSNormalization", {sum, node.input(2)}, attributes, 1);
}

/// Embeddings of words, positions and segments are added, then normalised. Output 1 counts the words of
/// each sequence that the mask keeps, output 2 is the sum.
Status embed_layer_normalization(Rewriter& node) {
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const double epsilon, node.take_float("epsilon", 1e-12));
  node.drop("mask_index_type");
  const uint32_t ids = node.input(0);
  HY_ASSIGN_OR_RETURN(uint32_t sum, node.emit("Gather", {node.input(2), ids}));
  if (node.has_input(8)) {
    HY_ASSIGN_OR_RETURN(const uint32_t positions,
                        node.emit("Gather", {node.input(3), node.input(8)}));
    HY_ASSIGN_OR_RETURN(sum, node.emit("Add", {sum, positions}));
  } else {
    HY_ASSIGN_OR_RETURN(const uint32_t length,
                        node.emit("Shape", {ids}, {{"start", int64_t{1}}, {"end", int64_t{2}}}));
    HY_ASSIGN_OR_RETURN(const uint32_t positions, node.emit("Slice", {node.input(3), node.ints({0}),
                                                                      length, node.ints({0})}));
    HY_ASSIGN_OR_RETURN(sum, node.emit("Add", {sum, positions}));
  }
  if (node.has_input(1)) {
    if (!node.has_input(4))
      return invalid_model("segment_ids are given and segment_embedding is not");
    HY_ASSIGN_OR_RETURN(const uint32_t segments,
                        node.emit("Gather", {node.input(4), node.input(1)}));
    HY_ASSIGN_OR_RETURN(sum, node.emit("Add", {sum, segments}));
  }
  if (node.output_used(1)) {
    HY_ASSIGN_OR_RETURN(uint32_t mask, node.emit("Cast", {node.has_input(7) ? node.input(7) : ids},
                                                 {{"to", int64_t{HY_DTYPE_I32}}}));
    if (!node.has_input(7)) {
      HY_ASSIGN_OR_RETURN(mask, node.emit("Sub", {mask, mask}));
    }
    HY_RETURN_IF_ERROR(
        node.finish_output(1, "ReduceSum", {mask, node.ints({1})}, {{"keepdims", int64_t{0}}}));
  }
  if (node.output_used(2)) HY_RETURN_IF_ERROR(node.finish_output(2, "Identity", {sum}, {}));
  return node.finish("LayerNormalization", {sum, node.input(5), node.input(6)},
                     {{"axis", int64_t{-1}}, {"epsilon", epsilon}}, 1);
}

namespace {

/// An operand whose batch dims or matrix are transposed.
Result<uint32_t> turned(Rewriter& node, size_t i, bool matrix, bool batch) {
  const uint32_t x = node.input(i);
  if (!matrix && !batch) return x;
  const int64_t rank = node.facts(x).rank;
  if (rank < 0)
    return unsupported("operand " + std::to_string(i) +
                       " is to be transposed, and its rank is not known");
  if (rank < 2) return x;
  std::vector<int64_t> perm;
  for (int64_t a = 0; a < rank; ++a) perm.push_back(a);
  // The batch form moves the dim before the last one to the front.
  if (batch && rank > 2) {
    perm.erase(perm.end() - 2);
    perm.insert(perm.begin(), rank - 2);
  }
  if (matrix) std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  return node.emit("Transpose", {x}, {{"perm", perm}});
}

/// The activation that a fused operator names, as the last node.
Status finish_activated(Rewriter& node, uint32_t x, const std::string& activation,
                        const std::vector<double>& parameters) {
  const auto parameter = [&](size_t i, double otherwise) {
    return i < parameters.size() ? parameters[i] : otherwise;
  };
  if (activation.empty()) return node.finish("Identity", {x}, {});
  if (activation == "Relu" || activation == "Tanh" || activation == "Sigmoid" ||
      activation == "HardSwish")
    return node.finish(activation, {x}, {});
  if (activation == "LeakyRelu")
    return node.finish(activation, {x}, {{"alpha", parameter(0, 0.01)}});
  if (activation == "HardSigmoid")
    return node.finish(activation, {x},
                       {{"alpha", parameter(0, 0.2)}, {"beta", parameter(1, 0.5)}});
  if (activation == "Clip") {
    const uint32_t dtype = node.facts(x).dtype;
    return node.finish(activation,
                       {x, node.scalar(dtype, parameter(0, -3.4028234663852886e38)),
                        node.scalar(dtype, parameter(1, 3.4028234663852886e38))},
                       {});
  }
  return unsupported(
      "activation \"" + activation +
      "\"; Relu, Tanh, Sigmoid, HardSwish, LeakyRelu, HardSigmoid and Clip are known");
}

}  // namespace

/// FusedMatMul and TransposeMatMul: alpha * op(A) op(B).
Status fused_matmul(Rewriter& node) {
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const double alpha, node.take_float("alpha", 1));
  HY_ASSIGN_OR_RETURN(const int64_t turn_a, node.take_int("transA", 0));
  HY_ASSIGN_OR_RETURN(const int64_t turn_b, node.take_int("transB", 0));
  HY_ASSIGN_OR_RETURN(const int64_t batch_a, node.take_int("transBatchA", 0));
  HY_ASSIGN_OR_RETURN(const int64_t batch_b, node.take_int("transBatchB", 0));
  HY_ASSIGN_OR_RETURN(const uint32_t a, turned(node, 0, turn_a != 0, batch_a != 0));
  HY_ASSIGN_OR_RETURN(const uint32_t b, turned(node, 1, turn_b != 0, batch_b != 0));
  if (alpha == 1) return node.finish("MatMul", {a, b}, {});
  HY_ASSIGN_OR_RETURN(const uint32_t y, node.emit("MatMul", {a, b}));
  return node.finish("Mul", {y, node.scalar(node.facts(node.input(0)).dtype, alpha)}, {});
}

/// Conv, then Z is added, then an activation.
Status fused_conv(Rewriter& node) {
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const std::string activation, node.take_string("activation", ""));
  HY_ASSIGN_OR_RETURN(const auto parameters, node.take_floats("activation_params"));
  HY_ASSIGN_OR_RETURN(
      uint32_t y, node.emit("Conv", {node.input(0), node.input(1), node.input(2)}, node.rest()));
  HY_ASSIGN_OR_RETURN(y, added(node, y, 3));
  return finish_activated(node, y, activation, parameters.value_or(std::vector<double>()));
}

Status fused_gemm(Rewriter& node) {
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const std::string activation, node.take_string("activation", ""));
  HY_ASSIGN_OR_RETURN(const double alpha, node.take_float("activation_alpha", 0.01));
  HY_ASSIGN_OR_RETURN(const double beta, node.take_float("activation_beta", 0.5));
  node.drop("activation_gamma");
  HY_ASSIGN_OR_RETURN(const uint32_t y, node.emit("Gemm", node.inputs(), node.rest()));
  return finish_activated(node, y, activation, {alpha, beta});
}

}  // namespace halyard::onnx
