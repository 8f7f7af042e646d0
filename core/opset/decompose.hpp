// The decompositions of the composites; the contract is DecomposeFn's, in table.hpp.
#pragma once

#include "core/opset/table.hpp"

namespace halyard::core {

// decompose_activation.cpp
Status decompose_gelu(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_hard_sigmoid(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_hard_swish(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_softplus(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_elu(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_leaky_relu(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_prelu(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_softsign(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_mish(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_swish(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_celu(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_selu(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_clip(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);

// decompose_softmax.cpp
Status decompose_softmax(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_log_softmax(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);

// decompose_normalization.cpp
Status decompose_batch_normalization(Graph& graph, const NodeData& node,
                                     std::vector<NodeData>& parts);
Status decompose_instance_normalization(Graph& graph, const NodeData& node,
                                        std::vector<NodeData>& parts);
Status decompose_layer_normalization(Graph& graph, const NodeData& node,
                                     std::vector<NodeData>& parts);

// decompose_rows.cpp
Status decompose_rms_normalization(Graph& graph, const NodeData& node,
                                   std::vector<NodeData>& parts);
Status decompose_group_normalization(Graph& graph, const NodeData& node,
                                     std::vector<NodeData>& parts);
Status decompose_mean_variance_normalization(Graph& graph, const NodeData& node,
                                             std::vector<NodeData>& parts);
Status decompose_lp_normalization(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_lrn(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);

// decompose_reduce.cpp
Status decompose_reduce_l2(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_reduce_l1(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_reduce_log_sum(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);
Status decompose_reduce_sum_square(Graph& graph, const NodeData& node,
                                   std::vector<NodeData>& parts);
Status decompose_global_average_pool(Graph& graph, const NodeData& node,
                                     std::vector<NodeData>& parts);
Status decompose_global_max_pool(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);

// decompose_gemm.cpp
Status decompose_gemm(Graph& graph, const NodeData& node, std::vector<NodeData>& parts);

}  // namespace halyard::core
