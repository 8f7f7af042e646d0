// How long a node or a copy takes on a device.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/graph/graph.hpp"
#include "core/plan/estimate.hpp"
#include "core/plugin/provider.hpp"

namespace halyard::core {

/// A device's figures, with those of its type where it states none.
struct DeviceFigures {
  double flops = 0, bandwidth = 0;  // a second
  double launch_us = 0;
  double watts = 0;
};
DeviceFigures figures_of(const DeviceInfo& info);

/// Names work that takes equally long wherever it stands: operator, attributes, types and dims. Empty
/// where dims are not known.
std::string work_key(const Graph& graph, const NodeData& node);
/// The same with dims by value; nothing: not known.
using KnownDims = std::vector<std::optional<std::vector<int64_t>>>;
std::string work_key(const Graph& graph, const NodeData& node, const KnownDims& dims);

/// What nodes really took, by device and work. Any thread.
class MeasuredTimes {
 public:
  std::optional<double> find(const Device& device, const std::string& work) const;
  /// The least of what was recorded counts: the rest is noise of the machine.
  void record(const Device& device, const std::string& work, double us);
  /// All of a device, by work; and back again.
  std::map<std::string, double> of(const Device& device) const;
  void add(const Device& device, const std::map<std::string, double>& times);
  /// "provider/device/driver": the same hardware with the same software.
  static std::string device_key(const Device& device);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::map<std::string, double>> times_;  // guarded by mutex_
};

/// The time of a supported node: measured, else the provider's figure, else a roofline.
Estimate estimate(const Graph& graph, const NodeData& node, const Device& device,
                  const Verdict& verdict, const MeasuredTimes* measured);

}  // namespace halyard::core
