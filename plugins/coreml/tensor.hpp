// Types of a program and constants of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "coreml.pb.h"
#include "halyard/abi/graph.h"
#include "halyard/abi/plugin.h"
#include "halyard/status.hpp"

namespace halyard::coreml {

inline constexpr int64_t kUnknownDim = -1;

/// What a value of a program is.
struct Type {
  enum class Kind { kTensor, kList, kTuple, kDictionary, kState };
  Kind kind = Kind::kTensor;
  uint32_t dtype = HY_DTYPE_UNDEFINED;  // of a list and a state the elements' or the content's
  std::vector<int64_t> dims;            // kUnknownDim where it is not known
  bool has_rank = true;
  int64_t rank() const { return static_cast<int64_t>(dims.size()); }
  bool is_static() const;
};

/// HY_DTYPE_* of MIL's DataType; UNDEFINED for one that is not known.
uint32_t dtype_of(int32_t data_type);
/// "fp16", as MIL's texts spell types; UNDEFINED likewise.
uint32_t dtype_of(std::string_view word);
Result<Type> read_type(const schema::ValueType& type);

/// A dense constant: bytes in C order, packed from the lowest bits where elements are less than a byte. Its bytes
/// live as long as the model.
struct Tensor {
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  std::vector<int64_t> dims;
  std::string_view bytes;
  std::vector<std::string> strings;  // of a string tensor, instead of bytes
  bool in_file = false;              // bytes lie in a file that is mapped

  int64_t count() const;
  /// Element i of numbers and booleans.
  double number(int64_t i) const;
  int64_t integer(int64_t i) const;
};

/// bits of elements of that type, 0 where they have no fixed size.
uint32_t bits_of(uint32_t dtype);
uint64_t bytes_of(uint32_t dtype, const std::vector<int64_t>& dims);
std::string dims_text(const std::vector<int64_t>& dims);

}  // namespace halyard::coreml
