#include "normalise/table.hpp"

#include "node_order.hpp"

namespace halyard::onnx {
namespace {

constexpr std::string_view kMicrosoft = "com.microsoft";

// The last version of the operator set that still has the old form stands in the middle. Whoever adds a
// row to the operator table looks up the operator's history in ONNX's Changelog.md and adds the old
// forms here.
constexpr Rule kRules[] = {
    {"Cast", kEveryVersion, cast},
    {"CastLike", kEveryVersion, cast_like},
    {"BitCast", kEveryVersion, cast},
    {"Clip", 10, clip_attributes},
    {"Add", 6, old_broadcast},
    {"Sub", 6, old_broadcast},
    {"Mul", 6, old_broadcast},
    {"Div", 6, old_broadcast},
    {"Pow", 6, old_broadcast},
    {"And", 6, old_broadcast},
    {"Or", 6, old_broadcast},
    {"Xor", 6, old_broadcast},
    {"Equal", 6, old_broadcast},
    {"Less", 6, old_broadcast},
    {"Greater", 6, old_broadcast},
    {"PRelu", 6, old_prelu},
    {"Sum", kEveryVersion, sum},
    {"Mean", kEveryVersion, mean},

    {"Squeeze", 12, axes_attribute},
    {"Squeeze", kEveryVersion, squeeze},
    {"Unsqueeze", 12, axes_attribute},
    {"ReduceSum", 12, axes_attribute},
    {"ReduceMean", 17, axes_attribute},
    {"ReduceMax", 17, axes_attribute},
    {"ReduceMin", 17, axes_attribute},
    {"ReduceProd", 17, axes_attribute},
    {"ReduceL1", 17, axes_attribute},
    {"ReduceL2", 17, axes_attribute},
    {"ReduceLogSum", 17, axes_attribute},
    {"ReduceLogSumExp", 17, axes_attribute},
    {"ReduceSumSquare", 17, axes_attribute},
    {"Reshape", 4, reshape_attribute},
    {"Slice", 9, slice_attributes},
    {"Split", kEveryVersion, split},
    {"Pad", 10, pad_attributes},
    {"Scatter", kEveryVersion, scatter},
    {"EyeLike", kEveryVersion, dtype_attribute},
    {"RandomNormal", kEveryVersion, dtype_attribute},
    {"RandomUniform", kEveryVersion, dtype_attribute},
    {"RandomNormalLike", kEveryVersion, dtype_attribute},
    {"RandomUniformLike", kEveryVersion, dtype_attribute},
    {"Bernoulli", kEveryVersion, dtype_attribute},
    {"Multinomial", kEveryVersion, dtype_attribute},
    {"SequenceEmpty", kEveryVersion, dtype_attribute},
    {"LpPool", 1, old_lp_pool},
    {"GlobalLpPool", 1, old_lp_pool},
    {"GridSample", 19, old_grid_sample},
    {"RoiAlign", 15, old_roi_align},
    {"QuantizeLinear", kEveryVersion, dtype_attribute},
    {"DequantizeLinear", kEveryVersion, dtype_attribute},
    {"Attention", kEveryVersion, dtype_attribute},
    {"Concat", 3, old_concat},
    {"Tile", 5, old_tile},

    {"Constant", kEveryVersion, constant},
    {"ConstantOfShape", kEveryVersion, constant_of_shape},

    {"BatchNormalization", kEveryVersion, batch_normalization},
    {"Dropout", kEveryVersion, dropout},
    {"Softmax", 12, flat_softmax},
    {"LogSoftmax", 12, flat_softmax},
    {"Hardmax", 12, flat_softmax},
    {"Gemm", 6, old_gemm},

    {"GroupNormalization", 20, group_normalization_18},
    {"MeanVarianceNormalization", 8, mean_variance_normalization_1},
    {"LSTM", 6, old_recurrent},
    {"GRU", 6, old_recurrent},
    {"RNN", 6, old_recurrent},

    {"Upsample", kEveryVersion, upsample},
    {"Resize", 10, resize_10},
    {"Resize", kEveryVersion, resize},

    {"DFT", 19, dft_axis_attribute},
    {"HannWindow", kEveryVersion, output_datatype},
    {"HammingWindow", kEveryVersion, output_datatype},
    {"BlackmanWindow", kEveryVersion, output_datatype},
    {"MelWeightMatrix", kEveryVersion, output_datatype},

    {"LabelEncoder", 1, label_encoder_1, "ai.onnx.ml"},

    {"Crop", kEveryVersion, crop},
    {"ImageScaler", kEveryVersion, image_scaler},
    {"Affine", kEveryVersion, affine},
    {"ParametricSoftplus", kEveryVersion, scaled_function},
    {"ScaledTanh", kEveryVersion, scaled_function},
    {"SimplifiedLayerNormalization", kEveryVersion, simplified_layer_normalization},

    {"Gelu", kEveryVersion, microsoft_gelu, kMicrosoft},
    {"BiasGelu", kEveryVersion, microsoft_gelu, kMicrosoft},
    {"FastGelu", kEveryVersion, microsoft_gelu, kMicrosoft},
    {"QuickGelu", kEveryVersion, quick_gelu, kMicrosoft},
    {"ExpandDims", kEveryVersion, expand_dims, kMicrosoft},
    {"Trilu", kEveryVersion, same_in_standard_set, kMicrosoft},
    {"Range", kEveryVersion, same_in_standard_set, kMicrosoft},
    {"LayerNormalization", kEveryVersion, same_in_standard_set, kMicrosoft},
    {"SimplifiedLayerNormalization", kEveryVersion, simplified_layer_normalization, kMicrosoft},
    {"SkipLayerNormalization", kEveryVersion, skip_layer_normalization, kMicrosoft},
    {"SkipSimplifiedLayerNormalization", kEveryVersion, skip_layer_normalization, kMicrosoft},
    {"EmbedLayerNormalization", kEveryVersion, embed_layer_normalization, kMicrosoft},
    {"FusedMatMul", kEveryVersion, fused_matmul, kMicrosoft},
    {"TransposeMatMul", kEveryVersion, fused_matmul, kMicrosoft},
    {"FusedConv", kEveryVersion, fused_conv, kMicrosoft},
    {"FusedGemm", kEveryVersion, fused_gemm, kMicrosoft},
    {"Attention", kEveryVersion, microsoft_attention, kMicrosoft},
    {"MultiHeadAttention", kEveryVersion, multi_head_attention, kMicrosoft},
    {"RotaryEmbedding", kEveryVersion, microsoft_rotary_embedding, kMicrosoft},
    {"GroupQueryAttention", kEveryVersion, group_query_attention, kMicrosoft},
    {"QLinearAdd", kEveryVersion, qlinear_binary, kMicrosoft},
    {"QLinearMul", kEveryVersion, qlinear_binary, kMicrosoft},
    {"QLinearSigmoid", kEveryVersion, qlinear_unary, kMicrosoft},
    {"QLinearLeakyRelu", kEveryVersion, qlinear_unary, kMicrosoft},
    {"QLinearAveragePool", kEveryVersion, qlinear_unary, kMicrosoft},
    {"QLinearGlobalAveragePool", kEveryVersion, qlinear_unary, kMicrosoft},
    {"QLinearSoftmax", kEveryVersion, qlinear_softmax, kMicrosoft},
    {"QLinearConcat", kEveryVersion, qlinear_concat, kMicrosoft},
    {"QGemm", kEveryVersion, qgemm, kMicrosoft},
    {"MatMulNBits", kEveryVersion, matmul_nbits, kMicrosoft},
    {"QuantizeLinear", kEveryVersion, same_in_standard_set, kMicrosoft},
    {"DequantizeLinear", kEveryVersion, same_in_standard_set, kMicrosoft},
    {"Adagrad", kEveryVersion, adagrad, kTrainingDomain},
    {"Adam", kEveryVersion, adam, kTrainingDomain},
    {"Momentum", kEveryVersion, momentum, kTrainingDomain},
};

}  // namespace

const Rule* find_rule(std::string_view domain, std::string_view op, int64_t version) {
  for (const Rule& rule : kRules)
    if (rule.op == op && rule.domain == domain && version <= rule.until) return &rule;
  return nullptr;
}

}  // namespace halyard::onnx
