#include "node_order.hpp"

#include <functional>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "text.hpp"

namespace halyard::onnx {
namespace {

constexpr size_t kNodesShown = 8;

using Producers = std::unordered_map<std::string_view, uint32_t>;

/// What a node waits for: names it reads, its bodies' included.
std::vector<std::string_view> names_read(const proto::Node& node) {
  std::vector<std::string_view> out;
  for (std::string_view name : node.inputs)
    if (!name.empty()) out.push_back(name);
  const auto captured = captured_names(node);
  out.insert(out.end(), captured.begin(), captured.end());
  if (is_gradient(node) && !differentiated(node).empty()) out.push_back(differentiated(node));
  return out;
}

bool is_constant(const proto::Node& node) { return node.op == "Constant"; }

Result<Producers> find_producers(const std::vector<proto::Node>& nodes, const IsDefined& own) {
  Producers out;
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    for (std::string_view name : nodes[i].outputs) {
      if (name.empty()) continue;
      if (own(name))
        return invalid_model(describe(nodes[i]) + " defines value " + quote(name) +
                             ", which is an input or an initializer already");
      const auto [it, added] = out.emplace(name, i);
      if (added) continue;
      // Files with two Constants for a value are about, and run with the last one elsewhere.
      if (!is_constant(nodes[it->second]) || !is_constant(nodes[i]))
        return invalid_model("value " + quote(name) + " is defined twice: by " +
                             describe(nodes[it->second]) + " and by " + describe(nodes[i]));
      it->second = i;
    }
  }
  return out;
}

/// Every node that is left waits for another one that is: following them must come around.
Status cycle(const std::vector<proto::Node>& nodes,
             const std::vector<std::vector<uint32_t>>& waits_for,
             const std::vector<uint32_t>& missing) {
  uint32_t at = 0;
  while (missing[at] == 0) ++at;
  std::vector<uint32_t> path;
  std::unordered_map<uint32_t, size_t> seen;
  while (seen.emplace(at, path.size()).second) {
    path.push_back(at);
    for (uint32_t next : waits_for[at])
      if (missing[next] != 0) at = next;
  }
  const size_t first = seen[at];
  std::string text = "the graph has a cycle: ";
  for (size_t i = path.size(); i-- > first && path.size() - i <= kNodesShown;)
    text += describe(nodes[path[i]]) + " -> ";
  if (path.size() - first > kNodesShown) text += "... -> ";
  return invalid_model(text + describe(nodes[path.back()]));
}

}  // namespace

std::string name_of(const proto::Node& node) {
  if (!node.name.empty()) return std::string(node.name);
  std::string out(node.op);
  for (std::string_view name : node.outputs)
    if (!name.empty()) return out + ":" + std::string(name);
  return out;
}

std::string describe(const proto::Node& node) {
  const std::string domain = node.domain.empty() ? "" : std::string(node.domain) + ":";
  std::string op = quote(domain + std::string(node.op));
  return "node " + quote(name_of(node)) + " (" + op.substr(1, op.size() - 2) + ")";
}

bool is_gradient(const proto::Node& node) {
  return node.op == "Gradient" && node.domain == kTrainingDomain;
}

std::string_view differentiated(const proto::Node& node) {
  for (const proto::Attribute& a : node.attributes)
    if (a.name == "y") return a.s;
  return {};
}

std::vector<std::string_view> free_names(const proto::Graph& graph) {
  std::unordered_set<std::string_view> known;
  for (const proto::ValueInfo& v : graph.inputs) known.insert(v.name);
  for (const proto::Tensor& t : graph.initializers) known.insert(t.name);
  for (const proto::Node& n : graph.nodes) known.insert(n.outputs.begin(), n.outputs.end());
  std::vector<std::string_view> out;
  const auto use = [&](std::string_view name) {
    if (!name.empty() && known.insert(name).second) out.push_back(name);
  };
  for (const proto::Node& n : graph.nodes)
    for (std::string_view name : names_read(n)) use(name);
  for (const proto::ValueInfo& v : graph.outputs) use(v.name);
  return out;
}

std::vector<std::string_view> captured_names(const proto::Node& node) {
  std::vector<std::string_view> out;
  std::unordered_set<std::string_view> seen;
  for (const proto::Attribute& a : node.attributes) {
    if (a.g == nullptr) continue;
    for (std::string_view name : free_names(*a.g))
      if (seen.insert(name).second) out.push_back(name);
  }
  return out;
}

Result<std::vector<uint32_t>> order_nodes(const std::vector<proto::Node>& nodes,
                                          const IsDefined& own, const IsDefined& outer) {
  HY_ASSIGN_OR_RETURN(const Producers producers, find_producers(nodes, own));
  std::vector<std::vector<uint32_t>> waits_for(nodes.size()), feeds(nodes.size());
  std::vector<uint32_t> missing(nodes.size());
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    for (std::string_view name : names_read(nodes[i])) {
      if (own(name)) continue;
      const auto from = producers.find(name);
      if (from == producers.end() && outer(name)) continue;
      if (from == producers.end())
        return invalid_model(describe(nodes[i]) + " uses value " + quote(name) +
                             ", which is no input, no initializer and no node's output");
      waits_for[i].push_back(from->second);
      feeds[from->second].push_back(i);
      ++missing[i];
    }
  }
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> ready;
  for (uint32_t i = 0; i < nodes.size(); ++i)
    if (missing[i] == 0) ready.push(i);
  std::vector<uint32_t> out;
  while (!ready.empty()) {
    const uint32_t node = ready.top();
    ready.pop();
    out.push_back(node);
    for (uint32_t next : feeds[node])
      if (--missing[next] == 0) ready.push(next);
  }
  if (out.size() != nodes.size()) return cycle(nodes, waits_for, missing);
  return out;
}

}  // namespace halyard::onnx
