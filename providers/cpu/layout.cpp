#include "providers/cpu/layout.hpp"

#include <algorithm>

#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrainElements = 1 << 14;

template <int64_t kBlock>
void unblock_plane(const float* from, float* to, int64_t area, int64_t channels) {
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t s = 0; s < area; ++s) to[c * area + s] = from[s * kBlock + c];
}

}  // namespace

size_t blocked_bytes(std::span<const int64_t> dims, int64_t block) {
  const int64_t padded = (dims[1] + block - 1) / block * block;
  return static_cast<size_t>(dims[0] * padded * count_of(dims.subspan(2))) * sizeof(float);
}

Dims physical_dims(std::span<const int64_t> dims, int64_t block) {
  Dims out(dims);
  out[1] /= block;
  out.push_back(block);
  return out;
}

Dims logical_dims(std::span<const int64_t> physical) {
  Dims out(physical.first(physical.size() - 1));
  out[1] *= physical.back();
  return out;
}

bool view_as_physical(const Tensor& operand, std::span<const int64_t> result, int64_t block,
                      Tensor* view) {
  *view = operand;
  if (operand.count() == 1) {
    view->dims.clear();
    return true;
  }
  if (operand.dims.size() > result.size()) return false;
  Dims dims(result.size(), 1);
  std::copy(operand.dims.begin(), operand.dims.end(), dims.end() - operand.rank());
  const bool point = count_of(std::span<const int64_t>(dims).subspan(2)) == 1;
  if (dims[1] == 1) {
    dims.push_back(1);
  } else if (dims[1] == result[1] && point) {
    dims = physical_dims(dims, block);
  } else {
    return false;
  }
  view->dims = dims;
  return true;
}

void unblock(int threads, const Tensor& from, float* to) {
  const int64_t block = from.block, channels = from.dim(1), blocks = (channels + block - 1) / block;
  const int64_t area = count_of(from.shape().subspan(2));
  const int64_t grain = kGrainElements / std::max<int64_t>(area * block, 1) + 1;
  parallel_for(threads, from.dim(0) * blocks, grain, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      const int64_t first = p % blocks * block, n = std::min(block, channels - first);
      const float* source = from.as<const float>() + p * block * area;
      float* target = to + (p / blocks * channels + first) * area;
      if (block == 16)
        unblock_plane<16>(source, target, area, n);
      else
        unblock_plane<8>(source, target, area, n);
    }
  });
}

}  // namespace halyard::cpu
