// How fast values move between a device's own memory and the host's.
#pragma once

namespace halyard::core {

class Device;

struct Link {
  double latency_us = 0;   // of each copy
  double us_per_byte = 0;  // and of its size
  bool measured = false;   // else stated by the device
};

/// As the device states it, else as a few copies show that are made here. All zero for a device that takes
/// host memory, and where the copies fail: then a run will say so. Use Device::link, which keeps it.
Link find_link(const Device& device);

}  // namespace halyard::core
