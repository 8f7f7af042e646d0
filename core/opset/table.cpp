#include "core/opset/table.hpp"

#include <map>
#include <utility>

#include "core/opset/decompose.hpp"
#include "core/opset/shapes.hpp"
#include "core/opset/values.hpp"
#include "halyard/opset.hpp"

namespace halyard::core {
namespace {

constexpr InferFn kNoValues = nullptr;

// In the order of the SDK's table.
const OperatorImpl kOperators[] = {
    {"Abs", infer_same, values_abs},
    {"Neg", infer_same, values_neg},
    {"Sign", infer_same},
    {"Ceil", infer_same},
    {"Floor", infer_same},
    {"Round", infer_same},
    {"Sqrt", infer_same},
    {"Reciprocal", infer_same},
    {"Exp", infer_same},
    {"Log", infer_same},
    {"Sin", infer_same},
    {"Cos", infer_same},
    {"Erf", infer_same},
    {"Tanh", infer_same},
    {"Sigmoid", infer_same},
    {"Relu", infer_same},
    {"LeakyRelu", infer_same, kNoValues, decompose_leaky_relu},
    {"Elu", infer_same, kNoValues, decompose_elu},
    {"Softplus", infer_same, kNoValues, decompose_softplus},
    {"HardSigmoid", infer_same, kNoValues, decompose_hard_sigmoid},
    {"HardSwish", infer_same, kNoValues, decompose_hard_swish},
    {"Gelu", infer_same, kNoValues, decompose_gelu},
    {"Clip", infer_same, values_clip, decompose_clip},
    {"Not", infer_same, values_not},
    {"Identity", infer_identity, values_same},
    {"Cast", infer_cast, values_cast},

    {"Add", infer_broadcast, values_add},
    {"Sub", infer_broadcast, values_sub},
    {"Mul", infer_broadcast, values_mul},
    {"Div", infer_broadcast, values_div},
    {"Pow", infer_broadcast},
    {"Mod", infer_broadcast, values_mod},
    {"Min", infer_broadcast, values_min},
    {"Max", infer_broadcast, values_max},
    {"Equal", infer_compare, values_equal},
    {"Less", infer_compare, values_less},
    {"LessOrEqual", infer_compare, values_less_or_equal},
    {"Greater", infer_compare, values_greater},
    {"GreaterOrEqual", infer_compare, values_greater_or_equal},
    {"And", infer_compare},
    {"Or", infer_compare},
    {"Xor", infer_compare},
    {"PRelu", infer_prelu, kNoValues, decompose_prelu},
    {"Where", infer_where, values_where},

    {"Shape", infer_shape},
    {"Size", infer_size},
    {"Reshape", infer_reshape, values_same},
    {"Flatten", infer_flatten},
    {"Squeeze", infer_squeeze, values_same},
    {"Unsqueeze", infer_unsqueeze, values_same},
    {"Transpose", infer_transpose, values_same},
    {"Concat", infer_concat, values_concat},
    {"Split", infer_split, values_split},
    {"Slice", infer_slice, values_slice},
    {"Gather", infer_gather, values_gather},
    {"Expand", infer_expand, values_expand},
    {"Tile", infer_tile},
    {"Pad", infer_pad},
    {"ConstantOfShape", infer_constant_of_shape, values_constant_of_shape},
    {"Range", infer_range, values_range},
    {"NonZero", infer_non_zero},

    {"LpPool", infer_pool},
    {"GlobalLpPool", infer_global_pool},
    {"MaxUnpool", infer_max_unpool},
    {"Det", infer_det},
    {"Col2Im", infer_col2im},
    {"GridSample", infer_grid_sample},
    {"AffineGrid", infer_affine_grid},
    {"RoiAlign", infer_roi_align},
    {"MaxRoiPool", infer_max_roi_pool},
    {"DeformConv", infer_deform_conv},

    {"RandomNormal", infer_random},
    {"RandomUniform", infer_random},
    {"RandomNormalLike", infer_random_like},
    {"RandomUniformLike", infer_random_like},
    {"Multinomial", infer_multinomial},
    {"Bernoulli", infer_random_like},

    {"ReduceSum", infer_reduce, values_reduce_sum},
    {"ReduceMean", infer_reduce},
    {"ReduceMax", infer_reduce, values_reduce_max},
    {"ReduceMin", infer_reduce, values_reduce_min},
    {"ReduceProd", infer_reduce, values_reduce_prod},
    {"ReduceL2", infer_reduce, kNoValues, decompose_reduce_l2},
    {"ReduceSumSquare", infer_reduce, kNoValues, decompose_reduce_sum_square},
    {"ArgMax", infer_arg_reduce},
    {"ArgMin", infer_arg_reduce},

    {"MatMul", infer_mat_mul},
    {"Gemm", infer_gemm, kNoValues, decompose_gemm},
    {"Conv", infer_conv},
    {"ConvTranspose", infer_conv_transpose},
    {"MaxPool", infer_pool},
    {"AveragePool", infer_pool},
    {"GlobalAveragePool", infer_global_pool, kNoValues, decompose_global_average_pool},
    {"GlobalMaxPool", infer_global_pool, kNoValues, decompose_global_max_pool},
    {"BatchNormalization", infer_channel_normalization, kNoValues, decompose_batch_normalization},
    {"InstanceNormalization", infer_channel_normalization, kNoValues,
     decompose_instance_normalization},
    {"LayerNormalization", infer_layer_normalization, kNoValues, decompose_layer_normalization},
    {"Softmax", infer_softmax, kNoValues, decompose_softmax},
    {"LogSoftmax", infer_softmax, kNoValues, decompose_log_softmax},
    {"Resize", infer_resize},
    {"Einsum", infer_einsum},
    {"NegativeLogLikelihoodLoss", infer_loss},
    {"SoftmaxCrossEntropyLoss", infer_loss},
    {"LRN", infer_lrn, kNoValues, decompose_lrn},
    {"LpNormalization", infer_softmax, kNoValues, decompose_lp_normalization},
    {"MeanVarianceNormalization", infer_mean_variance_normalization, kNoValues,
     decompose_mean_variance_normalization},
    {"GroupNormalization", infer_group_normalization, kNoValues, decompose_group_normalization},
    {"RMSNormalization", infer_rms_normalization, kNoValues, decompose_rms_normalization},

    {"Attention", infer_attention},
    {"RotaryEmbedding", infer_rotary_embedding},
    {"LSTM", infer_recurrent},
    {"GRU", infer_recurrent},
    {"RNN", infer_recurrent},

    // Classical models.
    {"ArrayFeatureExtractor", infer_array_feature_extractor, kNoValues, nullptr, "ai.onnx.ml"},
    {"Binarizer", infer_same, kNoValues, nullptr, "ai.onnx.ml"},
    {"CategoryMapper", infer_category_mapper, kNoValues, nullptr, "ai.onnx.ml"},
    {"FeatureVectorizer", infer_feature_vectorizer, kNoValues, nullptr, "ai.onnx.ml"},
    {"Imputer", infer_same, kNoValues, nullptr, "ai.onnx.ml"},
    {"LabelEncoder", infer_label_encoder, kNoValues, nullptr, "ai.onnx.ml"},
    {"LinearClassifier", infer_linear_classifier, kNoValues, nullptr, "ai.onnx.ml"},
    {"LinearRegressor", infer_linear_regressor, kNoValues, nullptr, "ai.onnx.ml"},
    {"Normalizer", infer_same_f32, kNoValues, nullptr, "ai.onnx.ml"},
    {"OneHotEncoder", infer_one_hot_encoder, kNoValues, nullptr, "ai.onnx.ml"},
    {"Scaler", infer_same_f32, kNoValues, nullptr, "ai.onnx.ml"},
    {"SVMClassifier", infer_svm_classifier, kNoValues, nullptr, "ai.onnx.ml"},
    {"SVMRegressor", infer_svm_regressor, kNoValues, nullptr, "ai.onnx.ml"},
    {"TreeEnsembleClassifier", infer_tree_classifier, kNoValues, nullptr, "ai.onnx.ml"},
    {"TreeEnsembleRegressor", infer_tree_regressor, kNoValues, nullptr, "ai.onnx.ml"},
    {"TreeEnsemble", infer_tree_ensemble, kNoValues, nullptr, "ai.onnx.ml"},
    {"DFT", infer_dft},
    {"STFT", infer_stft},
    {"HannWindow", infer_window},
    {"HammingWindow", infer_window},
    {"BlackmanWindow", infer_window},
    {"MelWeightMatrix", infer_mel_weight_matrix},

    {"QuantizeLinear", infer_quantize_linear},
    {"DequantizeLinear", infer_dequantize_linear},
    {"DynamicQuantizeLinear", infer_dynamic_quantize_linear},
    {"MatMulInteger", infer_mat_mul_integer},
    {"ConvInteger", infer_conv_integer},
    {"QLinearConv", infer_qlinear_conv},
    {"QLinearMatMul", infer_qlinear_mat_mul},

    {"If", infer_if},
    {"Loop", infer_loop},
    {"Scan", infer_scan},
    {"SequenceMap", infer_sequence_map},
    {"SequenceConstruct", infer_sequence_construct},
    {"SequenceEmpty", infer_sequence_empty},
    {"SequenceInsert", infer_sequence_insert},
    {"SequenceErase", infer_identity},
    {"SequenceAt", infer_sequence_at},
    {"SequenceLength", infer_sequence_length},
    {"SplitToSequence", infer_split_to_sequence},
    {"ConcatFromSequence", infer_concat_from_sequence},
    {"Optional", infer_optional},
    {"OptionalHasElement", infer_optional_has_element},
    {"OptionalGetElement", infer_optional_get_element},
    {"ZipMap", infer_zip_map, kNoValues, nullptr, "ai.onnx.ml"},

    {"Acos", infer_same},
    {"Acosh", infer_same},
    {"Asin", infer_same},
    {"Asinh", infer_same},
    {"Atan", infer_same},
    {"Atanh", infer_same},
    {"Cosh", infer_same},
    {"Sinh", infer_same},
    {"Tan", infer_same},
    {"Softsign", infer_same, kNoValues, decompose_softsign},
    {"Mish", infer_same, kNoValues, decompose_mish},
    {"Celu", infer_same, kNoValues, decompose_celu},
    {"Selu", infer_same, kNoValues, decompose_selu},
    {"ThresholdedRelu", infer_same},
    {"Swish", infer_same, kNoValues, decompose_swish},
    {"Shrink", infer_same},
    {"IsNaN", infer_is},
    {"IsInf", infer_is},
    {"BitwiseNot", infer_same},
    {"BitCast", infer_cast},
    {"BitwiseAnd", infer_broadcast},
    {"BitwiseOr", infer_broadcast},
    {"BitwiseXor", infer_broadcast},
    {"BitShift", infer_broadcast},
    {"ReduceL1", infer_reduce, kNoValues, decompose_reduce_l1},
    {"ReduceLogSum", infer_reduce, kNoValues, decompose_reduce_log_sum},
    {"ReduceLogSumExp", infer_reduce},
    {"CumSum", infer_cumulative},
    {"CumProd", infer_cumulative},
    {"Hardmax", infer_softmax},
    {"TopK", infer_top_k},
    {"Unique", infer_unique},
    {"NonMaxSuppression", infer_non_max_suppression},
    {"GatherElements", infer_gather_elements},
    {"GatherND", infer_gather_nd},
    {"ScatterElements", infer_scatter_elements},
    {"ScatterND", infer_scatter_nd},
    {"TensorScatter", infer_tensor_scatter},
    {"SliceUpdate", infer_slice_update},
    {"OneHot", infer_one_hot},
    {"Compress", infer_compress},
    {"Trilu", infer_trilu},
    {"EyeLike", infer_eye_like},
    {"DepthToSpace", infer_depth_to_space},
    {"SpaceToDepth", infer_space_to_depth},
    {"ReverseSequence", infer_reverse_sequence},
    {"CenterCropPad", infer_center_crop_pad},

    // Text.
    {"StringNormalizer", infer_string_normalizer},
    {"StringConcat", infer_broadcast},
    {"StringSplit", infer_string_split},
    {"RegexFullMatch", infer_is},
    {"TfIdfVectorizer", infer_tf_idf_vectorizer},
};

}  // namespace

bool is_random(const Graph& graph, const NodeData& node) {
  const OperatorDecl* decl = find_operator(node.domain, node.op);
  if (decl != nullptr && decl->random()) return true;
  for (const auto& [name, value] : node.attributes) {
    const auto* body = std::get_if<GraphAttr>(&value);
    if (body == nullptr || body->subgraph >= graph.bodies.size()) continue;
    const Graph& inner = graph.bodies[body->subgraph];
    for (const NodeData& n : inner.nodes)
      if (is_random(inner, n)) return true;
  }
  return false;
}

const OperatorImpl* find_operator_impl(std::string_view domain, std::string_view name) {
  static const auto table = [] {
    std::map<std::pair<std::string_view, std::string_view>, const OperatorImpl*> t;
    for (const OperatorImpl& o : kOperators) t.emplace(std::pair(o.domain, o.name), &o);
    return t;
  }();
  const auto it = table.find({domain, name});
  return it == table.end() ? nullptr : it->second;
}

}  // namespace halyard::core
