// The operators that random graphs hold, a file a family. Each adds one node to a graph, or none where no
// operand suits it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/fuzz/random/builder.hpp"

namespace halyard::fuzz {

struct Operator {
  std::string name;
  std::function<void(Builder&)> add;
};

std::vector<Operator> unary_operators();
std::vector<Operator> activation_operators();
std::vector<Operator> binary_operators();
std::vector<Operator> logic_operators();
std::vector<Operator> reduce_operators();
std::vector<Operator> movement_operators();
std::vector<Operator> reshape_operators();
std::vector<Operator> indexing_operators();
std::vector<Operator> scatter_operators();
std::vector<Operator> select_operators();
std::vector<Operator> fill_operators();
std::vector<Operator> matrix_operators();
std::vector<Operator> convolution_operators();
std::vector<Operator> pool_operators();
std::vector<Operator> normalize_operators();
std::vector<Operator> sampling_operators();
std::vector<Operator> recurrent_operators();
std::vector<Operator> quantize_operators();
std::vector<Operator> attention_operators();
std::vector<Operator> loss_operators();

}  // namespace halyard::fuzz
