// The error that names nodes which no provider takes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/plan/plan.hpp"

namespace halyard::core {

/// Collects nodes and their refusals. Views the graph.
class Unplaced {
 public:
  /// required: a provider that must run every node; empty: any will do.
  Unplaced(const Graph& graph, bool no_devices, std::string required)
      : graph_(graph), no_devices_(no_devices), required_(std::move(required)) {}

  /// taken: some provider takes it, only not the required one.
  void add(NodeId node, const std::vector<Refusal>& refusals, bool taken);
  /// OK where no node was added. INVALID_MODEL where one has an operator that is not in the operator set and
  /// nobody takes it: the model is at fault, not the machine. Else UNPLACED.
  Status status() const;

 private:
  static constexpr size_t kMaxNodes = 10;  // in the message

  const Graph& graph_;
  bool no_devices_;
  std::string required_;
  size_t count_ = 0;
  bool unknown_ = false;
  std::string words_;
};

}  // namespace halyard::core
