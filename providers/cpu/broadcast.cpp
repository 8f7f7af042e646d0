#include "providers/cpu/broadcast.hpp"

#include <string>

namespace halyard::cpu {

Result<Dims> broadcast_dims(std::span<const Tensor* const> operands) {
  Dims out;
  for (const Tensor* t : operands) {
    if (t->dims.size() > out.size()) out.insert(out.begin(), t->dims.size() - out.size(), 1);
    for (size_t i = 0; i < t->dims.size(); ++i) {
      int64_t& to = out[out.size() - t->dims.size() + i];
      const int64_t d = t->dims[i];
      if (to != d && to != 1 && d != 1) {
        std::string shapes;
        for (const Tensor* o : operands)
          shapes += (shapes.empty() ? "" : ", ") + dims_text(o->dims);
        return mismatch("dims do not broadcast: " + shapes + " (" + std::to_string(to) +
                        " against " + std::to_string(d) + ")");
      }
      if (to == 1) to = d;
    }
  }
  return out;
}

namespace {

template <class T>
void gather_elements(const Broadcast& walk, size_t operand, const T* from, int64_t begin,
                     int64_t end, T* to) {
  const int64_t step = walk.step(operand);
  walk.for_each_run(begin, end, [&](int64_t at, int64_t n, const auto& offsets) {
    const T* source = from + offsets[operand];
    for (int64_t i = 0; i < n; ++i) to[at - begin + i] = source[i * step];
  });
}

}  // namespace

bool Broadcast::repeats(size_t operand) const {
  const Dims& strides = strides_[operand];
  return std::all_of(strides.begin(), strides.end() - 1, [](int64_t s) { return s == 0; });
}

void Broadcast::gather(size_t operand, const void* from, size_t element_bytes, int64_t begin,
                       int64_t end, void* to) const {
  const auto gather_as = [&](auto tag) {
    using T = decltype(tag);
    gather_elements(*this, operand, static_cast<const T*>(from), begin, end, static_cast<T*>(to));
  };
  switch (element_bytes) {
    case 1:
      return gather_as(uint8_t{});
    case 2:
      return gather_as(uint16_t{});
    case 4:
      return gather_as(uint32_t{});
    default:
      return gather_as(uint64_t{});
  }
}

Broadcast::Broadcast(std::span<const Tensor* const> operands, std::span<const int64_t> dims) {
  // From the last dim to the first: into the one before, or a new one, which stands first.
  std::array<int64_t, kMost> sizes;  // elements of the operand behind this dim
  sizes.fill(1);
  for (size_t from_end = 1; from_end <= dims.size(); ++from_end) {
    const int64_t n = dims[dims.size() - from_end];
    if (n == 1) continue;
    std::array<int64_t, kMost> stride{};
    for (size_t k = 0; k < operands.size(); ++k) {
      const Dims& own = operands[k]->dims;
      const int64_t d = from_end <= own.size() ? own[own.size() - from_end] : 1;
      stride[k] = d == 1 ? 0 : sizes[k];
      sizes[k] *= d;
    }
    bool merges = !loop_.empty();
    for (size_t k = 0; k < kMost && merges; ++k)
      merges = stride[k] == strides_[k].front() * loop_.front();
    if (merges) {
      loop_.front() *= n;
      continue;
    }
    loop_.insert(loop_.begin(), n);
    for (size_t k = 0; k < kMost; ++k) strides_[k].insert(strides_[k].begin(), stride[k]);
  }
  if (loop_.empty()) {
    loop_.push_back(1);
    for (Dims& s : strides_) s.push_back(0);
  }
}

}  // namespace halyard::cpu
