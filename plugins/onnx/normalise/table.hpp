// Which operators become what: old forms of standard ones, and those of other domains. A table.
#pragma once

#include <cstdint>
#include <string_view>

#include "halyard/status.hpp"
#include "rewriter.hpp"

namespace halyard::onnx {

inline constexpr int64_t kEveryVersion = INT64_MAX;

/// Applies to nodes whose operator set has a version up to `until`.
struct Rule {
  std::string_view op;
  int64_t until;
  Status (*apply)(Rewriter&);
  std::string_view domain = {};  // empty: the standard set
};

/// The rule of an operator at a version: the first that fits; or null, and the node stays as it is. Any
/// thread.
const Rule* find_rule(std::string_view domain, std::string_view op, int64_t version);

// ---- arithmetic.cpp ----
Status cast(Rewriter& node);
Status cast_like(Rewriter& node);
Status clip_attributes(Rewriter& node);
Status old_broadcast(Rewriter& node);
Status old_prelu(Rewriter& node);
Status sum(Rewriter& node);
Status mean(Rewriter& node);

// ---- movement.cpp ----
Status axes_attribute(Rewriter& node);
Status squeeze(Rewriter& node);
Status reshape_attribute(Rewriter& node);
Status slice_attributes(Rewriter& node);
Status split(Rewriter& node);
Status pad_attributes(Rewriter& node);
Status scatter(Rewriter& node);
Status dtype_attribute(Rewriter& node);
Status old_concat(Rewriter& node);
Status old_tile(Rewriter& node);

// ---- constants.cpp ----
Status constant(Rewriter& node);
Status constant_of_shape(Rewriter& node);

// ---- neural.cpp ----
Status batch_normalization(Rewriter& node);
Status dropout(Rewriter& node);
Status flat_softmax(Rewriter& node);
Status old_gemm(Rewriter& node);
Status old_recurrent(Rewriter& node);
Status old_lp_pool(Rewriter& node);
Status old_grid_sample(Rewriter& node);
Status old_roi_align(Rewriter& node);
Status group_normalization_18(Rewriter& node);
Status mean_variance_normalization_1(Rewriter& node);

// ---- resize.cpp ----
Status upsample(Rewriter& node);
Status resize_10(Rewriter& node);
Status resize(Rewriter& node);

// ---- signal.cpp ----
Status dft_axis_attribute(Rewriter& node);
Status output_datatype(Rewriter& node);

// ---- ml.cpp ----
Status label_encoder_1(Rewriter& node);

// ---- legacy.cpp ----
Status crop(Rewriter& node);
Status image_scaler(Rewriter& node);
Status affine(Rewriter& node);
Status scaled_function(Rewriter& node);

// ---- training.cpp ----
Status adagrad(Rewriter& node);
Status adam(Rewriter& node);
Status momentum(Rewriter& node);

// ---- microsoft.cpp ----
Status microsoft_gelu(Rewriter& node);
Status quick_gelu(Rewriter& node);
Status same_in_standard_set(Rewriter& node);
Status expand_dims(Rewriter& node);
Status simplified_layer_normalization(Rewriter& node);
Status skip_layer_normalization(Rewriter& node);
Status embed_layer_normalization(Rewriter& node);
Status fused_matmul(Rewriter& node);
Status fused_conv(Rewriter& node);
Status fused_gemm(Rewriter& node);

// ---- microsoft_attention.cpp ----
Status microsoft_attention(Rewriter& node);
Status multi_head_attention(Rewriter& node);
Status microsoft_rotary_embedding(Rewriter& node);
Status group_query_attention(Rewriter& node);

// ---- microsoft_quantized.cpp ----
Status qlinear_binary(Rewriter& node);
Status qlinear_unary(Rewriter& node);
Status qlinear_softmax(Rewriter& node);
Status qlinear_concat(Rewriter& node);
Status qgemm(Rewriter& node);
Status matmul_nbits(Rewriter& node);

}  // namespace halyard::onnx
