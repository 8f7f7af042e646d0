#include "core/runtime/tensor.hpp"

#include <cstring>

#include "core/api/error.hpp"
#include "halyard/halyard.h"

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

}  // extern "C"
