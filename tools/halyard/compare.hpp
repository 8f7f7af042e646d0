// Results against expectations, as numpy.allclose does it.
#pragma once

#include "host_tensor.hpp"

namespace halyard::cli {

/// Negative: by the type of the model's output: 1e-3 and 1e-5; for f16 and bf16 1e-2 and 1e-3.
struct Tolerance {
  double rtol = -1, atol = -1;
};

/// Empty where |got - want| <= atol + rtol * |want| for every element, NaN equal to NaN; else how
/// many differ, and the worst element with both values. Other dims, or another kind of type (bool,
/// integer, float, complex, string), are differences.
std::string difference(const std::string& name, const HostTensor& got, const HostTensor& want,
                       Tolerance tolerance);

}  // namespace halyard::cli
