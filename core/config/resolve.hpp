// Puts sources together: later ones win, key by key. Internal to core/config.
#pragma once

#include "core/config/config.hpp"

namespace halyard::core::config {

/// Sources are added from the weakest to the strongest.
class Resolver {
 public:
  Resolver();
  void add(Layer layer, const Statements& statements);
  /// Settings of entries that are not there.
  const std::vector<Issue>& issues() const { return issues_; }
  Resolved result() &&;

 private:
  void replace_providers(const ItemList& list);
  void apply(const Edit& edit);
  void edit_provider(const Edit& edit);
  void imply_priority();
  void stamp(Fields& fields) const;

  Resolved out_;
  std::vector<Item> known_;  // everything that was said about a provider, latest last
  bool listed_ = false;
  uint32_t rank_ = 0, providers_rank_ = 0;
  Layer layer_ = Layer::kDefault;
  std::vector<Issue> issues_;
};

/// As plain data.
Settings settings_of(const Resolved& resolved);
/// What is wrong with the whole though each part is right.
void check_whole(const Resolved& resolved, std::vector<Issue>* issues);

}  // namespace halyard::core::config
