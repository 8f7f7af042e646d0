#include "core/plan/estimates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/plan/work.hpp"

namespace halyard::core {
namespace {

/// Orders of magnitude of ordinary hardware, for devices that say nothing.
DeviceFigures typical(uint32_t type) {
  switch (type) {
    case HY_DEVICE_TYPE_GPU:
      return {2e12, 100e9, 15, 60};
    case HY_DEVICE_TYPE_NPU:
      return {4e12, 50e9, 30, 8};
    default:
      return {100e9, 20e9, 1, 30};
  }
}

/// Of calling whatever computes it.
constexpr double kNodeOverheadUs = 0.5;

void append(std::string& out, const AttributeValue& value, const Graph& graph) {
  std::visit(
      [&](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, TensorAttr>) {
          const ConstantData& c = graph.constants[v.constant];
          out += fmt::format("tensor {}[{}]", c.dtype, fmt::join(c.dims, ","));
        } else if constexpr (std::is_same_v<T, GraphAttr>) {
          out += "graph";
        } else if constexpr (std::is_arithmetic_v<T> || std::is_convertible_v<T, std::string>) {
          out += fmt::format("{}", v);
        } else {
          out += fmt::format("{}", fmt::join(v, ","));
        }
      },
      value);
}

}  // namespace

const char* estimate_source_name(EstimateSource source) {
  switch (source) {
    case EstimateSource::kProvider:
      return "provider";
    case EstimateSource::kMeasured:
      return "measured";
    case EstimateSource::kRoofline:
      return "roofline";
    case EstimateSource::kAssumed:
      return "assumed";
    case EstimateSource::kUnknown:
      break;
  }
  return "";
}

DeviceFigures figures_of(const DeviceInfo& info) {
  DeviceFigures out = typical(info.type);
  if (info.flops > 0) out.flops = info.flops;
  if (info.bandwidth > 0) out.bandwidth = info.bandwidth;
  if (info.launch_us > 0) out.launch_us = info.launch_us;
  if (info.watts > 0) out.watts = info.watts;
  return out;
}

namespace {

template <class F>
std::string work_key_of(const Graph& graph, const NodeData& node, F&& dims_of) {
  std::string out = node.domain + ":" + node.op;
  for (const auto& [name, value] : node.attributes) {
    out += " " + name + "=";
    append(out, value, graph);
  }
  const auto add = [&](const std::vector<ValueId>& values) {
    for (const ValueId v : values) {
      out += " ";
      if (v == kNone) continue;
      const TensorType& type = graph.values[v].type;
      const std::optional<std::vector<int64_t>> dims = dims_of(v);
      if (!dims) return false;
      out +=
          fmt::format("{}{}[{}]{}", type.dtype, type.is_tensor() ? "" : "*", fmt::join(*dims, ","),
                      graph.values[v].kind == HY_VALUE_CONSTANT ? "c" : "");
    }
    return true;
  };
  if (!add(node.inputs)) return {};
  out += " ->";
  if (!add(node.outputs)) return {};
  return out;
}

}  // namespace

std::string work_key(const Graph& graph, const NodeData& node) {
  return work_key_of(graph, node,
                     [&](ValueId v) { return fixed_dims(graph.values[v].type.shape); });
}

std::string work_key(const Graph& graph, const NodeData& node, const KnownDims& dims) {
  return work_key_of(graph, node, [&](ValueId v) { return dims[v]; });
}

std::string MeasuredTimes::device_key(const Device& device) {
  return fmt::format("{}/{}/{}", device.provider().id(), device.info().name, device.info().driver);
}

std::optional<double> MeasuredTimes::find(const Device& device, const std::string& work) const {
  if (work.empty()) return {};
  const std::scoped_lock lock(mutex_);
  const auto of_device = times_.find(device_key(device));
  if (of_device == times_.end()) return {};
  const auto at = of_device->second.find(work);
  if (at == of_device->second.end()) return {};
  return at->second;
}

void MeasuredTimes::record(const Device& device, const std::string& work, double us) {
  if (work.empty() || !std::isfinite(us) || us < 0) return;
  const std::scoped_lock lock(mutex_);
  auto [at, added] = times_[device_key(device)].emplace(work, us);
  if (!added) at->second = std::min(at->second, us);
}

std::map<std::string, double> MeasuredTimes::of(const Device& device) const {
  const std::scoped_lock lock(mutex_);
  const auto at = times_.find(device_key(device));
  return at == times_.end() ? std::map<std::string, double>() : at->second;
}

void MeasuredTimes::add(const Device& device, const std::map<std::string, double>& times) {
  for (const auto& [work, us] : times) record(device, work, us);
}

Estimate estimate(const Graph& graph, const NodeData& node, const Device& device,
                  const Verdict& verdict, const MeasuredTimes* measured) {
  if (measured != nullptr)
    if (const auto us = measured->find(device, work_key(graph, node)))
      return {*us, EstimateSource::kMeasured};
  if (std::isfinite(verdict.est_us) && verdict.est_us >= 0)
    return {verdict.est_us, EstimateSource::kProvider};
  const Work work = node_work(graph, node);
  const DeviceFigures f = figures_of(device.info());
  const double us =
      kNodeOverheadUs + 1e6 * std::max(work.operations / f.flops, work.bytes / f.bandwidth);
  return {us, work.assumed ? EstimateSource::kAssumed : EstimateSource::kRoofline};
}

}  // namespace halyard::core
