// Which devices take which nodes of a graph, where a composite may stand whole or as its parts.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/log.hpp"
#include "core/opset/infer.hpp"
#include "core/plan/plan.hpp"

namespace halyard::core {

/// A graph with one verdict for each node and device.
struct Negotiated {
  Graph graph;
  std::vector<std::vector<Verdict>> verdicts;  // by device, then node
  /// By node: the composite that it is part of, as its number in the graph that was opened; else kNone.
  std::vector<uint32_t> part_of;

  bool taken(NodeId n) const;
};

/// Offers graphs to devices. What a device lost for good (a confirmation or a compilation that failed)
/// stays lost in later offers. For one planning job; single-threaded.
class Negotiation {
 public:
  Negotiation(const std::vector<std::shared_ptr<Device>>& devices, hy_weights& weights,
              const ConstantReader& read, const Logger& logger, std::vector<PlanStep>& steps)
      : devices_(devices), weights_(weights), read_(read), logger_(logger), steps_(steps) {}

  /// Offers the graph; replaces composites that nobody takes by their parts, and offers again.
  Result<Negotiated> offer_all(Graph graph);
  /// The same graph with those composites replaced by their parts, offered.
  Result<Negotiated> open(const Negotiated& whole, const std::vector<NodeId>& composites);
  /// Composites with parts that some device does not take whole.
  std::vector<NodeId> openable(const Negotiated& whole) const;

  /// Takes a node from a device for good.
  void ban(Negotiated& in, uint32_t device, NodeId node, uint32_t reason, const std::string& words);

 private:
  Result<Negotiated> settle(Negotiated state);
  Result<bool> replace(Negotiated& state, const std::vector<bool>& chosen);
  void offer_once(Negotiated& state);

  const std::vector<std::shared_ptr<Device>>& devices_;
  hy_weights& weights_;
  const ConstantReader& read_;
  const Logger& logger_;
  std::vector<PlanStep>& steps_;
  /// By device and the first result of a node, which names it in every form of the graph.
  std::map<std::pair<uint32_t, ValueId>, Verdict> banned_;
};

}  // namespace halyard::core
