#include "providers/cpu/ml/tree_source.hpp"

#include <cmath>
#include <map>
#include <set>
#include <string>

#include "providers/cpu/convert.hpp"

namespace halyard::cpu {
namespace {

using Id = std::pair<int64_t, int64_t>;  // tree, node

Status check_length(const char* name, size_t given, size_t wanted) {
  if (given == wanted) return {};
  return invalid_model(std::string("attribute \"") + name + "\" has " + std::to_string(given) +
                       " elements; " + std::to_string(wanted) + " are needed");
}

/// A tensor attribute as doubles; empty where it is absent.
Result<std::vector<double>> tensor_values(const Node& node, CompileContext& context,
                                          const char* name) {
  const std::optional<Constant> constant = node.attr_tensor(name);
  if (!constant) return std::vector<double>();
  HY_ASSIGN_OR_RETURN(const Tensor t, context.tensor(*constant));
  const ConvertLoop loop = convert_loop(t.dtype, HY_DTYPE_F64);
  if (loop == nullptr)
    return invalid_model(std::string("attribute \"") + name + "\" holds " + dtype_name(t.dtype));
  std::vector<double> out(static_cast<size_t>(t.count()));
  loop(t.data, out.data(), t.count());
  return out;
}

struct Mode {
  const char* name;
  Branch branch;
};
constexpr Mode kModes[] = {{"BRANCH_LEQ", Branch::kLeq}, {"BRANCH_LT", Branch::kLt},
                           {"BRANCH_GTE", Branch::kGte}, {"BRANCH_GT", Branch::kGt},
                           {"BRANCH_EQ", Branch::kEq},   {"BRANCH_NEQ", Branch::kNeq}};

std::optional<Branch> parse_branch(std::string_view name) {
  for (const Mode& m : kModes)
    if (name == m.name) return m.branch;
  return std::nullopt;
}

/// Where each (tree, node) id became a branch or a leaf.
using Places = std::map<Id, int64_t>;

Result<int64_t> child(const Places& places, Id id) {
  const auto it = places.find(id);
  if (it == places.end())
    return invalid_model("tree " + std::to_string(id.first) + " names node " +
                         std::to_string(id.second) + ", which is not there");
  return it->second;
}

Status add_weights(const Node& node, CompileContext& context, const std::string& prefix,
                   const Places& places, TreeSource& out) {
  const auto name = [&](const char* rest) { return prefix + rest; };
  const auto trees = node.attr_ints(name("_treeids").c_str()),
             ids = node.attr_ints(name("_nodeids").c_str()),
             targets = node.attr_ints(name("_ids").c_str());
  HY_ASSIGN_OR_RETURN(const auto values, floats_or_tensor(node, context, name("_weights")));
  HY_RETURN_IF_ERROR(check_length(name("_treeids").c_str(), trees.size(), values.size()));
  HY_RETURN_IF_ERROR(check_length(name("_nodeids").c_str(), ids.size(), values.size()));
  HY_RETURN_IF_ERROR(check_length(name("_ids").c_str(), targets.size(), values.size()));
  for (size_t i = 0; i < values.size(); ++i) {
    HY_ASSIGN_OR_RETURN(const int64_t at, child(places, {trees[i], ids[i]}));
    if (at >= 0) continue;  // the weight of a branch: no row ends there
    out.leaves[static_cast<size_t>(~at)].push_back({targets[i], values[i]});
  }
  return {};
}

}  // namespace

Result<std::vector<double>> floats_or_tensor(const Node& node, CompileContext& context,
                                             const std::string& name) {
  std::vector<double> out = node.attr_floats(name.c_str());
  if (!out.empty()) return out;
  return tensor_values(node, context, (name + "_as_tensor").c_str());
}

Result<TreeSource> trees_by_id(const Node& node, CompileContext& context,
                               const std::string& weights) {
  const auto trees = node.attr_ints("nodes_treeids"), ids = node.attr_ints("nodes_nodeids"),
             features = node.attr_ints("nodes_featureids"),
             yes = node.attr_ints("nodes_truenodeids"), no = node.attr_ints("nodes_falsenodeids"),
             missing = node.attr_ints("nodes_missing_value_tracks_true");
  const auto modes = node.attr_strings("nodes_modes");
  HY_ASSIGN_OR_RETURN(const auto values, floats_or_tensor(node, context, "nodes_values"));
  const size_t count = ids.size();
  HY_RETURN_IF_ERROR(check_length("nodes_treeids", trees.size(), count));
  HY_RETURN_IF_ERROR(check_length("nodes_featureids", features.size(), count));
  HY_RETURN_IF_ERROR(check_length("nodes_truenodeids", yes.size(), count));
  HY_RETURN_IF_ERROR(check_length("nodes_falsenodeids", no.size(), count));
  HY_RETURN_IF_ERROR(check_length("nodes_modes", modes.size(), count));
  HY_RETURN_IF_ERROR(check_length("nodes_values", values.size(), count));
  if (!missing.empty())
    HY_RETURN_IF_ERROR(check_length("nodes_missing_value_tracks_true", missing.size(), count));

  TreeSource out;
  Places places;
  std::set<int64_t> begun;
  for (size_t i = 0; i < count; ++i) {
    const bool leaf = modes[i] == "LEAF";
    const auto at =
        leaf ? ~static_cast<int64_t>(out.leaves.size()) : static_cast<int64_t>(out.nodes.size());
    if (!places.emplace(Id{trees[i], ids[i]}, at).second)
      return invalid_model("tree " + std::to_string(trees[i]) + " has node " +
                           std::to_string(ids[i]) + " twice");
    if (begun.insert(trees[i]).second) out.roots.push_back(at);  // a tree begins with its root
    if (leaf) {
      out.leaves.emplace_back();
      continue;
    }
    const std::optional<Branch> mode = parse_branch(modes[i]);
    if (!mode)
      return invalid_model("node mode \"" + std::string(modes[i]) + "\" is not one of ai.onnx.ml");
    out.nodes.push_back(
        {*mode, !missing.empty() && missing[i] != 0, features[i], values[i], {}, 0, 0});
  }
  for (size_t i = 0; i < count; ++i) {
    const int64_t at = places[{trees[i], ids[i]}];
    if (at < 0) continue;
    auto& n = out.nodes[static_cast<size_t>(at)];
    HY_ASSIGN_OR_RETURN(n.yes, child(places, {trees[i], yes[i]}));
    HY_ASSIGN_OR_RETURN(n.no, child(places, {trees[i], no[i]}));
  }
  HY_RETURN_IF_ERROR(add_weights(node, context, weights, places, out));
  return out;
}

Result<TreeSource> trees_by_index(const Node& node, CompileContext& context) {
  const auto features = node.attr_ints("nodes_featureids"),
             yes = node.attr_ints("nodes_truenodeids"), no = node.attr_ints("nodes_falsenodeids"),
             yes_leaf = node.attr_ints("nodes_trueleafs"),
             no_leaf = node.attr_ints("nodes_falseleafs"),
             missing = node.attr_ints("nodes_missing_value_tracks_true"),
             targets = node.attr_ints("leaf_targetids");
  HY_ASSIGN_OR_RETURN(const auto modes, tensor_values(node, context, "nodes_modes"));
  HY_ASSIGN_OR_RETURN(const auto splits, tensor_values(node, context, "nodes_splits"));
  HY_ASSIGN_OR_RETURN(const auto weights, tensor_values(node, context, "leaf_weights"));
  HY_ASSIGN_OR_RETURN(const auto members, tensor_values(node, context, "membership_values"));
  const size_t count = features.size();
  HY_RETURN_IF_ERROR(check_length("nodes_truenodeids", yes.size(), count));
  HY_RETURN_IF_ERROR(check_length("nodes_falsenodeids", no.size(), count));
  HY_RETURN_IF_ERROR(check_length("nodes_trueleafs", yes_leaf.size(), count));
  HY_RETURN_IF_ERROR(check_length("nodes_falseleafs", no_leaf.size(), count));
  HY_RETURN_IF_ERROR(check_length("nodes_modes", modes.size(), count));
  HY_RETURN_IF_ERROR(check_length("nodes_splits", splits.size(), count));
  HY_RETURN_IF_ERROR(check_length("leaf_targetids", targets.size(), weights.size()));
  if (!missing.empty())
    HY_RETURN_IF_ERROR(check_length("nodes_missing_value_tracks_true", missing.size(), count));

  TreeSource out;
  out.roots = node.attr_ints("tree_roots");
  for (size_t i = 0; i < weights.size(); ++i) out.leaves.push_back({{targets[i], weights[i]}});
  size_t next_member = 0;  // the sets stand in the order of their nodes, a NaN after each
  for (size_t i = 0; i < count; ++i) {
    if (!(modes[i] >= 0 && modes[i] <= static_cast<double>(Branch::kMember)))
      return invalid_model("node mode " + std::to_string(modes[i]) + "; there are 0 to 6");
    if (yes[i] < 0 || no[i] < 0)
      return invalid_model("node " + std::to_string(i) + " of the trees names a child below 0");
    TreeSource::Node n{static_cast<Branch>(static_cast<int>(modes[i])),
                       !missing.empty() && missing[i] != 0,
                       features[i],
                       splits[i],
                       {},
                       yes_leaf[i] != 0 ? ~yes[i] : yes[i],
                       no_leaf[i] != 0 ? ~no[i] : no[i]};
    if (n.mode == Branch::kMember) {
      for (; next_member < members.size() && !std::isnan(members[next_member]); ++next_member)
        n.members.push_back(members[next_member]);
      ++next_member;
    }
    out.nodes.push_back(std::move(n));
  }
  return out;
}

}  // namespace halyard::cpu
