#include "core/runtime/run_context.hpp"

#include <fmt/format.h>

namespace halyard::core {
namespace {

constexpr uint64_t kWaitSliceNs = 50'000'000;  // between looks at the cancel flag
constexpr uint64_t kArenaAlignment = 64;

}  // namespace

void DeviceBuffer::reset() {
  if (allocated_) device_->memory().free(device_->raw(), handle_);
  allocated_ = false;
  capacity_ = 0;
}

Status DeviceBuffer::reserve(const std::shared_ptr<Device>& device, hy_job& job, uint64_t bytes) {
  if (allocated_ && capacity_ >= bytes) return {};
  reset();
  device_ = device;
  const hy_status code = device->memory().alloc(device->raw(), &job, bytes, &handle_);
  HY_RETURN_IF_ERROR(
      job.status(code, fmt::format("provider {}: allocating {} bytes on \"{}\"",
                                   device->provider().id(), bytes, device->info().name)));
  allocated_ = true;
  capacity_ = bytes;
  return {};
}

DeviceFence::~DeviceFence() { reset(); }

void DeviceFence::reset() {
  if (created_) device_->async().destroy(device_->raw(), fence_);
  created_ = false;
  value_ = reached_ = 0;
}

Result<hy_fence_point> DeviceFence::next(const std::shared_ptr<Device>& device, hy_job& job) {
  device_ = device;
  if (!created_) {
    const hy_status code = device->async().create(device->raw(), &job, 0, &fence_);
    HY_RETURN_IF_ERROR(
        job.status(code, fmt::format("provider {}: creating a fence", device->provider().id())));
    created_ = true;
  }
  return hy_fence_point{fence_, ++value_};
}

Status DeviceFence::wait(hy_job& job) {
  if (value_ == reached_) return {};
  for (;;) {
    const hy_status code =
        device_->async().wait(device_->raw(), &job, fence_, value_, kWaitSliceNs);
    if (code == HY_OK) {
      reached_ = value_;
      return {};
    }
    // A cancelled run is still waited for: the device writes into memory that is about to be reused.
    if (code == HY_ERROR_DEADLINE) continue;
    const Status failed =
        job.status(code, fmt::format("provider {}: run", device_->provider().id()));
    reset();
    return failed;
  }
}

void RunContext::reserve_arena(uint64_t bytes) {
  if (arena == nullptr || arena_storage.size() < bytes + kArenaAlignment) {
    arena_storage = std::vector<unsigned char>(bytes + kArenaAlignment);
    const auto address = reinterpret_cast<uintptr_t>(arena_storage.data());
    arena = arena_storage.data() + (kArenaAlignment - address % kArenaAlignment) % kArenaAlignment;
  }
}

}  // namespace halyard::core
