#include "core/plan/convex.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

namespace halyard::core {
namespace {

/// A set of group numbers that grows.
class Bits {
 public:
  bool has(size_t i) const {
    return i / 64 < words_.size() && (words_[i / 64] >> (i % 64) & 1) != 0;
  }
  void add(size_t i) {
    if (i / 64 >= words_.size()) words_.resize(i / 64 + 1);
    words_[i / 64] |= uint64_t{1} << (i % 64);
  }
  void add_all(const Bits& other) {
    if (words_.size() < other.words_.size()) words_.resize(other.words_.size());
    for (size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
  }
  size_t count() const {
    size_t n = 0;
    for (const uint64_t w : words_) n += static_cast<size_t>(__builtin_popcountll(w));
    return n;
  }

 private:
  std::vector<uint64_t> words_;
};

struct Growing {
  ConvexGroup group;
  Bits ancestors;  // groups that some path leads here from; transitively closed
};

/// Joining makes a cycle if another predecessor is itself reached from the group.
bool can_join(uint32_t group, const std::vector<uint32_t>& preds, const std::vector<Growing>& all) {
  return std::none_of(preds.begin(), preds.end(),
                      [&](uint32_t p) { return p != group && all[p].ancestors.has(group); });
}

std::vector<ConvexGroup> in_running_order(std::vector<Growing> growing) {
  // An ancestor has fewer ancestors than its descendants, so counting gives an order; the number of the
  // group breaks ties and keeps it deterministic.
  std::vector<std::pair<size_t, uint32_t>> order;
  for (uint32_t g = 0; g < growing.size(); ++g) order.emplace_back(growing[g].ancestors.count(), g);
  std::sort(order.begin(), order.end());
  std::vector<ConvexGroup> out;
  for (const auto& [count, g] : order) out.push_back(std::move(growing[g].group));
  return out;
}

}  // namespace

std::vector<ConvexGroup> convex_groups(const std::vector<std::vector<uint32_t>>& predecessors,
                                       const std::vector<uint32_t>& label_of_node,
                                       const std::vector<uint32_t>& proposal_of_node,
                                       uint32_t max_nodes, const Cuts& cuts) {
  std::vector<Growing> growing;
  std::vector<uint32_t> group_of(predecessors.size());
  // Groups by label and proposal, so that a node looks only at those that it could join.
  std::map<std::pair<uint32_t, uint32_t>, std::vector<uint32_t>> alike;
  for (uint32_t n = 0; n < predecessors.size(); ++n) {
    std::vector<uint32_t> preds;
    for (const uint32_t p : predecessors[n]) preds.push_back(group_of[p]);
    std::sort(preds.begin(), preds.end());
    preds.erase(std::unique(preds.begin(), preds.end()), preds.end());
    std::vector<uint32_t>& mine = alike[{label_of_node[n], proposal_of_node[n]}];
    if (!cuts.before.empty() && cuts.before[n]) mine.clear();
    const auto found = std::find_if(mine.rbegin(), mine.rend(), [&](uint32_t g) {
      return (max_nodes == 0 || growing[g].group.nodes.size() < max_nodes) &&
             can_join(g, preds, growing);
    });
    const bool joins = found != mine.rend();
    const uint32_t home = joins ? *found : static_cast<uint32_t>(growing.size());
    if (!joins) {
      growing.push_back({{label_of_node[n], {}}, {}});
      mine.push_back(home);
    }
    Bits added;
    for (const uint32_t p : preds)
      if (p != home) {
        added.add(p);
        added.add_all(growing[p].ancestors);
      }
    growing[home].ancestors.add_all(added);
    if (joins)
      for (Growing& g : growing)
        if (g.ancestors.has(home)) g.ancestors.add_all(added);
    growing[home].group.nodes.push_back(n);
    group_of[n] = home;
    if (!cuts.after.empty() && cuts.after[n]) mine.erase(std::find(mine.begin(), mine.end(), home));
  }
  return in_running_order(std::move(growing));
}

}  // namespace halyard::core
