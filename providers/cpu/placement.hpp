// Lets a kernel that moves elements do so for every type: strings move as their positions, elements of
// less than a byte as bytes.
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

  /// Input i, which must be there; of strings, a tensor of i64 in its stead, of packed elements one of
  /// 8 bits.
  Result<Tensor> source(uint32_t i);
  /// Output i, with elements of the sources. dims are checked.
  Result<Tensor> output(uint32_t i, uint32_t dtype, std::span<const int64_t> dims);
  /// The same, in the memory of this input where that is allowed: the other inputs must lie elsewhere, and what is not to change
  /// be left alone where the result says so: data are the source's.
  Result<Tensor> output_over(uint32_t i, uint32_t dtype, std::span<const int64_t> dims,
                             uint32_t input);
  /// To be returned after all elements are placed.
  Status finish();

  static size_t element_bytes(const Tensor& t) { return dtype_bits(t.dtype) / 8; }
  /// What an element is where nothing gives it a value: zero, or the empty string.
  const void* nothing() const;

 private:
  struct Output {
    uint32_t index;
    Tensor elements;  // in scratch memory
  };
  std::string_view string_at(int64_t position) const;
  Status write_strings(const Output& output);
  Status write_packed(const Output& output);

  Context& context_;
  bool strings_ = false;
  uint32_t packed_ = HY_DTYPE_UNDEFINED;  // the sources' type, where that is packed
  std::vector<const Tensor*> sources_;    // of strings; they are numbered through
  int64_t count_ = 0;                     // strings of all sources
  std::vector<Output> outputs_;           // of strings and packed elements
};

}  // namespace halyard::cpu
