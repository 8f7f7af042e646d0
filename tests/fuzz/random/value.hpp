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

enum class Type { f16, f32, f64, i8, u8, i32, i64, boolean };

struct TypeFacts {
  const char* name;
  uint32_t onnx;     // its number in onnx.proto
  double unit;       // one rounding of 1, with the roundings of an operator's inside; 0: exact
  double low, high;  // what a random graph may hold
};
const TypeFacts& facts(Type type);
inline bool is_float(Type t) { return t == Type::f16 || t == Type::f32 || t == Type::f64; }

struct Value {
  enum class Source { node, input, constant };

  Type type = Type::f32;
  Array array;
  Source source = Source::node;
  /// How far an element may be from the array's by rounding: 0 is exact.
  double error = 0;
  bool used = false;   // a node reads it
  bool aside = false;  // not to be an operand of further nodes
};

struct Attribute {
  enum class Kind { integer, integers, real, reals, text, tensor };

  Attribute(const char* n, int64_t v) : name(n), kind(Kind::integer), integers{v} {}
  Attribute(const char* n, int v) : Attribute(n, int64_t{v}) {}
  Attribute(const char* n, bool v) : Attribute(n, int64_t{v ? 1 : 0}) {}
  Attribute(const char* n, std::vector<int64_t> v)
      : name(n), kind(Kind::integers), integers(std::move(v)) {}
  Attribute(const char* n, double v) : name(n), kind(Kind::real), reals{v} {}
  Attribute(const char* n, const char* v) : name(n), kind(Kind::text), text(v) {}
  /// A tensor of one element.
  Attribute(const char* n, Type t, double v) : name(n), kind(Kind::tensor), reals{v}, type(t) {}

  std::string name;
  Kind kind;
  std::vector<int64_t> integers;
  std::vector<double> reals;
  std::string text;
  Type type = Type::f32;
};

constexpr int kAbsent = -1;

struct Node {
  std::string op;
  std::vector<int> inputs;  // numbers of values, or kAbsent
  std::vector<Attribute> attributes;
  std::vector<int> outputs;  // kAbsent: not asked for
};

struct RandomGraph {
  std::vector<Value> values;
  std::vector<Node> nodes;
};

}  // namespace halyard::fuzz
