// The memory of one run, kept from run to run: the arena, the buffers on devices and their fences.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "core/plugin/provider.hpp"

namespace halyard::core {

/// A buffer in a device's own memory. Freed with the object.
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  DeviceBuffer(const DeviceBuffer&) = delete;
  ~DeviceBuffer() { reset(); }
  /// At least `bytes` long; contents are lost when it grows.
  Status reserve(const std::shared_ptr<Device>& device, hy_job& job, uint64_t bytes);
  uint64_t handle() const { return handle_; }
  uint64_t capacity() const { return capacity_; }

 private:
  void reset();
  std::shared_ptr<Device> device_;
  uint64_t handle_ = 0, capacity_ = 0;
  bool allocated_ = false;
};

/// A timeline fence of a device. Destroyed with the object.
class DeviceFence {
 public:
  DeviceFence() = default;
  DeviceFence(const DeviceFence&) = delete;
  ~DeviceFence();
  /// Creates the fence at its first use and gives the next point of its timeline.
  Result<hy_fence_point> next(const std::shared_ptr<Device>& device, hy_job& job);
  /// The run that got the latest point failed at once and will not reach it.
  void take_back() { --value_; }
  /// Waits for the latest point given out. The fence of a failed run is replaced.
  Status wait(hy_job& job);

 private:
  void reset();
  std::shared_ptr<Device> device_;
  uint64_t fence_ = 0;
  uint64_t value_ = 0, reached_ = 0;  // points: the latest given out, the latest waited for
  bool created_ = false;
};

/// Used by one run at a time. Owned by its program.
struct RunContext {
  std::vector<unsigned char> arena_storage;
  unsigned char* arena = nullptr;
  void reserve_arena(uint64_t bytes);

  std::map<std::pair<uint32_t, uint32_t>, DeviceBuffer> buffers;  // by device, value
  std::map<uint32_t, DeviceFence> fences;                         // by device
  std::map<uint32_t, std::vector<unsigned char>> dynamic;         // by value: sized during the run
};

}  // namespace halyard::core
