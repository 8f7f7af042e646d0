// NumPy's .npy and .npz (NEP 1; a .npz is a ZIP archive of .npy members).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "host_tensor.hpp"

namespace halyard::cli {

using NamedTensors = std::vector<std::pair<std::string, HostTensor>>;

/// Little- and big-endian, C and Fortran order; bool, integers, float16/32/64, complex, unicode and
/// bytes. Pickled objects and structures are refused.
Result<HostTensor> parse_npy(std::string_view bytes);
/// bf16 is written as float32; other types that NumPy lacks are an error.
Result<std::string> format_npy(const HostTensor& tensor);

/// Stored and deflated members, ZIP64 too; checksums are checked. The error names the member.
Result<NamedTensors> parse_npz(std::string_view bytes);
/// The same of a file; the error names it.
Result<NamedTensors> read_npz(const std::string& path);
/// Stored members in the given order; equal tensors give equal bytes.
Status write_npz(const std::string& path, const NamedTensors& tensors);

}  // namespace halyard::cli
