#include "core/plan/unplaced.hpp"

#include <fmt/format.h>

#include "core/opset/table.hpp"

namespace halyard::core {

void Unplaced::add(NodeId n, const std::vector<Refusal>& refusals, bool taken) {
  const NodeData& node = graph_.nodes[n];
  const bool unknown = !taken && find_operator_impl(node.domain, node.op) == nullptr;
  unknown_ = unknown_ || unknown;
  if (++count_ > kMaxNodes) return;
  words_ += "\n  " + node.label();
  if (unknown)
    words_ += fmt::format(": operator {} of {} is not in the operator set", node.op,
                          node.domain.empty() ? "the default domain" : "domain " + node.domain);
  for (const Refusal& r : refusals)
    if (required_.empty() || r.provider == required_)
      words_ += fmt::format("\n    {}: {}{}{}", r.provider, reason_name(r.reason),
                            r.detail.empty() ? "" : ": ", r.detail);
}

Status Unplaced::status() const {
  if (count_ == 0) return {};
  const std::string who = no_devices_ ? "there is no usable provider (see `halyard plugins`)"
                          : required_.empty()
                              ? "no provider takes"
                              : "the required provider " + required_ + " does not take";
  std::string text = fmt::format("{} {} of {} nodes:{}", who, count_, graph_.nodes.size(), words_);
  if (count_ > kMaxNodes) text += fmt::format("\n  and {} more", count_ - kMaxNodes);
  return Status(unknown_ ? HY_ERROR_INVALID_MODEL : HY_ERROR_UNPLACED, std::move(text));
}

}  // namespace halyard::core
