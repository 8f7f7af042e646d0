#include "core/runtime/run_context.hpp"

#include <fmt/format.h>

#include <algorithm>

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

void DeviceBuffer::swap(DeviceBuffer& other) {
  std::swap(device_, other.device_);
  std::swap(handle_, other.handle_);
  std::swap(capacity_, other.capacity_);
  std::swap(allocated_, other.allocated_);
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
  const std::scoped_lock lock(mutex_);
  device_ = device;
  if (!created_) {
    const hy_status code = device->async().create(device->raw(), &job, 0, &fence_);
    HY_RETURN_IF_ERROR(
        job.status(code, fmt::format("provider {}: creating a fence", device->provider().id())));
    created_ = true;
  }
  return hy_fence_point{fence_, ++value_};
}

void DeviceFence::take_back() {
  const std::scoped_lock lock(mutex_);
  --value_;
}

Status DeviceFence::wait(hy_job& job) {
  uint64_t point = 0, fence = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (!failed_.ok()) return failed_;
    if (value_ == reached_) return {};
    point = value_;
    fence = fence_;
  }
  for (;;) {
    const hy_status code = device_->async().wait(device_->raw(), &job, fence, point, kWaitSliceNs);
    // A cancelled run is still waited for: the device writes into memory that is about to be reused.
    if (code == HY_ERROR_DEADLINE) continue;
    const std::scoped_lock lock(mutex_);
    if (code == HY_OK) {
      reached_ = std::max(reached_, point);
      return {};
    }
    failed_ = job.status(code, fmt::format("provider {}: run", device_->provider().id()));
    return failed_;
  }
}

void DeviceFence::renew() {
  const std::scoped_lock lock(mutex_);
  if (failed_.ok()) return;
  reset();
  failed_ = {};
}

DeviceBuffer& RunContext::buffer(uint32_t device, uint32_t value) {
  const std::scoped_lock lock(mutex_);
  return buffers_[{device, value}];
}

DeviceFence& RunContext::fence(uint32_t device) {
  const std::scoped_lock lock(mutex_);
  return fences_[device];
}

DeviceFence* RunContext::find_fence(uint32_t device) {
  const std::scoped_lock lock(mutex_);
  const auto it = fences_.find(device);
  return it == fences_.end() ? nullptr : &it->second;
}

std::vector<unsigned char>& RunContext::dynamic(uint32_t value) {
  const std::scoped_lock lock(mutex_);
  return dynamic_[value];
}

Status RunContext::drain(hy_job& job) {
  Status first;
  for (auto& [device, fence] : fences_) {
    if (Status s = fence.wait(job); first.ok()) first = std::move(s);
    fence.renew();
  }
  return first;
}

void RunContext::reserve_arena(uint64_t bytes) {
  if (arena == nullptr || arena_storage.size() < bytes + kArenaAlignment) {
    arena_storage = std::vector<unsigned char>(bytes + kArenaAlignment);
    const auto address = reinterpret_cast<uintptr_t>(arena_storage.data());
    arena = arena_storage.data() + (kArenaAlignment - address % kArenaAlignment) % kArenaAlignment;
  }
}

}  // namespace halyard::core
