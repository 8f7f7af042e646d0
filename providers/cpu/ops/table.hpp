// The operators that this provider has kernels for.
#pragma once

#include <span>
#include <string_view>

#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

/// The entry of an operator, or null. Any thread.
const KernelEntry* find_kernel(std::string_view domain, std::string_view op);

// One function a file of this folder, of the file's name: its rows.
#define HALYARD_CPU_OPS(file) std::span<const KernelEntry> file##_kernels()
HALYARD_CPU_OPS(conv);
HALYARD_CPU_OPS(conv_transpose);
HALYARD_CPU_OPS(pool);
HALYARD_CPU_OPS(global_pool);
HALYARD_CPU_OPS(matmul);
HALYARD_CPU_OPS(gemm);
HALYARD_CPU_OPS(einsum);
HALYARD_CPU_OPS(losses);
HALYARD_CPU_OPS(quantize_linear);
HALYARD_CPU_OPS(integer_matmul);
HALYARD_CPU_OPS(integer_conv);
HALYARD_CPU_OPS(attention);
HALYARD_CPU_OPS(rotary_embedding);
HALYARD_CPU_OPS(batch_normalization);
HALYARD_CPU_OPS(instance_normalization);
HALYARD_CPU_OPS(layer_normalization);
HALYARD_CPU_OPS(rms_normalization);
HALYARD_CPU_OPS(group_normalization);
HALYARD_CPU_OPS(mean_variance_normalization);
HALYARD_CPU_OPS(lp_normalization);
HALYARD_CPU_OPS(lrn);
HALYARD_CPU_OPS(softmax);
HALYARD_CPU_OPS(resize);
// Elementwise, reductions, shapes and data movement.
HALYARD_CPU_OPS(elementwise_unary);
HALYARD_CPU_OPS(activations);
HALYARD_CPU_OPS(clip);
HALYARD_CPU_OPS(cast);
HALYARD_CPU_OPS(elementwise_binary);
HALYARD_CPU_OPS(pow);
HALYARD_CPU_OPS(min_max);
HALYARD_CPU_OPS(compare);
HALYARD_CPU_OPS(logical);
HALYARD_CPU_OPS(where);
HALYARD_CPU_OPS(identity);
HALYARD_CPU_OPS(shape);
HALYARD_CPU_OPS(reshape);
HALYARD_CPU_OPS(transpose);
HALYARD_CPU_OPS(concat);
HALYARD_CPU_OPS(split);
HALYARD_CPU_OPS(slice);
HALYARD_CPU_OPS(gather);
HALYARD_CPU_OPS(expand);
HALYARD_CPU_OPS(tile);
HALYARD_CPU_OPS(pad);
HALYARD_CPU_OPS(constant_of_shape);
HALYARD_CPU_OPS(range);
HALYARD_CPU_OPS(non_zero);
HALYARD_CPU_OPS(random);
HALYARD_CPU_OPS(reduce);
HALYARD_CPU_OPS(arg_reduce);
// Recurrent networks and attention.
HALYARD_CPU_OPS(lstm);
HALYARD_CPU_OPS(gru);
HALYARD_CPU_OPS(rnn);
// Classical models.
HALYARD_CPU_OPS(ml_encoders);
HALYARD_CPU_OPS(ml_features);
HALYARD_CPU_OPS(ml_linear);
HALYARD_CPU_OPS(ml_svm);
HALYARD_CPU_OPS(ml_trees);
HALYARD_CPU_OPS(trigonometry);
HALYARD_CPU_OPS(rare_activations);
HALYARD_CPU_OPS(float_classes);
HALYARD_CPU_OPS(bitwise);
HALYARD_CPU_OPS(cumulative);
HALYARD_CPU_OPS(hardmax);
HALYARD_CPU_OPS(top_k);
HALYARD_CPU_OPS(unique);
HALYARD_CPU_OPS(non_max_suppression);
HALYARD_CPU_OPS(gather_elements);
HALYARD_CPU_OPS(gather_nd);
HALYARD_CPU_OPS(one_hot);
HALYARD_CPU_OPS(compress);
HALYARD_CPU_OPS(triangles);
HALYARD_CPU_OPS(depth_space);
HALYARD_CPU_OPS(reverse_sequence);
HALYARD_CPU_OPS(center_crop_pad);
HALYARD_CPU_OPS(dft);
HALYARD_CPU_OPS(stft);
HALYARD_CPU_OPS(window_functions);
HALYARD_CPU_OPS(mel_weight_matrix);
HALYARD_CPU_OPS(lp_pool);
HALYARD_CPU_OPS(max_unpool);
HALYARD_CPU_OPS(det);
HALYARD_CPU_OPS(col2im);
HALYARD_CPU_OPS(grid_sample);
HALYARD_CPU_OPS(roi_pool);
HALYARD_CPU_OPS(deform_conv);
HALYARD_CPU_OPS(string_normalizer);
HALYARD_CPU_OPS(string_concat);
HALYARD_CPU_OPS(string_split);
HALYARD_CPU_OPS(regex_full_match);
HALYARD_CPU_OPS(tf_idf_vectorizer);
#undef HALYARD_CPU_OPS

}  // namespace halyard::cpu
