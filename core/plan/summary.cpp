#include "core/plan/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace halyard::core {
namespace {

/// The provider could have run the node, and by choice does not.
bool by_choice(uint32_t reason) {
  return reason == HY_REASON_LOWER_PRIORITY || reason == HY_REASON_COST ||
         reason == HY_REASON_POLICY_DENIED;
}

struct Share {
  size_t nodes = 0, clusters = 0;
  double us = 0;
  bool known = true;
};

std::map<uint32_t, Share> shares(const Plan& plan) {
  std::map<uint32_t, Share> out;
  for (const NodePlacement& n : plan.nodes) ++out[n.device].nodes;
  for (const Cluster& c : plan.clusters) {
    Share& s = out[c.device];
    ++s.clusters;
    s.known = s.known && c.est_us >= 0;
    s.us += c.est_us;
  }
  return out;
}

std::string operator_name(const NodeData& n) {
  return n.domain.empty() ? n.op : n.domain + ":" + n.op;
}

}  // namespace

std::string plan_summary(const Plan& plan) {
  if (plan.nodes.empty()) return "no nodes: everything was computed at load";
  auto per_device = shares(plan);
  std::string out;
  std::vector<uint32_t> devices;
  for (uint32_t d = 0; d < plan.devices.size(); ++d) devices.push_back(d);
  if (per_device.contains(kCoreDevice)) devices.push_back(kCoreDevice);
  for (const uint32_t d : devices) {
    const Share& s = per_device[d];
    out += fmt::format(
        "{}{} {}/{} nodes ({} cluster{}{})", out.empty() ? "" : ", ", plan.runner(d), s.nodes,
        plan.nodes.size(), s.clusters, s.clusters == 1 ? "" : "s",
        s.known && s.clusters > 0 && d != kCoreDevice ? fmt::format(", {:.3g} us", s.us) : "");
  }
  // What a provider lost, by reason.
  std::map<std::pair<std::string, uint32_t>, size_t> lost;
  for (const NodePlacement& n : plan.nodes)
    for (const Refusal& r : n.refused_by)
      if (n.device != kCoreDevice && !by_choice(r.reason)) ++lost[{r.provider, r.reason}];
  std::string why;
  for (const auto& [key, count] : lost)
    why += fmt::format("{}{} {} on {}", why.empty() ? "" : ", ", count, reason_name(key.second),
                       key.first);
  if (!why.empty()) out += "; refused: " + why;
  size_t copies = 0;
  int64_t bytes = 0;
  for (const Edge& e : plan.edges)
    if (e.copied) {
      ++copies;
      bytes += std::max<int64_t>(e.bytes, 0);
    }
  if (copies != 0) out += fmt::format("; {} copies, {} bytes a run", copies, bytes);
  for (const std::string& c : plan.complaints) out += "; " + c;
  return out;
}

bool preferred_lost_nodes(const Plan& plan) {
  for (const NodePlacement& n : plan.nodes) {
    if (n.device == 0 || n.device == kCoreDevice) continue;
    const std::string& first = plan.devices[0]->provider().id();
    for (const Refusal& r : n.refused_by)
      if (r.provider == first && !by_choice(r.reason)) return true;
  }
  return !plan.complaints.empty();
}

std::vector<Obstacle> obstacles(const Plan& plan) {
  if (plan.devices.empty()) return {};
  const std::string& first = plan.devices[0]->provider().id();
  std::map<std::pair<uint32_t, std::string>, Obstacle> found;
  for (NodeId n = 0; n < plan.nodes.size(); ++n) {
    const NodePlacement& p = plan.nodes[n];
    if (p.device == 0 || p.device == kCoreDevice) continue;
    const auto lost = std::find_if(p.refused_by.begin(), p.refused_by.end(),
                                   [&](const Refusal& r) { return r.provider == first; });
    if (lost == p.refused_by.end()) continue;
    const std::string op = operator_name(plan.graph.nodes[n]);
    // One and the same type or operator is one thing to fix, whatever the words about each node.
    Obstacle& o = found[{lost->reason, op}];
    if (o.nodes.empty()) {
      o.reason = lost->reason;
      o.op = op;
      o.detail = lost->detail;
    }
    o.nodes.push_back(n);
    o.est_us += std::max(0.0, p.est_us);
  }
  std::vector<Obstacle> out;
  for (auto& [key, o] : found) out.push_back(std::move(o));
  std::stable_sort(out.begin(), out.end(), [](const Obstacle& a, const Obstacle& b) {
    return a.nodes.size() != b.nodes.size() ? a.nodes.size() > b.nodes.size() : a.est_us > b.est_us;
  });
  return out;
}

}  // namespace halyard::core
