// The bytes behind the weight ids of a model.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "halyard/status.hpp"

namespace halyard::coreml {

/// Filled by the import, then only read: get() from any thread. What is compressed is expanded when it is first asked for,
/// and kept.
class Weights {
 public:
  using Expand = std::function<Result<std::string>()>;

  /// Keeps bytes that no file holds; the view lives as long as this.
  std::string_view keep(std::string bytes) { return owned_.emplace_back(std::move(bytes)); }
  uint64_t add(std::string_view bytes) {
    entries_.push_back(std::make_unique<Entry>());
    entries_.back()->bytes = bytes;
    return entries_.size() - 1;
  }
  uint64_t add(Expand expand) {
    entries_.push_back(std::make_unique<Entry>());
    entries_.back()->expand = std::move(expand);
    return entries_.size() - 1;
  }
  Result<hy_bytes> get(uint64_t id) const {
    if (id >= entries_.size())
      return invalid_argument("weight " + std::to_string(id) + ": the model has " +
                              std::to_string(entries_.size()));
    Entry& e = *entries_[id];
    if (e.expand) {
      const std::scoped_lock lock(e.mutex);
      if (!e.expanded) {
        auto made = e.expand();
        if (!made.ok()) return made.status();
        e.owned = std::move(made).value();
        e.expanded = true;
      }
      return hy_bytes{e.owned.data(), e.owned.size()};
    }
    return hy_bytes{e.bytes.data(), e.bytes.size()};
  }

 private:
  struct Entry {
    std::string_view bytes;
    Expand expand;
    std::mutex mutex;  // guards what follows
    bool expanded = false;
    std::string owned;
  };
  std::vector<std::unique_ptr<Entry>> entries_;
  std::deque<std::string> owned_;
};

}  // namespace halyard::coreml
