// A tensor as a kernel sees it.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "halyard/opset.hpp"

namespace halyard::cpu {

/// A vector of dims, also made from a view of some. Up to six, which is nearly all there are, stand in the
/// object: a run makes many and allocates none.
class Dims : public boost::container::small_vector<int64_t, 6> {
 public:
  using Base = boost::container::small_vector<int64_t, 6>;
  using Base::Base;
  Dims() = default;
  operator std::span<const int64_t>() const { return {data(), size()}; }
  Dims(std::span<const int64_t> dims)
      : Base(dims.begin(), dims.end()) {}  // NOLINT: a view of the same
};

inline int64_t count_of(std::span<const int64_t> dims) {
  int64_t n = 1;
  for (int64_t d : dims) n *= d;
  return n;
}
/// The bytes of `count` elements, sub-byte types rounded up. Not for strings.
inline size_t bytes_of(uint32_t dtype, int64_t count) {
  return (static_cast<size_t>(count) * dtype_bits(dtype) + 7) / 8;
}

/// A view of type, dims and contiguous memory in C order. Copy it freely; who made it owns the memory.
struct Tensor {
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  Dims dims;
  void* data = nullptr;
  size_t bytes = 0;   // of the element data; strings: offsets and text, as in hy_binding
  int64_t block = 0;  // 0: C order. Else see layout.hpp; dims are those of the plain tensor

  int64_t rank() const { return static_cast<int64_t>(dims.size()); }
  int64_t dim(int64_t i) const { return dims[static_cast<size_t>(i)]; }
  int64_t count() const { return count_of(dims); }
  std::span<const int64_t> shape() const { return dims; }
  template <class T>
  T* as() const {
    return static_cast<T*>(data);
  }

  /// Of a string tensor: (count + 1) offsets into the text that follows them.
  std::string_view string_at(int64_t i) const {
    const auto* offsets = as<const uint64_t>();
    const char* text = reinterpret_cast<const char*>(offsets + count() + 1);
    return {text + offsets[i], offsets[i + 1] - offsets[i]};
  }
  /// Of a tensor of integers of type i32 or i64 (axes, shapes, indices): the i-th one.
  int64_t index_at(int64_t i) const {
    return dtype == HY_DTYPE_I32 ? as<int32_t>()[i] : as<int64_t>()[i];
  }
};

/// All elements of an i32 or i64 tensor.
inline Dims indices_of(const Tensor& t) {
  Dims out(static_cast<size_t>(t.count()));
  for (size_t i = 0; i < out.size(); ++i) out[i] = t.index_at(static_cast<int64_t>(i));
  return out;
}

/// "[1,3,224,224]", for messages.
inline std::string dims_text(std::span<const int64_t> dims) {
  std::string out = "[";
  for (size_t i = 0; i < dims.size(); ++i) out += (i ? "," : "") + std::to_string(dims[i]);
  return out + "]";
}

}  // namespace halyard::cpu
