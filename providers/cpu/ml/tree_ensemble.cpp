#include "providers/cpu/ml/tree_ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace halyard::cpu {
namespace {

constexpr int64_t kMostNodes = INT32_MAX;
// Rows that go through one tree before the next tree: its nodes stay in the cache.
constexpr int64_t kBlock = 64;

template <class T>
void add(Score<T>& score, T value, Aggregate aggregate) {
  if (!score.given) {
    score = {value, true};
    return;
  }
  switch (aggregate) {
    case Aggregate::kMin:
      score.value = std::min(score.value, value);
      return;
    case Aggregate::kMax:
      score.value = std::max(score.value, value);
      return;
    case Aggregate::kSum:
    case Aggregate::kAverage:
      score.value += value;
      return;
  }
}

}  // namespace

template <class T>
Result<TreeEnsemble<T>> TreeEnsemble<T>::build(const TreeSource& source, int64_t n_targets) {
  TreeEnsemble out;
  out.n_targets_ = n_targets;
  if (static_cast<int64_t>(source.nodes.size()) > kMostNodes ||
      static_cast<int64_t>(source.leaves.size()) > kMostNodes)
    return invalid_model("the trees have more than " + std::to_string(kMostNodes) + " nodes");
  HY_RETURN_IF_ERROR(out.add_leaves(source));
  std::vector<bool> met(source.nodes.size());
  for (int64_t root : source.roots) HY_RETURN_IF_ERROR(out.add_tree(source, root, met));
  return out;
}

template <class T>
Status TreeEnsemble<T>::add_leaves(const TreeSource& source) {
  leaf_starts_.push_back(0);
  for (const auto& leaf : source.leaves) {
    for (const TreeSource::Weight& w : leaf) {
      if (w.target < 0 || w.target >= n_targets_)
        return invalid_model("a leaf names target " + std::to_string(w.target) + "; there are " +
                             std::to_string(n_targets_));
      weights_.push_back({static_cast<uint32_t>(w.target), static_cast<T>(w.value)});
    }
    leaf_starts_.push_back(static_cast<uint32_t>(weights_.size()));
  }
  return {};
}

/// Depth first, the true branch first.
template <class T>
Status TreeEnsemble<T>::add_tree(const TreeSource& source, int64_t root, std::vector<bool>& met) {
  struct Pending {
    int64_t child;
    size_t parent;
    bool yes;
  };
  constexpr size_t kNoParent = SIZE_MAX;
  std::vector<Pending> todo = {{root, kNoParent, false}};
  while (!todo.empty()) {
    const Pending p = todo.back();
    todo.pop_back();
    const auto index = static_cast<size_t>(p.child < 0 ? ~p.child : p.child);
    if (index >= (p.child < 0 ? source.leaves.size() : source.nodes.size()))
      return invalid_model("a tree names " + std::string(p.child < 0 ? "leaf " : "node ") +
                           std::to_string(index) + ", which is not there");
    const auto at =
        static_cast<int32_t>(p.child < 0 ? p.child : static_cast<int64_t>(nodes_.size()));
    if (p.parent == kNoParent)
      roots_.push_back(at);
    else
      (p.yes ? nodes_[p.parent].yes : nodes_[p.parent].no) = at;
    if (p.child < 0) continue;
    if (met[index])
      return invalid_model("node " + std::to_string(index) +
                           " of the trees is reached twice; a tree has one way to each");
    met[index] = true;
    const TreeSource::Node& n = source.nodes[index];
    if (n.feature < 0 || n.feature >= kMostNodes)
      return invalid_model("a tree asks for feature " + std::to_string(n.feature));
    least_features_ = std::max(least_features_, n.feature + 1);
    plain_ = plain_ && n.mode == Branch::kLeq && !n.missing_is_yes;
    nodes_.push_back({static_cast<T>(n.value), static_cast<uint32_t>(n.feature), 0, 0});
    tests_.push_back({n.mode, n.missing_is_yes, static_cast<uint32_t>(members_.size()),
                      static_cast<uint32_t>(n.members.size())});
    for (double m : n.members) members_.push_back(static_cast<T>(m));
    todo.push_back({n.no, nodes_.size() - 1, false});
    todo.push_back({n.yes, nodes_.size() - 1, true});
  }
  return {};
}

template <class T>
bool TreeEnsemble<T>::says_yes(const Node& node, const Test& test, T v) const {
  if (test.missing_is_yes && std::isnan(v)) return true;
  switch (test.mode) {
    case Branch::kLeq:
      return v <= node.value;
    case Branch::kLt:
      return v < node.value;
    case Branch::kGte:
      return v >= node.value;
    case Branch::kGt:
      return v > node.value;
    case Branch::kEq:
      return v == node.value;
    case Branch::kNeq:
      return v != node.value;
    case Branch::kMember:
      break;
  }
  const auto first = members_.begin() + test.first_member;
  return std::find(first, first + test.member_count, v) != first + test.member_count;
}

template <class T>
uint32_t TreeEnsemble<T>::fall_plain(const T* row, int32_t at) const {
  while (at >= 0) {
    const Node& n = nodes_[static_cast<size_t>(at)];
    at = row[n.feature] <= n.value ? n.yes : n.no;
  }
  return static_cast<uint32_t>(~at);
}

template <class T>
uint32_t TreeEnsemble<T>::fall(const T* row, int32_t at) const {
  while (at >= 0) {
    const Node& n = nodes_[static_cast<size_t>(at)];
    at = says_yes(n, tests_[static_cast<size_t>(at)], row[n.feature]) ? n.yes : n.no;
  }
  return static_cast<uint32_t>(~at);
}

template <class T>
void TreeEnsemble<T>::evaluate(const T* x, int64_t rows, int64_t features, Aggregate aggregate,
                               Score<T>* scores) const {
  std::fill(scores, scores + rows * n_targets_, Score<T>{});
  for (int64_t begin = 0; begin < rows; begin += kBlock) {
    const int64_t end = std::min(rows, begin + kBlock);
    for (int32_t root : roots_)
      for (int64_t r = begin; r < end; ++r) {
        const T* row = x + r * features;
        const uint32_t leaf = plain_ ? fall_plain(row, root) : fall(row, root);
        for (uint32_t w = leaf_starts_[leaf]; w < leaf_starts_[leaf + 1]; ++w)
          add(scores[r * n_targets_ + weights_[w].target], weights_[w].value, aggregate);
      }
  }
  if (aggregate != Aggregate::kAverage || roots_.empty()) return;
  for (int64_t i = 0; i < rows * n_targets_; ++i) scores[i].value /= static_cast<T>(roots_.size());
}

template class TreeEnsemble<float>;
template class TreeEnsemble<double>;

}  // namespace halyard::cpu
