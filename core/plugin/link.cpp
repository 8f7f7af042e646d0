#include "core/plugin/link.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "core/plugin/provider.hpp"

namespace halyard::core {
namespace {

constexpr uint64_t kSmall = 4 << 10, kLarge = 1 << 20;
constexpr int kRepeats = 3;

/// The least time of writing and reading so many bytes, halved; negative where a call fails.
double copy_us(const Device& device, uint64_t handle, std::vector<char>& bytes, uint64_t size) {
  double least = -1;
  for (int i = 0; i < kRepeats; ++i) {
    hy_job job;
    const auto start = std::chrono::steady_clock::now();
    if (device.memory().write(device.raw(), &job, handle, 0, bytes.data(), size) != HY_OK ||
        device.memory().read(device.raw(), &job, handle, 0, bytes.data(), size) != HY_OK)
      return -1;
    const double us =
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
            .count() /
        2;
    least = least < 0 ? us : std::min(least, us);
  }
  return least;
}

/// Two significant digits: finer is noise, and would make plans differ from one process to the next.
double coarse(double x) {
  if (x <= 0) return 0;
  const double unit = std::pow(10, std::floor(std::log10(x)) - 1);
  return std::round(x / unit) * unit;
}

void measure(const Device& device, Link& link) {
  hy_job job;
  uint64_t handle = 0;
  if (device.memory().alloc(device.raw(), &job, kLarge, &handle) != HY_OK) return;
  std::vector<char> bytes(kLarge);
  const double small = copy_us(device, handle, bytes, kSmall);
  const double large = small < 0 ? -1 : copy_us(device, handle, bytes, kLarge);
  device.memory().free(device.raw(), handle);
  if (small < 0 || large < 0) return;
  const double slope = std::max(0.0, (large - small) / static_cast<double>(kLarge - kSmall));
  link.us_per_byte = coarse(slope);
  link.latency_us = coarse(std::max(0.0, small - slope * static_cast<double>(kSmall)));
  link.measured = true;
}

}  // namespace

Link find_link(const Device& device) {
  Link link;
  if (device.host_memory()) return link;
  const DeviceInfo& info = device.info();
  if (info.copy_latency_us <= 0 || info.copy_bandwidth <= 0) measure(device, link);
  if (info.copy_latency_us > 0) link.latency_us = info.copy_latency_us;
  if (info.copy_bandwidth > 0) link.us_per_byte = 1e6 / info.copy_bandwidth;
  return link;
}

}  // namespace halyard::core
