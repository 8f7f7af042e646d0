// Decision trees in a flat form.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "halyard/status.hpp"

namespace halyard::cpu {

/// Which way a row goes; the numbers are those of ai.onnx.ml.TreeEnsemble. "yes" is the true branch.
enum class Branch : uint8_t { kLeq, kLt, kGte, kGt, kEq, kNeq, kMember };

/// A tree as a node's attributes tell it, with nodes and leaves numbered. A child of 0 or more is a
/// branch; ~i is leaf i.
struct TreeSource {
  struct Node {
    Branch mode = Branch::kLeq;
    bool missing_is_yes = false;
    int64_t feature = 0;
    double value = 0;
    std::vector<double> members;  // kMember
    int64_t yes = 0, no = 0;
  };
  struct Weight {
    int64_t target = 0;
    double value = 0;
  };
  std::vector<Node> nodes;
  std::vector<std::vector<Weight>> leaves;
  std::vector<int64_t> roots;  // children of nothing
};

enum class Aggregate { kAverage, kSum, kMin, kMax };

/// What the trees gave a row for one target.
template <class T>
struct Score {
  T value = 0;
  bool given = false;  // some leaf named the target
};

/// The branches of each tree lie together in the order in which rows meet them, 16 bytes each for
/// float; where all compare by <= and none looks for missing values, that comparison alone is in the
/// loop. Constant after build(); any thread.
template <class T>
class TreeEnsemble {
 public:
  /// Fails with INVALID_MODEL on a child that is not there, a node that is reached twice, a feature
  /// below 0, or a target that is not below n_targets.
  static Result<TreeEnsemble> build(const TreeSource& source, int64_t n_targets);

  size_t tree_count() const { return roots_.size(); }
  /// A row must have as many features.
  int64_t least_features() const { return least_features_; }
  /// scores: [rows, n_targets], written whole. Each target adds up in the order of the trees.
  void evaluate(const T* x, int64_t rows, int64_t features, Aggregate aggregate,
                Score<T>* scores) const;

 private:
  struct Node {
    T value;
    uint32_t feature;
    int32_t yes, no;
  };
  struct Test {
    Branch mode;
    bool missing_is_yes;
    uint32_t first_member, member_count;
  };
  struct Weight {
    uint32_t target;
    T value;
  };

  Status add_tree(const TreeSource& source, int64_t root, std::vector<bool>& met);
  Status add_leaves(const TreeSource& source);
  bool says_yes(const Node& node, const Test& test, T v) const;
  uint32_t fall_plain(const T* row, int32_t at) const;
  uint32_t fall(const T* row, int32_t at) const;

  int64_t n_targets_ = 0, least_features_ = 0;
  bool plain_ = true;  // every branch is <= and blind to missing values
  std::vector<Node> nodes_;
  std::vector<Test> tests_;  // beside nodes_
  std::vector<T> members_;
  std::vector<int32_t> roots_;
  std::vector<uint32_t> leaf_starts_;  // of weights_; one more than leaves
  std::vector<Weight> weights_;
};

extern template class TreeEnsemble<float>;
extern template class TreeEnsemble<double>;

}  // namespace halyard::cpu
