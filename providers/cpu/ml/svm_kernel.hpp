// Support-vector machines: kernel functions, and class probabilities from pairwise ones.
#pragma once

#include <optional>

#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

/// K(a, b) by kernel_type and kernel_params (gamma, coef0, degree). Constant after construction.
class SvmKernel {
 public:
  /// Nothing where the attributes do not say one of LINEAR, POLY, RBF, SIGMOID with its parameters.
  static std::optional<SvmKernel> make(const Node& node);
  double operator()(const float* a, const float* b, int64_t n) const;

 private:
  enum class Type { kLinear, kPoly, kRbf, kSigmoid };
  Type type_ = Type::kLinear;
  double gamma_ = 0, coef0_ = 0, degree_ = 0;
};

/// The probabilities of k classes from those of pairs: pairs[i * k + j] is that of i against j. The
/// second method of Wu, Lin and Weng, "Probability Estimates for Multi-class Classification by Pairwise
/// Coupling", JMLR 5, 2004.
std::vector<double> couple(const std::vector<double>& pairs, size_t k);

}  // namespace halyard::cpu
