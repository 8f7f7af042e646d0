// Tensors whose channels are blocked: [n, c, d...] kept as [n, ceil(c / block), d..., block], the last
// block filled with zeros. Convolutions want it; most kernels never see it.
#pragma once

#include <cstdint>
#include <span>

#include "providers/cpu/tensor.hpp"

namespace halyard::cpu {

/// What a kernel takes and gives besides plain tensors.
enum class Layouts {
  kPlain,    // nothing
  kBlocked,  // its operand 0 and output 0 may be blocked: it looks at Tensor::block
  kPointwise,  // broadcasts its operands, element by element: a blocked one is plain, of one axis more
  kAligned,  // as kPointwise, where every operand is blocked
};

size_t blocked_bytes(std::span<const int64_t> dims, int64_t block);

/// The dims that a blocked tensor has as a plain one; c is a multiple of the block.
Dims physical_dims(std::span<const int64_t> dims, int64_t block);
/// The opposite.
Dims logical_dims(std::span<const int64_t> physical);

/// How a plain operand that broadcasts to a blocked result of these (logical) dims reads as one of the
/// physical dims, its memory unchanged: false where it does not.
bool view_as_physical(const Tensor& operand, std::span<const int64_t> result, int64_t block,
                      Tensor* view);

/// Writes the elements of a blocked f32 tensor in C order.
void unblock(int threads, const Tensor& from, float* to);

}  // namespace halyard::cpu
