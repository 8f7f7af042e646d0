// The memory of one run, kept from run to run: the arena, the buffers on devices and their fences.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
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
  void swap(DeviceBuffer& other);
  uint64_t handle() const { return handle_; }
  uint64_t capacity() const { return capacity_; }

 private:
  void reset();
  std::shared_ptr<Device> device_;
  uint64_t handle_ = 0, capacity_ = 0;
  bool allocated_ = false;
};

/// A timeline fence of a device. Any thread, but for take_back. Destroyed with the object.
class DeviceFence {
 public:
  DeviceFence() = default;
  DeviceFence(const DeviceFence&) = delete;
  ~DeviceFence();
  /// Creates the fence at its first use and gives the next point of its timeline.
  Result<hy_fence_point> next(const std::shared_ptr<Device>& device, hy_job& job);
  /// The run that got the latest point failed at once and will not reach it.
  void take_back();
  /// Waits for the latest point given out so far. A failed one fails all that wait, until reset.
  Status wait(hy_job& job);
  /// A new fence in place of one that has failed; no run may be on.
  void renew();

 private:
  void reset();
  std::mutex mutex_;  // guards what follows
  std::shared_ptr<Device> device_;
  uint64_t fence_ = 0;
  uint64_t value_ = 0, reached_ = 0;  // points: the latest given out, the latest waited for
  bool created_ = false;
  Status failed_;
};

/// Used by one run at a time. Owned by its program.
struct RunContext {
  std::vector<unsigned char> arena_storage;
  unsigned char* arena = nullptr;
  void reserve_arena(uint64_t bytes);

  // Each made at its first use, by any thread; the references stay good.
  DeviceBuffer& buffer(uint32_t device, uint32_t value);
  DeviceFence& fence(uint32_t device);
  /// That of the device, or null where it was never used.
  DeviceFence* find_fence(uint32_t device);
  /// Memory of a value that is sized during the run.
  std::vector<unsigned char>& dynamic(uint32_t value);
  /// Waits for every device that still works, whatever happened; the first failure.
  Status drain(hy_job& job);

 private:
  std::mutex mutex_;  // guards the maps, not what they hold
  std::map<std::pair<uint32_t, uint32_t>, DeviceBuffer> buffers_;  // by device, value
  std::map<uint32_t, DeviceFence> fences_;                         // by device
  std::map<uint32_t, std::vector<unsigned char>> dynamic_;         // by value
};

}  // namespace halyard::core
