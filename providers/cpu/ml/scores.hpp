// What becomes of the raw scores of a row. The definitions are those of ai.onnx.ml's post_transform.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace halyard::cpu {

enum class Transform { kNone, kSoftmax, kLogistic, kSoftmaxZero, kProbit };

/// "NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO" or "PROBIT".
std::optional<Transform> parse_transform(std::string_view name);

/// 1 / (1 + exp(-x)), without overflow.
double logistic(double x);
/// The quantile of the standard normal distribution; +-infinity at 1 and 0, NaN outside.
double probit(double p);

/// n scores of one row, in place. SOFTMAX_ZERO leaves a score of 0 where it is and out of the sum.
template <class T>
void transform_scores(Transform transform, T* scores, int64_t n);

/// How the one score of a binary classifier becomes two.
enum class SecondClass {
  kComplement,  // [1 - s, s], as it is
  kOpposite     // [-s, s]; with LOGISTIC their logistics
};
/// Writes two scores; PROBIT is taken of s first.
void write_binary(Transform transform, SecondClass second, double score, float* out);

}  // namespace halyard::cpu
