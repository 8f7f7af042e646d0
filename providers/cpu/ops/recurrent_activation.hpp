// The activation functions of LSTM, GRU and RNN, by name.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "providers/cpu/kernel.hpp"

namespace halyard::cpu {

struct RecurrentFunction {
  std::string_view name;  // in lower case
  void (*f32)(float* x, int64_t n, float alpha, float beta);
  void (*f64)(double* x, int64_t n, double alpha, double beta);
  bool has_alpha, has_beta;
  double alpha, beta;  // where the node says nothing
};

/// A function with its parameters. Constant; any thread.
struct RecurrentActivation {
  const RecurrentFunction* function;
  double alpha, beta;

  /// In place, element by element.
  void apply(float* x, int64_t n) const {
    function->f32(x, n, static_cast<float>(alpha), static_cast<float>(beta));
  }
  void apply(double* x, int64_t n) const { function->f64(x, n, alpha, beta); }
};

/// The function of that name, upper or lower case; or null.
const RecurrentFunction* find_recurrent_function(std::string_view name);

/// The functions of a node, direction after direction. `defaults` are those of one direction, for a node
/// that names none. Parameters are given for each function, or for those alone that have them.
std::vector<RecurrentActivation> recurrent_activations(const Node& node, int64_t directions,
                                                       std::span<const std::string_view> defaults);

}  // namespace halyard::cpu
