// A tensor on its way in or out of the command line: owned bytes, or strings; or what holds tensors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "halyard/abi/graph.h"
#include "halyard/abi/plugin.h"
#include "halyard/status.hpp"

namespace halyard::cli {

struct HostTensor {
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  std::vector<int64_t> dims;
  std::vector<unsigned char> bytes;  // elements in C order, unless strings
  std::vector<std::string> strings;
  uint32_t kind = HY_TYPE_TENSOR;    // else only dtype, the elements', and children count
  std::vector<HostTensor> children;  // of a sequence or an optional
};

/// The number of elements of these dims; -1 where one is negative or the product overflows.
int64_t element_count(const std::vector<int64_t>& dims);
/// The bytes of a dense tensor; fails on bad dims, on strings, and where it is more than this
/// machine's memory.
Result<size_t> dense_bytes(uint32_t dtype, const std::vector<int64_t>& dims);

/// "f32 [1,3]"
std::string describe(const HostTensor& t);
std::string dims_text(const std::vector<int64_t>& dims);

/// A whole file; the error names it.
Result<std::string> read_file(const std::string& path);
/// Replaces the file in one step: no reader sees half of it.
Status write_file(const std::string& path, std::string_view bytes);

}  // namespace halyard::cli
