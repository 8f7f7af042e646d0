#include "providers/cpu/buffer_pool.hpp"

#include <algorithm>
#include <cstdlib>

namespace halyard::cpu {

namespace {

// Buffers this large start on a page of their own, which lets the system give huge pages.
constexpr size_t kPage = 4096;

size_t rounded(size_t bytes) {
  const size_t unit = bytes >= kPage ? kPage : kAlignment;
  return std::max<size_t>((bytes + unit - 1) / unit * unit, kAlignment);
}

}  // namespace

BufferPool::~BufferPool() {
  for (const auto& b : buffers_) std::free(b->data);
}

BufferPool::Buffer* BufferPool::take(size_t bytes) {
  Buffer* best = nullptr;
  for (const auto& b : buffers_) {
    // A much larger buffer is left for a tensor that needs it.
    if (b->owners != 0 || b->capacity < bytes || b->capacity / 4 > bytes + kPage) continue;
    if (best == nullptr || b->capacity < best->capacity) best = b.get();
  }
  if (best == nullptr) {
    if (bytes > SIZE_MAX / 2) return nullptr;
    const size_t capacity = rounded(bytes);
    void* data = std::aligned_alloc(capacity >= kPage ? kPage : kAlignment, capacity);
    if (data == nullptr) return nullptr;
    buffers_.push_back(std::make_unique<Buffer>());
    best = buffers_.back().get();
    best->data = data;
    best->capacity = capacity;
  }
  best->owners = 1;
  best->touched = true;
  return best;
}

void BufferPool::end_run() {
  const auto unused = [](const std::unique_ptr<Buffer>& b) {
    if (!b->touched) std::free(b->data);
    return !b->touched;
  };
  std::erase_if(buffers_, unused);
  for (const auto& b : buffers_) {
    b->owners = 0;
    b->touched = false;
  }
}

}  // namespace halyard::cpu
