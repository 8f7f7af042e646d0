// Pieces of tensors along an axis, and tensors joined along one: copies, of any type whose elements are whole
// bytes, and of strings.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/runtime/tensor.hpp"

namespace halyard::core {

/// `length` positions of the axis from `start` on. drop_axis: length is 1 and the axis goes.
Result<std::shared_ptr<const hy_tensor>> slice_tensor(const hy_tensor& from, size_t axis,
                                                      int64_t start, int64_t length,
                                                      bool drop_axis);
/// Tensors of one type joined along an axis that they have, or a new one. axis: negative from the end.
Result<std::shared_ptr<const hy_tensor>> join_tensors(
    std::span<const std::shared_ptr<const hy_tensor>> parts, int64_t axis, bool new_axis);
/// A string tensor.
Result<std::shared_ptr<const hy_tensor>> make_texts(std::vector<int64_t> dims,
                                                    std::span<const std::string_view> texts);

}  // namespace halyard::core
