#include "providers/cpu/ops/recurrent_activation.hpp"

#include <algorithm>
#include <string>

#include "providers/cpu/float_math.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

#define HALYARD_CPU_FUNCTION(name, formula)                                              \
  struct name {                                                                          \
    template <class T>                                                                   \
    HALYARD_CPU_INLINE static T apply(T x, [[maybe_unused]] T a, [[maybe_unused]] T b) { \
      return formula;                                                                    \
    }                                                                                    \
  }
HALYARD_CPU_FUNCTION(Relu, x < T{0} ? T{0} : x);
HALYARD_CPU_FUNCTION(Tanh, cpu::tanh(x));
HALYARD_CPU_FUNCTION(Sigmoid, cpu::sigmoid(x));
HALYARD_CPU_FUNCTION(Affine, a* x + b);
HALYARD_CPU_FUNCTION(LeakyRelu, x < T{0} ? a * x : x);
HALYARD_CPU_FUNCTION(ThresholdedRelu, x < a ? T{0} : x);
HALYARD_CPU_FUNCTION(ScaledTanh, a* cpu::tanh(b* x));
HALYARD_CPU_FUNCTION(Elu, x < T{0} ? a * expm1_negative(x < T{0} ? x : T{0}) : x);
HALYARD_CPU_FUNCTION(Softsign, x / (T{1} + (x < T{0} ? -x : x)));
HALYARD_CPU_FUNCTION(Softplus, (x < T{0} ? T{0} : x) + log1p_positive(cpu::exp(x < T{0} ? x : -x)));
#undef HALYARD_CPU_FUNCTION
struct HardSigmoid {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T x, T a, T b) {
    T y = a * x + b;
    y = y < T{0} ? T{0} : y;
    return y > T{1} ? T{1} : y;
  }
};

template <class F, class T>
void all(T* x, int64_t n, T alpha, T beta) {
  vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { x[i] = F::apply(x[i], alpha, beta); });
}
template <class F>
constexpr RecurrentFunction row(std::string_view name, bool has_alpha = false,
                                bool has_beta = false, double alpha = 0, double beta = 0) {
  return {name, all<F, float>, all<F, double>, has_alpha, has_beta, alpha, beta};
}

constexpr RecurrentFunction kFunctions[] = {
    row<Relu>("relu"),
    row<Tanh>("tanh"),
    row<Sigmoid>("sigmoid"),
    row<Affine>("affine", true, true, 1, 0),
    row<LeakyRelu>("leakyrelu", true, false, 0.01),
    row<ThresholdedRelu>("thresholdedrelu", true, false, 1),
    row<ScaledTanh>("scaledtanh", true, true, 1, 1),
    row<HardSigmoid>("hardsigmoid", true, true, 0.2, 0.5),
    row<Elu>("elu", true, false, 1),
    row<Softsign>("softsign"),
    row<Softplus>("softplus"),
};

/// Hands out a list of parameters: one for each function, or for each that has the parameter.
class Parameters {
 public:
  Parameters(std::vector<double> list, size_t functions)
      : list_(std::move(list)), one_each_(list_.size() >= functions) {}
  double next(bool has, double otherwise) {
    if (!has && !one_each_) return otherwise;
    if (at_ == list_.size()) return otherwise;
    const double value = list_[at_++];
    return has ? value : otherwise;
  }

 private:
  const std::vector<double> list_;
  const bool one_each_;
  size_t at_ = 0;
};

}  // namespace

const RecurrentFunction* find_recurrent_function(std::string_view name) {
  std::string lower(name);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const auto* end = std::end(kFunctions);
  const auto* found = std::find_if(std::begin(kFunctions), end,
                                   [&](const RecurrentFunction& f) { return f.name == lower; });
  return found == end ? nullptr : found;
}

std::vector<RecurrentActivation> recurrent_activations(const Node& node, int64_t directions,
                                                       std::span<const std::string_view> defaults) {
  std::vector<std::string_view> names = node.attr_strings("activations");
  if (names.empty())
    for (int64_t d = 0; d < directions; ++d)
      names.insert(names.end(), defaults.begin(), defaults.end());
  Parameters alphas(node.attr_floats("activation_alpha"), names.size());
  Parameters betas(node.attr_floats("activation_beta"), names.size());
  std::vector<RecurrentActivation> out;
  for (std::string_view name : names) {
    const RecurrentFunction* f = find_recurrent_function(name);
    if (f == nullptr) f = &kFunctions[0];  // supports() has refused it
    const double alpha = alphas.next(f->has_alpha, f->alpha);
    out.push_back({f, alpha, betas.next(f->has_beta, f->beta)});
  }
  return out;
}

}  // namespace halyard::cpu
