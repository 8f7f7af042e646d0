#include "providers/cpu/ml/svm_kernel.hpp"

#include <algorithm>
#include <cmath>

namespace halyard::cpu {

std::optional<SvmKernel> SvmKernel::make(const Node& node) {
  SvmKernel k;
  const std::string_view type = node.attr_string("kernel_type", "LINEAR");
  if (type == "LINEAR")
    k.type_ = Type::kLinear;
  else if (type == "POLY")
    k.type_ = Type::kPoly;
  else if (type == "RBF")
    k.type_ = Type::kRbf;
  else if (type == "SIGMOID")
    k.type_ = Type::kSigmoid;
  else
    return std::nullopt;
  const std::vector<double> params = node.attr_floats("kernel_params");
  if (params.size() != 3) return k.type_ == Type::kLinear ? std::optional(k) : std::nullopt;
  k.gamma_ = params[0];
  k.coef0_ = params[1];
  k.degree_ = params[2];
  return k;
}

double SvmKernel::operator()(const float* a, const float* b, int64_t n) const {
  double sum = 0;
  if (type_ == Type::kRbf) {
    for (int64_t i = 0; i < n; ++i) {
      const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
      sum += d * d;
    }
    return std::exp(-gamma_ * sum);
  }
  for (int64_t i = 0; i < n; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  if (type_ == Type::kPoly) return std::pow(gamma_ * sum + coef0_, degree_);
  if (type_ == Type::kSigmoid) return std::tanh(gamma_ * sum + coef0_);
  return sum;
}

std::vector<double> couple(const std::vector<double>& pairs, size_t k) {
  std::vector<double> q(k * k, 0), p(k, 1.0 / static_cast<double>(k)), qp(k);
  for (size_t i = 0; i < k; ++i)
    for (size_t j = 0; j < k; ++j) {
      if (i == j) continue;
      q[i * k + i] += pairs[j * k + i] * pairs[j * k + i];
      q[i * k + j] = -pairs[j * k + i] * pairs[i * k + j];
    }
  const double bar = 0.005 / static_cast<double>(k);
  for (size_t round = 0; round < std::max<size_t>(100, k); ++round) {
    double pqp = 0;
    for (size_t i = 0; i < k; ++i) {
      qp[i] = 0;
      for (size_t j = 0; j < k; ++j) qp[i] += q[i * k + j] * p[j];
      pqp += p[i] * qp[i];
    }
    double worst = 0;
    for (double v : qp) worst = std::max(worst, std::fabs(v - pqp));
    if (worst < bar) break;
    for (size_t i = 0; i < k; ++i) {
      // Moves p towards the solution in coordinate i, keeping its sum at 1.
      const double step = (pqp - qp[i]) / q[i * k + i];
      p[i] += step;
      pqp = (pqp + step * (step * q[i * k + i] + 2 * qp[i])) / (1 + step) / (1 + step);
      for (size_t j = 0; j < k; ++j) {
        qp[j] = (qp[j] + step * q[i * k + j]) / (1 + step);
        p[j] /= 1 + step;
      }
    }
  }
  return p;
}

}  // namespace halyard::cpu
