#include "gradient.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <set>
#include <unordered_map>

#include "halyard/abi/graph.h"
#include "text.hpp"

namespace halyard::onnx {
namespace {

/// A node in the middle of the backward pass: its own values, the derivative that comes in, those that
/// go out. The names of the arithmetic are those of the operators.
class Step {
 public:
  Step(Rewriter& rewriter, const NodeSpec& node, uint32_t incoming)
      : g(incoming), rewriter_(rewriter), node_(node), out_(node.inputs.size(), HY_NONE) {}

  const uint32_t g;  // the derivative of the node's first output

  uint32_t in(size_t i) const { return i < node_.inputs.size() ? node_.inputs[i] : HY_NONE; }
  size_t input_count() const { return node_.inputs.size(); }
  uint32_t out() const { return node_.outputs[0]; }
  int64_t rank(uint32_t value) const { return rewriter_.facts(value).rank; }
  uint32_t dtype(uint32_t value) const { return rewriter_.facts(value).dtype; }
  std::optional<std::vector<int64_t>> known_ints(uint32_t value) const {
    return rewriter_.known_ints(value);
  }

  template <class T>
  T attribute(std::string_view name, T otherwise) const {
    for (const auto& [key, value] : node_.attributes)
      if (key == name)
        if (const T* typed = std::get_if<T>(&value)) return *typed;
    return otherwise;
  }

  // ---- Nodes; the first failure stays and makes the rest do nothing. ----
  uint32_t emit(std::string_view op, std::vector<uint32_t> inputs, Attributes attributes = {}) {
    if (!status.ok()) return HY_NONE;
    auto value = rewriter_.emit(op, std::move(inputs), std::move(attributes));
    if (value.ok()) return *value;
    status = value.status();
    return HY_NONE;
  }
  uint32_t ints(const std::vector<int64_t>& list) { return rewriter_.ints(list); }
  /// A scalar of the type of `like`.
  uint32_t scalar(uint32_t like, double value) { return rewriter_.scalar(dtype(like), value); }
  uint32_t add(uint32_t a, uint32_t b) { return emit("Add", {a, b}); }
  uint32_t sub(uint32_t a, uint32_t b) { return emit("Sub", {a, b}); }
  uint32_t mul(uint32_t a, uint32_t b) { return emit("Mul", {a, b}); }
  uint32_t div(uint32_t a, uint32_t b) { return emit("Div", {a, b}); }
  uint32_t neg(uint32_t a) { return emit("Neg", {a}); }
  uint32_t shape(uint32_t a) { return emit("Shape", {a}); }
  uint32_t reshape_like(uint32_t a, uint32_t like) { return emit("Reshape", {a, shape(like)}); }
  /// Summed over the dims along which `like` was broadcast, to its shape.
  uint32_t sum_to(uint32_t a, uint32_t like) {
    if (rank(a) == 0 && rank(like) == 0) return a;
    const uint32_t to = shape(like);
    const uint32_t missing = emit("Sub", {emit("Shape", {shape(a)}), emit("Shape", {to})});
    const uint32_t ones = emit("Expand", {ints({1}), missing});
    const uint32_t padded = emit("Concat", {ones, to}, {{"axis", int64_t{0}}});
    const uint32_t places = emit("NonZero", {emit("Equal", {padded, ints({1})})});
    const uint32_t axes = emit("Reshape", {places, ints({-1})});
    const uint32_t sums = emit("ReduceSum", {a, axes},
                               {{"keepdims", int64_t{1}}, {"noop_with_empty_axes", int64_t{1}}});
    return emit("Reshape", {sums, to});
  }
  uint32_t swap_last(uint32_t a) {
    const int64_t r = rank(a);
    if (r < 2) {
      fail("the rank of a matrix is not known");
      return HY_NONE;
    }
    std::vector<int64_t> perm(static_cast<size_t>(r));
    for (size_t i = 0; i < perm.size(); ++i) perm[i] = static_cast<int64_t>(i);
    std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
    return emit("Transpose", {a}, {{"perm", perm}});
  }
  std::vector<uint32_t> emit_many(std::string_view op, std::vector<uint32_t> inputs,
                                  Attributes attributes, size_t outputs) {
    std::vector<uint32_t> none(outputs, HY_NONE);
    if (!status.ok()) return none;
    auto values = rewriter_.emit_many(op, std::move(inputs), std::move(attributes), outputs);
    if (values.ok()) return *values;
    status = values.status();
    return none;
  }

  /// The derivative of operand i. Operands that nothing asks for may get one: nothing reads it.
  void give(size_t i, uint32_t value) { out_[i] = value; }
  uint32_t given(size_t i) const { return out_[i]; }
  void fail(const std::string& why) {
    if (status.ok()) status = unsupported(why);
  }

  Status status;

 private:
  Rewriter& rewriter_;
  const NodeSpec& node_;
  std::vector<uint32_t> out_;
};

// ---- Elementwise ----

void identity(Step& s) { s.give(0, s.g); }
void neg(Step& s) { s.give(0, s.neg(s.g)); }
void exp(Step& s) { s.give(0, s.mul(s.g, s.out())); }
void log(Step& s) { s.give(0, s.div(s.g, s.in(0))); }
void sqrt(Step& s) { s.give(0, s.div(s.g, s.add(s.out(), s.out()))); }
void reciprocal(Step& s) { s.give(0, s.neg(s.mul(s.g, s.mul(s.out(), s.out())))); }
void abs(Step& s) { s.give(0, s.mul(s.g, s.emit("Sign", {s.in(0)}))); }
void sin(Step& s) { s.give(0, s.mul(s.g, s.emit("Cos", {s.in(0)}))); }
void cos(Step& s) { s.give(0, s.neg(s.mul(s.g, s.emit("Sin", {s.in(0)})))); }
void softplus(Step& s) { s.give(0, s.mul(s.g, s.emit("Sigmoid", {s.in(0)}))); }

void tanh(Step& s) { s.give(0, s.mul(s.g, s.sub(s.scalar(s.out(), 1), s.mul(s.out(), s.out())))); }

void sigmoid(Step& s) {
  s.give(0, s.mul(s.g, s.mul(s.out(), s.sub(s.scalar(s.out(), 1), s.out()))));
}

void relu(Step& s) {
  const uint32_t zero = s.scalar(s.in(0), 0);
  s.give(0, s.emit("Where", {s.emit("Greater", {s.in(0), zero}), s.g, zero}));
}

void erf(Step& s) {
  const uint32_t x = s.in(0);
  const uint32_t bell = s.emit("Exp", {s.neg(s.mul(x, x))});
  s.give(0, s.mul(s.g, s.mul(s.scalar(x, 2 * std::numbers::inv_sqrtpi), bell)));
}

void add(Step& s) {
  for (size_t i : {0u, 1u}) s.give(i, s.sum_to(s.g, s.in(i)));
}

void sub(Step& s) {
  s.give(0, s.sum_to(s.g, s.in(0)));
  s.give(1, s.sum_to(s.neg(s.g), s.in(1)));
}

void mul(Step& s) {
  s.give(0, s.sum_to(s.mul(s.g, s.in(1)), s.in(0)));
  s.give(1, s.sum_to(s.mul(s.g, s.in(0)), s.in(1)));
}

void div(Step& s) {
  const uint32_t part = s.div(s.g, s.in(1));
  s.give(0, s.sum_to(part, s.in(0)));
  s.give(1, s.sum_to(s.neg(s.mul(part, s.out())), s.in(1)));
}

void pow(Step& s) {
  const uint32_t a = s.in(0), b = s.in(1);
  if (s.dtype(a) != s.dtype(b)) return s.fail("base and exponent are of different types");
  const uint32_t less = s.emit("Pow", {a, s.sub(b, s.scalar(b, 1))});
  s.give(0, s.sum_to(s.mul(s.g, s.mul(b, less)), a));
  s.give(1, s.sum_to(s.mul(s.g, s.mul(s.out(), s.emit("Log", {a}))), b));
}

/// Of the one that was chosen; of equal ones, the first.
void extreme(Step& s, std::string_view first_where) {
  const uint32_t zero = s.scalar(s.g, 0);
  const uint32_t first = s.emit(first_where, {s.in(0), s.in(1)});
  s.give(0, s.sum_to(s.emit("Where", {first, s.g, zero}), s.in(0)));
  s.give(1, s.sum_to(s.emit("Where", {first, zero, s.g}), s.in(1)));
}

void max(Step& s) {
  if (s.input_count() != 2) return s.fail("it has other than two operands");
  extreme(s, "GreaterOrEqual");
}

void min(Step& s) {
  if (s.input_count() != 2) return s.fail("it has other than two operands");
  extreme(s, "LessOrEqual");
}

void where(Step& s) {
  const uint32_t zero = s.scalar(s.g, 0);
  s.give(1, s.sum_to(s.emit("Where", {s.in(0), s.g, zero}), s.in(1)));
  s.give(2, s.sum_to(s.emit("Where", {s.in(0), zero, s.g}), s.in(2)));
}

void cast(Step& s) {
  const uint32_t from = s.dtype(s.in(0));
  s.give(0, s.emit("Cast", {s.g}, {{"to", static_cast<int64_t>(from)}}));
}

// ---- Movement ----

void reshape(Step& s) { s.give(0, s.reshape_like(s.g, s.in(0))); }
void expand(Step& s) { s.give(0, s.sum_to(s.g, s.in(0))); }

void transpose(Step& s) {
  const auto perm = s.attribute<std::vector<int64_t>>("perm", {});
  if (perm.empty()) return s.give(0, s.emit("Transpose", {s.g}));
  std::vector<int64_t> back(perm.size());
  for (size_t i = 0; i < perm.size(); ++i) {
    const int64_t at = perm[i] < 0 ? perm[i] + static_cast<int64_t>(perm.size()) : perm[i];
    if (at < 0 || at >= static_cast<int64_t>(perm.size()))
      return s.fail("attribute \"perm\" is no permutation");
    back[static_cast<size_t>(at)] = static_cast<int64_t>(i);
  }
  s.give(0, s.emit("Transpose", {s.g}, {{"perm", back}}));
}

void concat(Step& s) {
  const auto axis = s.attribute<int64_t>("axis", 0);
  std::vector<uint32_t> sizes;
  for (size_t i = 0; i < s.input_count(); ++i)
    sizes.push_back(s.emit("Gather", {s.shape(s.in(i)), s.ints({axis})}, {{"axis", int64_t{0}}}));
  const uint32_t split =
      sizes.size() == 1 ? sizes[0] : s.emit("Concat", sizes, {{"axis", int64_t{0}}});
  const auto parts = s.emit_many("Split", {s.g, split}, {{"axis", axis}}, s.input_count());
  for (size_t i = 0; i < parts.size(); ++i) s.give(i, parts[i]);
}

// ---- Sums ----

/// A derivative with the reduced dims back, as ones.
uint32_t with_reduced_dims(Step& s, uint32_t g) {
  const bool all = s.in(1) == HY_NONE;
  if (s.attribute<int64_t>("keepdims", 1) != 0 || all) return g;
  return s.emit("Unsqueeze", {g, s.in(1)});
}

bool reduces_nothing(Step& s) {
  if (s.attribute<int64_t>("noop_with_empty_axes", 0) == 0) return false;
  const auto axes = s.known_ints(s.in(1));
  return s.in(1) == HY_NONE || (axes && axes->empty());
}

void reduce_sum(Step& s) {
  if (reduces_nothing(s)) return s.give(0, s.g);
  s.give(0, s.emit("Expand", {with_reduced_dims(s, s.g), s.shape(s.in(0))}));
}

void reduce_mean(Step& s) {
  if (reduces_nothing(s)) return s.give(0, s.g);
  const uint32_t count = s.div(s.emit("Size", {s.in(0)}), s.emit("Size", {s.out()}));
  const uint32_t factor = s.emit("Cast", {count}, {{"to", static_cast<int64_t>(s.dtype(s.in(0)))}});
  const uint32_t part = s.div(with_reduced_dims(s, s.g), factor);
  s.give(0, s.emit("Expand", {part, s.shape(s.in(0))}));
}

uint32_t sum_along(Step& s, uint32_t a) {
  return s.emit("ReduceSum", {a, s.ints({s.attribute<int64_t>("axis", -1)})},
                {{"keepdims", int64_t{1}}});
}

void softmax(Step& s) { s.give(0, s.mul(s.sub(s.g, sum_along(s, s.mul(s.g, s.out()))), s.out())); }

void log_softmax(Step& s) {
  s.give(0, s.sub(s.g, s.mul(s.emit("Exp", {s.out()}), sum_along(s, s.g))));
}

// ---- Products ----

void matmul(Step& s) {
  uint32_t a = s.in(0), b = s.in(1), g = s.g;
  const bool row = s.rank(a) == 1, column = s.rank(b) == 1;
  if (row) a = s.emit("Unsqueeze", {a, s.ints({0})});
  if (column) {
    b = s.emit("Unsqueeze", {b, s.ints({1})});
    g = s.emit("Unsqueeze", {g, s.ints({-1})});
  }
  if (row) g = s.emit("Unsqueeze", {g, s.ints({-2})});
  const uint32_t da = s.sum_to(s.emit("MatMul", {g, s.swap_last(b)}), a);
  const uint32_t db = s.sum_to(s.emit("MatMul", {s.swap_last(a), g}), b);
  s.give(0, row ? s.reshape_like(da, s.in(0)) : da);
  s.give(1, column ? s.reshape_like(db, s.in(1)) : db);
}

void gemm(Step& s) {
  const uint32_t a = s.in(0), b = s.in(1), g = s.g;
  const int64_t ta = s.attribute<int64_t>("transA", 0), tb = s.attribute<int64_t>("transB", 0);
  const double alpha = s.attribute<double>("alpha", 1.0), beta = s.attribute<double>("beta", 1.0);
  const auto product = [&](uint32_t x, uint32_t y, bool tx, bool ty) {
    return s.emit("Gemm", {x, y},
                  {{"alpha", alpha}, {"transA", int64_t{tx}}, {"transB", int64_t{ty}}});
  };
  s.give(0, ta == 0 ? product(g, b, false, tb == 0) : product(b, g, tb != 0, true));
  s.give(1, tb == 0 ? product(a, g, ta == 0, false) : product(g, a, true, ta != 0));
  if (s.in(2) == HY_NONE) return;
  s.give(2, s.sum_to(beta == 1 ? g : s.mul(g, s.scalar(g, beta)), s.in(2)));
}

struct GradientRule {
  std::string_view op;
  void (*apply)(Step&);
};

constexpr GradientRule kRules[] = {
    {"Identity", identity},
    {"Neg", neg},
    {"Exp", exp},
    {"Log", log},
    {"Sqrt", sqrt},
    {"Reciprocal", reciprocal},
    {"Abs", abs},
    {"Sin", sin},
    {"Cos", cos},
    {"Softplus", softplus},
    {"Tanh", tanh},
    {"Sigmoid", sigmoid},
    {"Relu", relu},
    {"Erf", erf},
    {"Add", add},
    {"Sub", sub},
    {"Mul", mul},
    {"Div", div},
    {"Pow", pow},
    {"Max", max},
    {"Min", min},
    {"Where", where},
    {"Cast", cast},
    {"Reshape", reshape},
    {"Flatten", reshape},
    {"Squeeze", reshape},
    {"Unsqueeze", reshape},
    {"Expand", expand},
    {"Transpose", transpose},
    {"Concat", concat},
    {"ReduceSum", reduce_sum},
    {"ReduceMean", reduce_mean},
    {"Softmax", softmax},
    {"LogSoftmax", log_softmax},
    {"MatMul", matmul},
    {"Gemm", gemm},
};

const GradientRule* find_gradient_rule(const NodeSpec& node) {
  if (!node.domain.empty()) return nullptr;
  const auto* rule = std::find_if(std::begin(kRules), std::end(kRules),
                                  [&](const auto& r) { return r.op == node.op; });
  return rule != std::end(kRules) ? rule : nullptr;
}

/// Operators whose result does not change when a floating operand moves a little.
bool is_flat(const NodeSpec& node) {
  static const std::set<std::string, std::less<>> names = {
      "Shape", "Size", "Equal", "Greater", "GreaterOrEqual", "Less",   "LessOrEqual", "Sign",
      "Floor", "Ceil", "Round", "IsNaN",   "IsInf",          "ArgMax", "ArgMin",      "NonZero"};
  return node.domain.empty() && names.contains(node.op);
}

/// Whether each value depends on one of xs, by value.
std::vector<char> dependents(std::span<const NodeSpec> nodes, std::span<const uint32_t> xs,
                             std::span<const uint32_t> fixed) {
  std::vector<char> out;
  const auto mark = [&](uint32_t v) {
    if (out.size() <= v) out.resize(v + 1);
    out[v] = 1;
  };
  for (const uint32_t x : xs) mark(x);
  for (const NodeSpec& node : nodes) {
    if (is_flat(node)) continue;
    const bool depends = std::any_of(node.inputs.begin(), node.inputs.end(),
                                     [&](uint32_t v) { return v < out.size() && out[v] != 0; });
    if (!depends) continue;
    for (const uint32_t v : node.outputs)
      if (v != HY_NONE && std::find(fixed.begin(), fixed.end(), v) == fixed.end()) mark(v);
  }
  return out;
}

}  // namespace

Result<std::vector<uint32_t>> differentiate(Rewriter& rewriter, std::span<const NodeSpec> nodes,
                                            uint32_t y, std::span<const uint32_t> xs,
                                            std::span<const uint32_t> fixed) {
  for (const uint32_t v : {y, xs.empty() ? y : xs[0]})
    if (rewriter.facts(v).dtype == HY_DTYPE_UNDEFINED)
      return unsupported("the element type of what is differentiated is not known at import");
  const std::vector<char> depends = dependents(nodes, xs, fixed);
  const auto wanted = [&](uint32_t v) { return v < depends.size() && depends[v] != 0; };
  std::unordered_map<uint32_t, uint32_t> derivative;
  HY_ASSIGN_OR_RETURN(const uint32_t shape, rewriter.emit("Shape", {y}));
  HY_ASSIGN_OR_RETURN(
      derivative[y], rewriter.emit("Expand", {rewriter.scalar(rewriter.facts(y).dtype, 1), shape}));
  for (size_t i = nodes.size(); i-- > 0;) {
    const NodeSpec& node = nodes[i];
    if (is_flat(node)) continue;
    for (size_t k = 0; k < node.outputs.size(); ++k) {
      const uint32_t out = node.outputs[k];
      if (out == HY_NONE || !wanted(out) || !derivative.contains(out)) continue;
      // What is differentiated for does not pass its derivative on to what it was made of.
      if (std::find(xs.begin(), xs.end(), out) != xs.end()) continue;
      const std::string what = "node " + quote(node.name) + " (" + node.op + ")";
      const GradientRule* rule = find_gradient_rule(node);
      if (rule == nullptr || k != 0)
        return unsupported(what +
                           " has no derivative here; plugins/onnx/README.md lists those that have");
      Step step(rewriter, node, derivative[out]);
      rule->apply(step);
      if (!step.status.ok()) return step.status.with_context("derivative of " + what);
      for (size_t p = 0; p < node.inputs.size(); ++p) {
        const uint32_t in = node.inputs[p];
        if (in == HY_NONE || !wanted(in) || step.given(p) == HY_NONE) continue;
        const auto [it, first] = derivative.emplace(in, step.given(p));
        if (first) continue;
        HY_ASSIGN_OR_RETURN(it->second, rewriter.emit("Add", {it->second, step.given(p)}));
      }
    }
  }
  std::vector<uint32_t> out;
  for (const uint32_t x : xs) {
    if (const auto it = derivative.find(x); it != derivative.end()) {
      out.push_back(it->second);
      continue;
    }
    HY_ASSIGN_OR_RETURN(const uint32_t dims, rewriter.emit("Shape", {x}));
    HY_ASSIGN_OR_RETURN(
        const uint32_t zero,
        rewriter.emit("Expand", {rewriter.scalar(rewriter.facts(x).dtype, 0), dims}));
    out.push_back(zero);
  }
  return out;
}

}  // namespace halyard::onnx
