#include "providers/cpu/ml/scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace halyard::cpu {

std::optional<Transform> parse_transform(std::string_view name) {
  if (name == "NONE" || name.empty()) return Transform::kNone;
  if (name == "SOFTMAX") return Transform::kSoftmax;
  if (name == "LOGISTIC") return Transform::kLogistic;
  if (name == "SOFTMAX_ZERO") return Transform::kSoftmaxZero;
  if (name == "PROBIT") return Transform::kProbit;
  return std::nullopt;
}

double logistic(double x) {
  const double e = std::exp(-std::fabs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

namespace {
double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }
}  // namespace

double probit(double p) {
  if (!(p > 0 && p < 1)) {
    constexpr double kInf = std::numeric_limits<double>::infinity();
    return p == 0 ? -kInf : p == 1 ? kInf : std::numeric_limits<double>::quiet_NaN();
  }
  // A bracket that halves always ends, and Newton's steps inside of it end soon. By symmetry the lower
  // tail alone, where erfc loses nothing.
  if (p > 0.5) return -probit(1 - p);
  constexpr double kRootTwoPi = 2.5066282746310002;
  double low = -39, high = 0, x = -1;
  for (int i = 0; i < 200 && high - low > 1e-15 * (1 - low); ++i) {
    const double error = normal_cdf(x) - p;
    (error > 0 ? high : low) = x;
    const double step = error * kRootTwoPi * std::exp(x * x / 2);
    const double next = x - step;
    if (std::fabs(step) < 1e-15 * (1 + std::fabs(x))) break;
    x = next > low && next < high ? next : (low + high) / 2;
  }
  return x;
}

namespace {

template <class T>
void softmax(T* s, int64_t n, bool skip_zeros) {
  const double most = *std::max_element(s, s + n);
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (skip_zeros && std::fabs(static_cast<double>(s[i])) <= 1e-7) {
      s[i] = 0;
      continue;
    }
    const double e = std::exp(static_cast<double>(s[i]) - most);
    s[i] = static_cast<T>(e);
    sum += e;
  }
  if (sum == 0) return;
  for (int64_t i = 0; i < n; ++i) s[i] = static_cast<T>(static_cast<double>(s[i]) / sum);
}

}  // namespace

template <class T>
void transform_scores(Transform transform, T* scores, int64_t n) {
  switch (transform) {
    case Transform::kNone:
      return;
    case Transform::kSoftmax:
    case Transform::kSoftmaxZero:
      if (n > 0) softmax(scores, n, transform == Transform::kSoftmaxZero);
      return;
    case Transform::kLogistic:
      for (int64_t i = 0; i < n; ++i) scores[i] = static_cast<T>(logistic(scores[i]));
      return;
    case Transform::kProbit:
      for (int64_t i = 0; i < n; ++i) scores[i] = static_cast<T>(probit(scores[i]));
      return;
  }
}
template void transform_scores<float>(Transform, float*, int64_t);
template void transform_scores<double>(Transform, double*, int64_t);

void write_binary(Transform transform, SecondClass second, double score, float* out) {
  if (transform == Transform::kProbit) score = probit(score);
  double first = second == SecondClass::kComplement ? 1 - score : -score;
  if (second == SecondClass::kOpposite && transform == Transform::kLogistic) {
    first = logistic(-score);
    score = logistic(score);
  }
  out[0] = static_cast<float>(first);
  out[1] = static_cast<float>(score);
}

}  // namespace halyard::cpu
