// What the families of operators build a random graph with.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/random/value.hpp"

namespace halyard::fuzz {

/// A set of types, a bit each.
using Types = uint32_t;
constexpr Types only(Type t) { return 1u << static_cast<uint32_t>(t); }
constexpr Types kFloats = only(Type::f16) | only(Type::f32) | only(Type::f64);
constexpr Types kWide = only(Type::i32) | only(Type::i64);
constexpr Types kBytes = only(Type::i8) | only(Type::u8);
constexpr Types kInts = kWide | kBytes;
constexpr Types kNumbers = kFloats | kInts;
constexpr Types kBool = only(Type::boolean);
constexpr Types kAll = kNumbers | kBool;

double largest(const Array& a);

/// What a node makes of its operands.
struct Result {
  Type type;
  Array array;
  double gain = 1;      // the most that becomes of a difference in an operand
  bool rounds = true;   // false: moves or chooses elements, which stay as exact as they are
  double work = 0;      // the largest intermediate, where it is above operands and results
  bool single = false;  // computes in f32 whatever the type
  bool asked = true;    // false: this output is left out
};

/// Adds nodes to a graph whose values it knows. The same graph for the same seed, everywhere. One thread.
class Builder {
 public:
  explicit Builder(uint64_t seed) : random_(seed) {}

  // The engine's numbers are the same everywhere; those of the library's distributions are not.
  int64_t pick(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
  }
  bool chance(int64_t percent) { return pick(1, 100) <= percent; }
  template <class T>
  const T& one_of(const std::vector<T>& list) {
    return list[static_cast<size_t>(pick(0, static_cast<int64_t>(list.size()) - 1))];
  }
  /// A multiple of 1/16, which every float type holds.
  double real(double low, double high) {
    return static_cast<double>(
               pick(static_cast<int64_t>(low * 16), static_cast<int64_t>(high * 16))) /
           16;
  }
  Type type_of(Types types);
  Dims dims(int64_t min_rank, int64_t max_rank, int64_t most = 6);
  /// Dims that broadcast to those.
  Dims smaller(Dims dims);
  /// The axis, or what counts from the end for it.
  int64_t either_axis(int64_t axis, int64_t rank) { return chance(50) ? axis : axis - rank; }

  /// A value of such a type and rank that the graph holds, or a new input.
  int operand(Types types, int64_t min_rank = 0, int64_t max_rank = 5);
  /// One of x's type that broadcasts with it.
  int partner(int x);
  int boolean(Dims dims);
  int input(Type type, Dims dims, double low, double high);
  int input(Type type, Dims dims);
  /// An input or, more often, a constant: weights and the like.
  int parameter(Type type, Dims dims, double low, double high);
  int constant(Type type, Array array);
  /// A 1-D constant, or now and then an input: axes, dims, pads.
  int index(const std::vector<int64_t>& list);
  int scalar(Type type, double value);

  const Value& value(int v) const { return graph_.values[static_cast<size_t>(v)]; }
  const Array& array(int v) const { return value(v).array; }
  Type type(int v) const { return value(v).type; }
  const Dims& dims_of(int v) const { return value(v).array.dims; }
  int64_t rank(int v) const { return static_cast<int64_t>(dims_of(v).size()); }
  bool exact(int v) const { return value(v).error == 0; }
  double top(int v) const { return largest(array(v)); }
  /// Every element, with its rounding, lies in the range.
  bool within(int v, double low, double high) const;
  /// No rounding takes an element over a step: distance gives that from an element to the nearest.
  bool clear(int v, const std::function<double(double)>& distance) const;

  /// Adds the node, or not where a result is too large or too inexact: then what was made for it stays
  /// unused, and is left out of the graph.
  void finish(std::string op, std::vector<int> inputs, std::vector<Attribute> attributes,
              std::vector<Result> results);

  RandomGraph take() { return std::move(graph_); }
  size_t node_count() const { return graph_.nodes.size(); }

 private:
  bool acceptable(const Result& result, double error) const;

  std::mt19937_64 random_;
  RandomGraph graph_;
};

}  // namespace halyard::fuzz
