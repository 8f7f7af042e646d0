// Reductions of one contiguous row, as vector code. f32 rows are summed in short blocks whose sums are
// added in f64, so that the error does not grow with the row.
#pragma once

#include <cstdint>

namespace halyard::cpu {

double row_sum(const float* x, int64_t n);
double row_sum(const double* x, int64_t n);

/// Sum of (x[i] - mean)^2.
double row_squares(const float* x, int64_t n, float mean);
double row_squares(const double* x, int64_t n, double mean);

/// The largest element; NaN where there is one, -infinity of none.
float row_max(const float* x, int64_t n);
double row_max(const double* x, int64_t n);

/// y[i] = e^(x[i] - max); their sum.
double row_exp(const float* x, float* y, int64_t n, float max);
double row_exp(const double* x, double* y, int64_t n, double max);

}  // namespace halyard::cpu
