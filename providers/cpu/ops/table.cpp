#include "providers/cpu/ops/table.hpp"

#include <map>
#include <utility>

namespace halyard::cpu {

namespace {

using Rows = std::span<const KernelEntry> (*)();

constexpr Rows kFiles[] = {
    conv_kernels,
    conv_transpose_kernels,
    pool_kernels,
    global_pool_kernels,
    lp_pool_kernels,
    max_unpool_kernels,
    det_kernels,
    col2im_kernels,
    grid_sample_kernels,
    roi_pool_kernels,
    deform_conv_kernels,
    matmul_kernels,
    gemm_kernels,
    einsum_kernels,
    losses_kernels,
    quantize_linear_kernels,
    integer_matmul_kernels,
    integer_conv_kernels,
    attention_kernels,
    rotary_embedding_kernels,
    batch_normalization_kernels,
    instance_normalization_kernels,
    layer_normalization_kernels,
    rms_normalization_kernels,
    group_normalization_kernels,
    mean_variance_normalization_kernels,
    lp_normalization_kernels,
    lrn_kernels,
    softmax_kernels,
    resize_kernels,
    // Elementwise, reductions, shapes and data movement.
    elementwise_unary_kernels,
    activations_kernels,
    clip_kernels,
    cast_kernels,
    elementwise_binary_kernels,
    pow_kernels,
    min_max_kernels,
    compare_kernels,
    logical_kernels,
    where_kernels,
    identity_kernels,
    shape_kernels,
    reshape_kernels,
    transpose_kernels,
    concat_kernels,
    split_kernels,
    slice_kernels,
    gather_kernels,
    expand_kernels,
    tile_kernels,
    pad_kernels,
    constant_of_shape_kernels,
    range_kernels,
    non_zero_kernels,
    random_kernels,
    reduce_kernels,
    arg_reduce_kernels,
    // Recurrent networks and attention.
    lstm_kernels,
    gru_kernels,
    rnn_kernels,
    // Classical models.
    ml_encoders_kernels,
    ml_features_kernels,
    ml_linear_kernels,
    ml_svm_kernels,
    ml_trees_kernels,
    trigonometry_kernels,
    rare_activations_kernels,
    float_classes_kernels,
    bitwise_kernels,
    cumulative_kernels,
    hardmax_kernels,
    top_k_kernels,
    unique_kernels,
    non_max_suppression_kernels,
    gather_elements_kernels,
    gather_nd_kernels,
    one_hot_kernels,
    compress_kernels,
    triangles_kernels,
    depth_space_kernels,
    reverse_sequence_kernels,
    center_crop_pad_kernels,
    // Signals.
    dft_kernels,
    stft_kernels,
    window_functions_kernels,
    mel_weight_matrix_kernels,
    // Text.
    string_normalizer_kernels,
    string_concat_kernels,
    string_split_kernels,
    regex_full_match_kernels,
    tf_idf_vectorizer_kernels,
};

}  // namespace

const KernelEntry* find_kernel(std::string_view domain, std::string_view op) {
  static const auto table = [] {
    std::map<std::pair<std::string_view, std::string_view>, const KernelEntry*> t;
    for (Rows rows : kFiles)
      for (const KernelEntry& entry : rows()) t.emplace(std::pair(entry.domain, entry.op), &entry);
    return t;
  }();
  const auto it = table.find({domain, op});
  return it == table.end() ? nullptr : it->second;
}

}  // namespace halyard::cpu
