// A random graph: its values with their contents in double precision, and its nodes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace halyard::fuzz {

using Dims = std::vector<int64_t>;

inline int64_t count_of(const Dims& dims) {
  int64_t n = 1;
  for (const int64_t d : dims) n *= d;
  return n;
}

/// A dense array in C order.
struct Array {
  Dims dims;
  std::vector<double> data;
};

enum class Type { f32, f64, i32, i64 };
inline bool is_float(Type t) { return t == Type::f32 || t == Type::f64; }

struct Value {
  Type type = Type::f32;
  Array array;
  /// What one unit of rounding may become up to here: a bound on the largest element of everything that
  /// leads here, times what the operators between make of a difference.
  double scale = 1;
  std::vector<int64_t> index;  // not empty: a constant operand of axes or dims, of type i64
  bool is_input = false;
  bool used = false;
};

struct Node {
  std::string op;
  std::vector<int> inputs;  // numbers of values
  int output = 0;
  std::vector<std::pair<std::string, int64_t>> ints;
  std::vector<std::pair<std::string, std::vector<int64_t>>> lists;
};

struct RandomGraph {
  std::vector<Value> values;
  std::vector<Node> nodes;
};

}  // namespace halyard::fuzz
