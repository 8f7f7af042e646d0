// Trees as attributes tell them.
#pragma once

#include "providers/cpu/kernel.hpp"
#include "providers/cpu/ml/tree_ensemble.hpp"

namespace halyard::cpu {

/// An attribute of floats, or its twin NAME_as_tensor; empty where neither is there.
Result<std::vector<double>> floats_or_tensor(const Node& node, CompileContext& context,
                                             const std::string& name);

/// Of TreeEnsembleClassifier and -Regressor: nodes by (tree, node) ids, weights by the prefix
/// ("class" or "target") of their attributes' names. INVALID_MODEL where lists differ in length or an
/// id is not there.
Result<TreeSource> trees_by_id(const Node& node, CompileContext& context,
                               const std::string& weights);

/// Of TreeEnsemble: nodes and leaves by index.
Result<TreeSource> trees_by_index(const Node& node, CompileContext& context);

}  // namespace halyard::cpu
