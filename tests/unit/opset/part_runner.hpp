// Runs the parts of a decomposition on one row of numbers, in f64: enough to check formulas.
#pragma once

#include <cmath>
#include <cstring>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "core/graph/graph.hpp"

namespace halyard::core {

/// A value is a row; one element stands for scalars and for whatever broadcasts. Reductions take the
/// whole row. Casts and changes of shape do nothing.
class PartRunner {
 public:
  using Row = std::vector<double>;

  explicit PartRunner(const Graph& graph) : graph_(graph) {}
  void set(ValueId v, Row row) { rows_[v] = std::move(row); }

  Row run(const std::vector<NodeData>& parts, ValueId wanted) {
    for (const NodeData& node : parts) rows_[node.outputs[0]] = compute(node);
    return rows_.at(wanted);
  }

 private:
  Row operand(const NodeData& node, size_t i) const {
    if (const auto it = rows_.find(node.inputs[i]); it != rows_.end()) return it->second;
    const ConstantData& c = graph_.constants.at(graph_.values[node.inputs[i]].constant);
    if (c.dtype == HY_DTYPE_F32) return typed<float>(c);
    if (c.dtype == HY_DTYPE_F64) return typed<double>(c);
    return c.dtype == HY_DTYPE_I32 ? typed<int32_t>(c) : typed<int64_t>(c);
  }
  template <class T>
  static Row typed(const ConstantData& c) {
    Row out;
    for (size_t at = 0; at < c.size; at += sizeof(T)) {
      T x;
      std::memcpy(&x, c.bytes->data() + at, sizeof x);
      out.push_back(static_cast<double>(x));
    }
    return out;
  }

  Row compute(const NodeData& node) const {
    static const std::map<std::string, double (*)(double)> one = {
        {"Sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
        {"Softplus", [](double x) { return std::log1p(std::exp(x)); }},
        {"Erf", [](double x) { return std::erf(x); }},
        {"Tanh", [](double x) { return std::tanh(x); }},
        {"Exp", [](double x) { return std::exp(x); }},
        {"Log", [](double x) { return std::log(x); }},
        {"Sqrt", [](double x) { return std::sqrt(x); }},
        {"Neg", [](double x) { return -x; }},
        {"Abs", [](double x) { return std::fabs(x); }},
        {"Reciprocal", [](double x) { return 1 / x; }},
        {"Relu", [](double x) { return x > 0 ? x : 0; }}};
    static const std::map<std::string, double (*)(double, double)> two = {
        {"Add", [](double a, double b) { return a + b; }},
        {"Sub", [](double a, double b) { return a - b; }},
        {"Mul", [](double a, double b) { return a * b; }},
        {"Div", [](double a, double b) { return a / b; }},
        {"Min", [](double a, double b) { return std::min(a, b); }},
        {"Max", [](double a, double b) { return std::max(a, b); }}};
    Row x = operand(node, 0);
    if (const auto f = one.find(node.op); f != one.end()) {
      for (double& e : x) e = f->second(e);
    } else if (const auto g = two.find(node.op); g != two.end()) {
      x = both(x, operand(node, 1), g->second);
    } else if (node.op == "Clip") {
      x = both(both(x, operand(node, 1), two.at("Max")), operand(node, 2), two.at("Min"));
    } else if (node.op == "ReduceMax") {
      x = {*std::max_element(x.begin(), x.end())};
    } else if (node.op == "ReduceSum" || node.op == "ReduceMean") {
      const double n = node.op == "ReduceSum" ? 1 : static_cast<double>(x.size());
      x = {std::accumulate(x.begin(), x.end(), 0.0) / n};
    }
    return x;
  }
  static Row both(const Row& a, const Row& b, double (*f)(double, double)) {
    Row out(std::max(a.size(), b.size()));
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = f(a[a.size() == 1 ? 0 : i], b[b.size() == 1 ? 0 : i]);
    return out;
  }

  const Graph& graph_;
  std::map<ValueId, Row> rows_;
};

}  // namespace halyard::core
