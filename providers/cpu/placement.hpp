// Lets a kernel that moves elements do so for every type: strings move as their positions.
#pragma once

#include <vector>

#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

/// Stands between a kernel and its Context. One thread; lives for one run of the kernel.
///
///   Placement place(context);
///   HY_ASSIGN_OR_RETURN(const Tensor x, place.source(0));
///   HY_ASSIGN_OR_RETURN(const Tensor y, place.output(0, x.dtype, dims));
///   ... move elements of element_bytes(x) bytes each ...
///   return place.finish();
class Placement {
 public:
  explicit Placement(Context& context) : context_(context) {}

  /// Input i, which must be there; of strings, a tensor of i64 in its stead.
  Result<Tensor> source(uint32_t i);
  /// Output i, with elements of the sources. dims are checked.
  Result<Tensor> output(uint32_t i, uint32_t dtype, std::span<const int64_t> dims);
  /// To be returned after all elements are placed.
  Status finish();

  static size_t element_bytes(const Tensor& t) { return dtype_bits(t.dtype) / 8; }
  /// What an element is where nothing gives it a value: zero, or the empty string.
  const void* nothing() const;

 private:
  struct Output {
    uint32_t index;
    Tensor positions;
  };
  std::string_view string_at(int64_t position) const;

  Context& context_;
  bool strings_ = false;
  std::vector<const Tensor*> sources_;  // of strings; they are numbered through
  int64_t count_ = 0;                   // strings of all sources
  std::vector<Output> outputs_;         // of strings
};

}  // namespace halyard::cpu
