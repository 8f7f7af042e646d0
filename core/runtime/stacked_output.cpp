#include "core/runtime/stacked_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/runtime/tensor_pieces.hpp"

namespace halyard::core {
namespace {

constexpr uint64_t kFirstBytes = 4096;

}  // namespace

Status StackedOutput::begin(Executor& executor, int64_t count, bool reversed, int64_t axis) {
  executor_ = &executor;
  count_ = count;
  added_ = 0;
  reversed_ = reversed;
  axis_ = axis;
  direct_ = sized_ = false;
  base_ = nullptr;
  block_.reset();
  texts_.clear();
  return {};
}

/// From the end or not, the axis becomes one of the result's own.
Status StackedOutput::count_axis(size_t element_rank) {
  const auto rank = static_cast<int64_t>(element_rank) + 1;
  const int64_t axis = axis_ < 0 ? axis_ + rank : axis_;
  if (axis < 0 || axis >= rank)
    return mismatch(
        fmt::format("scan output {}: axis {} of a result of rank {}", number_, axis_, rank));
  axis_ = axis;
  return {};
}

Status StackedOutput::set_element(std::span<const int64_t> dims, uint64_t bytes) {
  if (sized_) {
    if (std::equal(dims.begin(), dims.end(), dims_.begin(), dims_.end())) return {};
    return mismatch(
        fmt::format("scan output {} is {} where the iterations before gave {}; what is stacked "
                    "must have equal dims",
                    number_, dims_text(dims), dims_text(dims_)));
  }
  dims_.assign(dims.begin(), dims.end());
  bytes_ = bytes;
  sized_ = true;
  HY_RETURN_IF_ERROR(count_axis(dims.size()));
  if (count_ >= 0 && axis_ == 0 && value_ != kNone) {
    uint64_t total = 0;
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(count_), &total))
      return mismatch(fmt::format("{} elements of {} bytes are too many", count_, bytes));
    HY_ASSIGN_OR_RETURN(void* data, executor_->give(value_, joined_dims(0), total));
    base_ = static_cast<unsigned char*>(data);
    direct_ = true;
  }
  return {};
}

Status StackedOutput::grow() {
  if (direct_ || value_ == kNone) return {};
  const auto used = static_cast<uint64_t>(added_) * bytes_, needed = used + bytes_;
  if (block_ == nullptr) {
    const uint64_t all = count_ >= 0 ? static_cast<uint64_t>(count_) * bytes_ : 0;
    HY_ASSIGN_OR_RETURN(block_, pool_.get(std::max({kFirstBytes, needed, all})));
  } else if (needed > block_->capacity) {
    HY_RETURN_IF_ERROR(block_->reserve(2 * needed, used));
  }
  base_ = static_cast<unsigned char*>(block_->data);
  return {};
}

unsigned char* StackedOutput::address(int64_t index) const {
  const int64_t at = reversed_ ? count_ - 1 - index : index;
  return base_ + static_cast<uint64_t>(at) * bytes_;
}

Result<void*> StackedOutput::place(std::span<const int64_t> dims, uint64_t bytes) {
  if (element_.dtype == HY_DTYPE_STRING || value_ == kNone) {
    unwanted_.reset();
    HY_ASSIGN_OR_RETURN(unwanted_, scratch_.get(bytes));
    return unwanted_->data;
  }
  if (dtype_bits(element_.dtype) % 8 != 0)
    return unsupported(fmt::format("scan output {}: elements of type {} cannot be stacked", number_,
                                   dtype_name(element_.dtype)));
  HY_RETURN_IF_ERROR(set_element(dims, bytes));
  HY_RETURN_IF_ERROR(grow());
  return static_cast<void*>(address(added_));
}

Status StackedOutput::add_text(const PortTensor& element) {
  HY_ASSIGN_OR_RETURN(auto copy, hy_tensor::create(element.dtype, element.dims, element.bytes));
  if (element.bytes != 0) std::memcpy(copy->data, element.data, element.bytes);
  texts_.push_back(std::move(copy));
  return {};
}

Status StackedOutput::add(const PortTensor& element) {
  if (value_ == kNone) return {};
  if (element_.dtype == HY_DTYPE_STRING) return add_text(element);
  HY_ASSIGN_OR_RETURN(void* to, place(element.dims, element.bytes));
  if (element.data != to && element.bytes != 0) std::memcpy(to, element.data, element.bytes);
  ++added_;
  return {};
}

std::vector<int64_t> StackedOutput::joined_dims(size_t axis) const {
  std::vector<int64_t> out = dims_;
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(axis), count_ >= 0 ? count_ : added_);
  return out;
}

/// No iteration: dims that nobody knows are empty, too.
Status StackedOutput::finish_empty(Executor& executor) {
  dims_.clear();
  for (size_t i = 0; element_.shape && i < element_.shape->size(); ++i)
    dims_.push_back((*element_.shape)[i].evaluate(executor.symbols()).value_or(0));
  HY_RETURN_IF_ERROR(count_axis(dims_.size()));
  const bool text = element_.dtype == HY_DTYPE_STRING;
  HY_ASSIGN_OR_RETURN(void* data, executor.give(value_, joined_dims(static_cast<size_t>(axis_)),
                                                text ? sizeof(uint64_t) : 0));
  if (text) std::memset(data, 0, sizeof(uint64_t));
  return {};
}

Status StackedOutput::finish(Executor& executor) {
  if (value_ == kNone) return {};
  if (element_.dtype == HY_DTYPE_STRING && !texts_.empty()) {
    if (reversed_) std::reverse(texts_.begin(), texts_.end());
    const auto joined = join_tensors(texts_, axis_, true);
    if (!joined.ok()) return joined.status().with_context(fmt::format("scan output {}", number_));
    return executor.take_element(value_, **joined);
  }
  if (!sized_) return finish_empty(executor);
  if (direct_) return {};
  count_ = added_;
  const auto axis = static_cast<size_t>(axis_);
  const uint64_t total = static_cast<uint64_t>(added_) * bytes_;
  if (axis == 0)
    return executor.take(value_, {element_.dtype, joined_dims(0), block_->data, total,
                                  std::shared_ptr<void>(block_), nullptr});
  HY_ASSIGN_OR_RETURN(void* to, executor.give(value_, joined_dims(axis), total));
  uint64_t outer = 1;
  for (size_t i = 0; i < axis; ++i) outer *= static_cast<uint64_t>(dims_[i]);
  const uint64_t piece = outer == 0 ? 0 : bytes_ / outer;
  auto* out = static_cast<unsigned char*>(to);
  for (uint64_t o = 0; piece != 0 && o < outer; ++o)
    for (int64_t n = 0; n < added_; ++n, out += piece)
      std::memcpy(out, base_ + static_cast<uint64_t>(n) * bytes_ + o * piece, piece);
  return {};
}

}  // namespace halyard::core
