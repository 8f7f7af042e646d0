#include "core/plan/expansion.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/boykov_kolmogorov_max_flow.hpp>

namespace halyard::core {
namespace {

using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
using Network = boost::adjacency_list<
    boost::vecS, boost::vecS, boost::directedS,
    boost::property<
        boost::vertex_color_t, boost::default_color_type,
        boost::property<boost::vertex_distance_t, long,
                        boost::property<boost::vertex_predecessor_t, Traits::edge_descriptor>>>,
    boost::property<
        boost::edge_capacity_t, double,
        boost::property<boost::edge_residual_capacity_t, double,
                        boost::property<boost::edge_reverse_t, Traits::edge_descriptor>>>>;

/// A vertex a node: on the source's side of the cut it stays, on the sink's it changes.
class Cut {
 public:
  explicit Cut(size_t nodes) : network_(nodes + 2), source_(nodes), sink_(nodes + 1) {}

  size_t add_vertex() { return boost::add_vertex(network_); }
  /// What it costs to have `a` stay and `b` change.
  void add(size_t a, size_t b, double cost) {
    if (cost <= 0) return;
    const auto forth = boost::add_edge(a, b, network_).first;
    const auto back = boost::add_edge(b, a, network_).first;
    auto capacity = boost::get(boost::edge_capacity, network_);
    auto reverse = boost::get(boost::edge_reverse, network_);
    capacity[forth] = cost;
    capacity[back] = 0;
    reverse[forth] = back;
    reverse[back] = forth;
  }
  void stay_costs(size_t a, double cost) { add(a, sink_, cost); }
  void change_costs(size_t a, double cost) { add(source_, a, cost); }

  void solve() { boost::boykov_kolmogorov_max_flow(network_, source_, sink_); }
  bool changes(size_t a) const {
    // The source's tree is black; what it does not reach may as well change.
    return boost::get(boost::vertex_color, network_, a) != boost::black_color;
  }

 private:
  Network network_;
  size_t source_, sink_;
};

/// Larger than any sum of costs, and finite: capacities are added.
constexpr double kNever = 1e15;

double copy_us(const PlacementProblem& p, uint32_t from, uint32_t to, double bytes) {
  const auto one = [&](uint32_t d) {
    return p.devices[d].copy_latency_us + p.devices[d].copy_us_per_byte * bytes;
  };
  double us = 0;
  if (p.devices[from].memory == p.devices[to].memory) return us;
  if (p.devices[from].memory != 0) us += one(from);
  if (p.devices[to].memory != 0) us += one(to);
  return us;
}

double from_host_us(const PlacementProblem& p, uint32_t to, double bytes) {
  const auto& d = p.devices[to];
  return d.memory == 0 ? 0 : d.copy_latency_us + d.copy_us_per_byte * bytes;
}

double weight_of(const PlacementProblem& p, uint32_t device) {
  return p.objective == Objective::kPower ? p.devices[device].watts : 1;
}

/// A value that `from` has and `readers` want, where readers may come to have other devices than it has.
void add_value(const PlacementProblem& p, const std::vector<uint32_t>& device_of, uint32_t device,
               const PlacementProblem::Value& value, Cut& cut) {
  const auto crossing = [&](uint32_t a, uint32_t b) {
    return a == b ? 0 : (copy_us(p, a, b, value.bytes) + p.devices[b].launch_us) * weight_of(p, b);
  };
  if (value.producer == kNoNode) {
    // It is copied where one reader at least is over there: a vertex that changes if any of them does.
    if (const double us = from_host_us(p, device, value.bytes) * weight_of(p, device); us > 0) {
      const size_t any = cut.add_vertex();
      cut.change_costs(any, us);
      for (const uint32_t n : value.consumers) cut.add(any, n, kNever);
    }
    return;
  }
  const uint32_t from = device_of[value.producer];
  if (value.leaves) {
    cut.stay_costs(value.producer, from_host_us(p, from, value.bytes) * weight_of(p, from));
    cut.change_costs(value.producer, from_host_us(p, device, value.bytes) * weight_of(p, device));
  }
  // The producer stays and some reader changes: paid once, by a vertex that changes if any of them does.
  if (const double us = crossing(from, device); us > 0) {
    const size_t any = cut.add_vertex();
    cut.add(value.producer, any, us);
    for (const uint32_t n : value.consumers) cut.add(any, n, kNever);
  }
  // The producer changes and some reader stays: a vertex for each device that readers stay on.
  std::vector<uint32_t> stays;
  for (const uint32_t n : value.consumers) stays.push_back(device_of[n]);
  std::sort(stays.begin(), stays.end());
  stays.erase(std::unique(stays.begin(), stays.end()), stays.end());
  for (const uint32_t to : stays) {
    // Where both stay on different devices a cost is there already: charged is only what a change adds.
    const double extra = crossing(device, to) - (from == device ? 0 : crossing(from, to));
    if (extra <= 0) continue;
    const size_t some = cut.add_vertex();
    cut.add(some, value.producer, extra);
    for (const uint32_t n : value.consumers)
      if (device_of[n] == to) cut.add(n, some, kNever);
  }
}

}  // namespace

std::vector<uint32_t> expand(const PlacementProblem& problem, std::vector<uint32_t> device_of,
                             uint32_t device) {
  Cut cut(problem.node_count());
  for (uint32_t n = 0; n < problem.node_count(); ++n) {
    const double stay = problem.cost_us[n][device_of[n]] * weight_of(problem, device_of[n]);
    const double change = problem.cost_us[n][device] * weight_of(problem, device);
    // Whoever is there already counts as changed.
    cut.stay_costs(n, device_of[n] == device ? kNever : stay);
    cut.change_costs(n, std::min(change, kNever));
  }
  for (const auto& value : problem.values) add_value(problem, device_of, device, value, cut);
  cut.solve();
  for (uint32_t n = 0; n < problem.node_count(); ++n)
    if (cut.changes(n) && problem.cost_us[n][device] != kRefusedCost) device_of[n] = device;
  return device_of;
}

}  // namespace halyard::core
