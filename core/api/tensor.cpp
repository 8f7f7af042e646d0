#include "core/runtime/tensor.hpp"

#include <cstring>

#include "core/api/error.hpp"
#include "halyard/halyard.h"
#include "halyard/opset.hpp"

using namespace halyard;
using namespace halyard::core;

namespace {

/// The elements of a string tensor are count + 1 offsets, then the text.
uint64_t string_offset(const hy_tensor& t, uint64_t i) {
  uint64_t out = 0;
  std::memcpy(&out, static_cast<const char*>(t.data) + i * sizeof out, sizeof out);
  return out;
}

Status check_dims(uint32_t rank, const int64_t* dims) {
  if (rank != 0 && dims == nullptr) return invalid_argument("dims is null");
  return {};
}

Status check_children(uint32_t kind, uint32_t dtype, const hy_tensor* const* children,
                      uint64_t count) {
  if (kind != HY_TYPE_SEQUENCE && kind != HY_TYPE_OPTIONAL && kind != HY_TYPE_MAP)
    return invalid_argument("kind " + std::to_string(kind) +
                            " is no sequence, optional or map (HY_TYPE_*)");
  if (count != 0 && children == nullptr) return invalid_argument("children is null");
  if (kind == HY_TYPE_OPTIONAL && count > 1)
    return invalid_argument("an optional has at most one child; " + std::to_string(count) +
                            " were given");
  if (kind == HY_TYPE_MAP && count != 2)
    return invalid_argument("a map has two children, keys and values; " + std::to_string(count) +
                            " were given");
  for (uint64_t i = 0; i < count; ++i) {
    if (children[i] == nullptr) return invalid_argument("child " + std::to_string(i) + " is null");
    const bool keys = kind == HY_TYPE_MAP && i == 0;
    if (!keys && children[i]->dtype != dtype)
      return mismatch("child " + std::to_string(i) + " is " + dtype_name(children[i]->dtype) +
                      "; the elements are " + dtype_name(dtype));
  }
  return {};
}

}  // namespace

extern "C" {

hy_status hy_tensor_create(uint32_t dtype, uint32_t rank, const int64_t* dims, hy_tensor** tensor) {
  return guarded([&]() -> Status {
    if (tensor == nullptr) return invalid_argument("tensor is null");
    *tensor = nullptr;
    HY_RETURN_IF_ERROR(check_dims(rank, dims));
    if (dtype == HY_DTYPE_STRING)
      return invalid_argument("string tensors are made by hy_tensor_strings");
    HY_ASSIGN_OR_RETURN(auto made, hy_tensor::create(dtype, {dims, rank}));
    *tensor = made.release();
    return {};
  });
}

hy_status hy_tensor_borrow(uint32_t dtype, uint32_t rank, const int64_t* dims, void* data,
                           uint64_t bytes, hy_tensor** tensor) {
  return guarded([&]() -> Status {
    if (tensor == nullptr) return invalid_argument("tensor is null");
    *tensor = nullptr;
    HY_RETURN_IF_ERROR(check_dims(rank, dims));
    HY_ASSIGN_OR_RETURN(auto made, hy_tensor::borrow(dtype, {dims, rank}, data, bytes));
    *tensor = made.release();
    return {};
  });
}

hy_status hy_tensor_strings(uint32_t rank, const int64_t* dims, const hy_str* strings,
                            uint64_t count, hy_tensor** tensor) {
  return guarded([&]() -> Status {
    if (tensor == nullptr) return invalid_argument("tensor is null");
    *tensor = nullptr;
    HY_RETURN_IF_ERROR(check_dims(rank, dims));
    if (count != 0 && strings == nullptr) return invalid_argument("strings is null");
    HY_ASSIGN_OR_RETURN(const uint64_t elements, tensor_bytes(HY_DTYPE_U8, {dims, rank}));
    if (elements != count)
      return invalid_argument("the dims " + dims_text({dims, rank}) + " hold " +
                              std::to_string(elements) + " strings; " + std::to_string(count) +
                              " were given");
    uint64_t text = 0;
    for (uint64_t i = 0; i < count; ++i) text += strings[i].size;
    const uint64_t head = (count + 1) * sizeof(uint64_t);
    HY_ASSIGN_OR_RETURN(auto made, hy_tensor::create(HY_DTYPE_STRING, {dims, rank}, head + text));
    char* base = static_cast<char*>(made->data);
    uint64_t at = 0;
    for (uint64_t i = 0; i < count; ++i) {
      std::memcpy(base + i * sizeof at, &at, sizeof at);
      if (strings[i].size != 0) std::memcpy(base + head + at, strings[i].data, strings[i].size);
      at += strings[i].size;
    }
    std::memcpy(base + count * sizeof at, &at, sizeof at);
    *tensor = made.release();
    return {};
  });
}

void hy_tensor_destroy(hy_tensor* tensor) { delete tensor; }
uint32_t hy_tensor_dtype(const hy_tensor* tensor) { return tensor != nullptr ? tensor->dtype : 0; }
uint32_t hy_tensor_rank(const hy_tensor* tensor) {
  return tensor != nullptr ? static_cast<uint32_t>(tensor->dims.size()) : 0;
}
const int64_t* hy_tensor_dims(const hy_tensor* tensor) {
  return tensor != nullptr ? tensor->dims.data() : nullptr;
}
void* hy_tensor_data(const hy_tensor* tensor) { return tensor != nullptr ? tensor->data : nullptr; }
uint64_t hy_tensor_bytes(const hy_tensor* tensor) { return tensor != nullptr ? tensor->bytes : 0; }
uint64_t hy_tensor_count(const hy_tensor* tensor) {
  return tensor != nullptr ? tensor->count() : 0;
}

hy_status hy_tensor_string(const hy_tensor* tensor, uint64_t index, hy_str* string) {
  return guarded([&]() -> Status {
    if (tensor == nullptr || string == nullptr) return invalid_argument("tensor or string is null");
    *string = {};
    if (tensor->dtype != HY_DTYPE_STRING)
      return invalid_argument("the tensor does not hold strings");
    const uint64_t count = tensor->count();
    if (index >= count)
      return not_found("string " + std::to_string(index) + " was asked for; there are " +
                       std::to_string(count));
    const uint64_t head = (count + 1) * sizeof(uint64_t);
    const uint64_t begin = string_offset(*tensor, index), end = string_offset(*tensor, index + 1);
    if (head > tensor->bytes || begin > end || end > tensor->bytes - head)
      return mismatch("the string tensor's offsets are wrong");
    *string = {static_cast<const char*>(tensor->data) + head + begin, end - begin};
    return {};
  });
}

uint32_t hy_tensor_kind(const hy_tensor* tensor) {
  return tensor != nullptr ? tensor->kind : static_cast<uint32_t>(HY_TYPE_TENSOR);
}
uint64_t hy_tensor_child_count(const hy_tensor* tensor) {
  return tensor != nullptr ? tensor->children.size() : 0;
}

hy_status hy_tensor_child(const hy_tensor* tensor, uint64_t index, hy_tensor** child) {
  return guarded([&]() -> Status {
    if (tensor == nullptr || child == nullptr) return invalid_argument("tensor or child is null");
    *child = nullptr;
    if (index >= tensor->children.size())
      return not_found("child " + std::to_string(index) + " was asked for; there are " +
                       std::to_string(tensor->children.size()));
    *child = std::make_unique<hy_tensor>(*tensor->children[index]).release();
    return {};
  });
}

hy_status hy_tensor_compose(uint32_t kind, uint32_t dtype, const hy_tensor* const* children,
                            uint64_t count, hy_tensor** tensor) {
  return guarded([&]() -> Status {
    if (tensor == nullptr) return invalid_argument("tensor is null");
    *tensor = nullptr;
    HY_RETURN_IF_ERROR(check_children(kind, dtype, children, count));
    auto made = std::make_unique<hy_tensor>();
    made->kind = kind;
    made->dtype = dtype;
    for (uint64_t i = 0; i < count; ++i)
      made->children.push_back(std::make_shared<const hy_tensor>(*children[i]));
    *tensor = made.release();
    return {};
  });
}

}  // extern "C"
