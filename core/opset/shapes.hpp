// The shape functions, by family, and what they share. Each sets the types and dims of all outputs.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/opset/infer.hpp"

namespace halyard::core {

using Dims = std::vector<Dim>;

// shape_elementwise.cpp
Status infer_same(InferContext& context);  // the first output is like the first operand
Status infer_cast(InferContext& context);
Status infer_broadcast(InferContext& context);  // the type of the first operand
Status infer_compare(InferContext& context);    // bool
Status infer_where(InferContext& context);
Status infer_prelu(InferContext& context);

Status infer_is(InferContext& context);          // bool, like the operand
Status infer_cumulative(InferContext& context);  // operand 1 is an axis

// shape_select.cpp
Status infer_top_k(InferContext& context);
Status infer_unique(InferContext& context);
Status infer_non_max_suppression(InferContext& context);

// shape_vision.cpp
Status infer_max_unpool(InferContext& context);
Status infer_det(InferContext& context);
Status infer_col2im(InferContext& context);
Status infer_grid_sample(InferContext& context);
Status infer_affine_grid(InferContext& context);
Status infer_roi_align(InferContext& context);
Status infer_max_roi_pool(InferContext& context);

// shape_indexing.cpp
Status infer_gather_elements(InferContext& context);
Status infer_gather_nd(InferContext& context);
Status infer_scatter_elements(InferContext& context);
Status infer_scatter_nd(InferContext& context);
Status infer_tensor_scatter(InferContext& context);
Status infer_slice_update(InferContext& context);
Status infer_one_hot(InferContext& context);
Status infer_compress(InferContext& context);

// shape_matrices.cpp
Status infer_trilu(InferContext& context);
Status infer_eye_like(InferContext& context);
Status infer_depth_to_space(InferContext& context);
Status infer_space_to_depth(InferContext& context);
Status infer_reverse_sequence(InferContext& context);
Status infer_center_crop_pad(InferContext& context);

// shape_layout.cpp
Status infer_shape(InferContext& context);
Status infer_size(InferContext& context);
Status infer_flatten(InferContext& context);
Status infer_squeeze(InferContext& context);
Status infer_unsqueeze(InferContext& context);
Status infer_transpose(InferContext& context);

// shape_einsum.cpp
Status infer_einsum(InferContext& context);
Status infer_loss(InferContext& context);

// shape_attention.cpp
Status infer_attention(InferContext& context);
Status infer_rotary_embedding(InferContext& context);

// shape_signal.cpp
Status infer_dft(InferContext& context);
Status infer_stft(InferContext& context);
Status infer_window(InferContext& context);  // Hann, Hamming, Blackman
Status infer_mel_weight_matrix(InferContext& context);

// shape_quantize.cpp
Status infer_quantize_linear(InferContext& context);
Status infer_dequantize_linear(InferContext& context);
Status infer_dynamic_quantize_linear(InferContext& context);
Status infer_mat_mul_integer(InferContext& context);  // shape_matrix.cpp
Status infer_qlinear_mat_mul(InferContext& context);  // the same
Status infer_conv_integer(InferContext& context);     // shape_conv.cpp
Status infer_qlinear_conv(InferContext& context);     // the same

// shape_reshape.cpp
Status infer_reshape(InferContext& context);

// shape_join.cpp
Status infer_concat(InferContext& context);
Status infer_split(InferContext& context);

// shape_slice.cpp
Status infer_slice(InferContext& context);

// shape_copy.cpp
Status infer_gather(InferContext& context);
Status infer_expand(InferContext& context);
Status infer_tile(InferContext& context);
Status infer_pad(InferContext& context);

// shape_fill.cpp
Status infer_constant_of_shape(InferContext& context);
Status infer_range(InferContext& context);
Status infer_non_zero(InferContext& context);

// shape_random.cpp
Status infer_random(InferContext& context);       // dims are an attribute
Status infer_random_like(InferContext& context);  // Bernoulli, too
Status infer_multinomial(InferContext& context);

// shape_reduce.cpp
Status infer_reduce(InferContext& context);
Status infer_arg_reduce(InferContext& context);

// shape_matrix.cpp
Status infer_mat_mul(InferContext& context);
Status infer_gemm(InferContext& context);

// shape_conv.cpp
Status infer_conv(InferContext& context);
Status infer_conv_transpose(InferContext& context);
Status infer_deform_conv(InferContext& context);

// shape_pool.cpp
Status infer_pool(InferContext& context);
Status infer_global_pool(InferContext& context);

// shape_normalize.cpp
Status infer_channel_normalization(InferContext& context);  // Batch- and InstanceNormalization
Status infer_layer_normalization(InferContext& context);
Status infer_softmax(InferContext& context);  // and LpNormalization
Status infer_rms_normalization(InferContext& context);
Status infer_group_normalization(InferContext& context);
Status infer_mean_variance_normalization(InferContext& context);
Status infer_lrn(InferContext& context);

// shape_recurrent.cpp
Status infer_recurrent(InferContext& context);  // LSTM, GRU, RNN

// shape_resize.cpp
Status infer_resize(InferContext& context);

// shape_ml.cpp
Status infer_array_feature_extractor(InferContext& context);
Status infer_category_mapper(InferContext& context);
Status infer_feature_vectorizer(InferContext& context);
Status infer_label_encoder(InferContext& context);
Status infer_linear_classifier(InferContext& context);
Status infer_linear_regressor(InferContext& context);
Status infer_one_hot_encoder(InferContext& context);
Status infer_same_f32(InferContext& context);
Status infer_svm_classifier(InferContext& context);
Status infer_svm_regressor(InferContext& context);
Status infer_tree_classifier(InferContext& context);
Status infer_tree_ensemble(InferContext& context);
Status infer_tree_regressor(InferContext& context);

// shape_text.cpp
Status infer_string_normalizer(InferContext& context);
Status infer_string_split(InferContext& context);
Status infer_tf_idf_vectorizer(InferContext& context);

// shape_control.cpp
Status infer_if(InferContext& context);
Status infer_loop(InferContext& context);
Status infer_scan(InferContext& context);
Status infer_sequence_map(InferContext& context);

// shape_sequence.cpp
Status infer_identity(InferContext& context);  // of any kind of value
Status infer_sequence_construct(InferContext& context);
Status infer_sequence_empty(InferContext& context);
Status infer_sequence_insert(InferContext& context);
Status infer_sequence_at(InferContext& context);
Status infer_sequence_length(InferContext& context);
Status infer_split_to_sequence(InferContext& context);
Status infer_concat_from_sequence(InferContext& context);
Status infer_optional(InferContext& context);
Status infer_optional_has_element(InferContext& context);
Status infer_optional_get_element(InferContext& context);
Status infer_zip_map(InferContext& context);

// broadcast.cpp
/// The size of an axis where operands of sizes a and b broadcast; nothing where they cannot.
std::optional<Dim> broadcast(const Dim& a, const Dim& b);
/// The shape of operands that broadcast to each other. Fails naming both shapes.
Result<Shape> broadcast(const InferContext& context, std::span<const size_t> operands);
/// The same for shapes that are no operands.
Result<Shape> broadcast(const InferContext& context, const Shape& a, const Shape& b);
/// One dim out of two that must be equal: the better known one; nothing where they differ.
std::optional<Dim> unify(const Dim& a, const Dim& b);

// axes.cpp
/// A shape of that rank of which no dim is known.
Shape unknown_dims(int64_t rank);
/// The axis counted from 0. Fails where it lies outside -rank .. rank - 1.
Result<size_t> axis_of(const InferContext& context, int64_t axis, size_t rank,
                       std::string_view what = "axis");
/// Distinct axes counted from 0. Fails as axis_of does, and on duplicates.
Result<std::vector<size_t>> axes_of(const InferContext& context, std::span<const int64_t> axes,
                                    size_t rank);
/// The contents of an operand as numbers; nothing where one is not known.
std::optional<std::vector<int64_t>> numbers(const KnownInts& content);
/// The number of elements of a list operand (rank 1; one for a scalar), where it is fixed.
std::optional<int64_t> list_length(const InferContext& context, size_t i);
/// The contents of an integer list operand; unknown elements where only their number is known.
KnownInts contents(const InferContext& context, size_t i);
/// Fails where the rank of operand i is known and differs.
Status expect_rank(const InferContext& context, size_t i, size_t rank, std::string_view name);

}  // namespace halyard::core
