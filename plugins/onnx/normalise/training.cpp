// The optimisers of ai.onnx.preview.training, one step each, as arithmetic. Formulas: ONNX's operator
// documents for the domain, version 1.
#include <span>

#include "normalise/table.hpp"
#include "text.hpp"

namespace halyard::onnx {
namespace {

/// Arithmetic on values; the first failure stays and makes the rest do nothing.
class Arithmetic {
 public:
  explicit Arithmetic(Rewriter& node) : node_(node) {}

  uint32_t emit(std::string_view op, std::vector<uint32_t> inputs, Attributes attributes = {}) {
    if (!status.ok()) return HY_NONE;
    auto value = node_.emit(op, std::move(inputs), std::move(attributes));
    if (value.ok()) return *value;
    status = value.status();
    return HY_NONE;
  }
  uint32_t add(uint32_t a, uint32_t b) { return emit("Add", {a, b}); }
  uint32_t sub(uint32_t a, uint32_t b) { return emit("Sub", {a, b}); }
  uint32_t mul(uint32_t a, uint32_t b) { return emit("Mul", {a, b}); }
  uint32_t div(uint32_t a, uint32_t b) { return emit("Div", {a, b}); }
  uint32_t sqrt(uint32_t a) { return emit("Sqrt", {a}); }
  /// A scalar of the type of `like`.
  uint32_t scalar(uint32_t like, double value) {
    return node_.scalar(node_.facts(like).dtype, value);
  }
  uint32_t scaled(double factor, uint32_t a) { return factor == 1 ? a : mul(scalar(a, factor), a); }
  /// factor * a + b
  uint32_t plus_scaled(double factor, uint32_t a, uint32_t b) {
    return factor == 0 ? b : add(scaled(factor, a), b);
  }

  Status status;

 private:
  Rewriter& node_;
};

/// The operands: rate R and update count T, then `lists` lists of as many tensors each.
struct Operands {
  uint32_t rate = HY_NONE, count = HY_NONE;
  size_t tensors = 0;

  size_t at(size_t list, size_t i) const { return 2 + list * tensors + i; }
};

Result<Operands> operands(Rewriter& node, size_t lists) {
  const size_t given = node.input_count();
  if (given < 2 + lists || (given - 2) % lists != 0)
    return invalid_model("it has " + std::to_string(given) + " inputs; " + node.op() +
                         " needs the rate, the update count and " + std::to_string(lists) +
                         " lists of as many tensors each");
  Operands out{node.input(0), node.input(1), (given - 2) / lists};
  if (node.output_count() > (lists - 1) * out.tensors)
    return invalid_model("it has " + std::to_string(node.output_count()) + " outputs for " +
                         std::to_string(out.tensors) + " tensors");
  for (size_t i = 0; i < given; ++i)
    if (!node.has_input(i))
      return invalid_model("input " + std::to_string(i) + " is absent; " + node.op() +
                           " needs all");
  return out;
}

/// The update count as a number of the rate's type.
Result<uint32_t> count_as_rate(Rewriter& node, const Operands& o) {
  const uint32_t dtype = node.facts(o.rate).dtype;
  if (dtype == HY_DTYPE_UNDEFINED)
    return unsupported("the element type of its first input, the rate, is not known at import");
  return node.emit("Cast", {o.count}, {{"to", static_cast<int64_t>(dtype)}});
}

/// Output i of the node is this value.
Status give(Rewriter& node, size_t i, uint32_t value) {
  if (!node.output_used(i)) return {};
  return node.finish_output(i, "Identity", {value}, {});
}

}  // namespace

Status adagrad(Rewriter& node) {
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const Operands o, operands(node, 3));
  HY_ASSIGN_OR_RETURN(const double decay, node.take_float("decay_factor", 0));
  HY_ASSIGN_OR_RETURN(const double epsilon, node.take_float("epsilon", 0));
  HY_ASSIGN_OR_RETURN(const double norm, node.take_float("norm_coefficient", 0));
  HY_ASSIGN_OR_RETURN(const uint32_t count, count_as_rate(node, o));
  Arithmetic a(node);
  const uint32_t rate = a.div(o.rate, a.plus_scaled(decay, count, a.scalar(o.rate, 1)));
  for (size_t i = 0; i < o.tensors; ++i) {
    const uint32_t x = node.input(o.at(0, i)), h = node.input(o.at(2, i));
    const uint32_t g = a.plus_scaled(norm, x, node.input(o.at(1, i)));
    const uint32_t squares = a.add(h, a.mul(g, g));
    const uint32_t below = a.add(a.sqrt(squares), a.scalar(x, epsilon));
    const uint32_t moved = a.sub(x, a.div(a.mul(rate, g), below));
    HY_RETURN_IF_ERROR(a.status);
    HY_RETURN_IF_ERROR(give(node, i, moved));
    HY_RETURN_IF_ERROR(give(node, o.tensors + i, squares));
  }
  return {};
}

Status adam(Rewriter& node) {
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const Operands o, operands(node, 4));
  HY_ASSIGN_OR_RETURN(const double alpha, node.take_float("alpha", 0.9f));
  HY_ASSIGN_OR_RETURN(const double beta, node.take_float("beta", 0.999f));
  HY_ASSIGN_OR_RETURN(const double epsilon, node.take_float("epsilon", 0));
  HY_ASSIGN_OR_RETURN(const double norm, node.take_float("norm_coefficient", 0));
  HY_ASSIGN_OR_RETURN(const double norm_post, node.take_float("norm_coefficient_post", 0));
  HY_ASSIGN_OR_RETURN(const uint32_t count, count_as_rate(node, o));
  Arithmetic a(node);
  // The averages begin at zero; the rate makes up for that, from the first update on.
  const uint32_t one = a.scalar(o.rate, 1), zero = a.scalar(o.rate, 0);
  const auto grown = [&](double base) {
    return a.sub(one, a.emit("Pow", {a.scalar(o.rate, base), count}));
  };
  const uint32_t adjusted = a.div(a.mul(o.rate, a.sqrt(grown(beta))), grown(alpha));
  const uint32_t rate = a.emit("Where", {a.emit("Greater", {count, zero}), adjusted, o.rate});
  for (size_t i = 0; i < o.tensors; ++i) {
    const uint32_t x = node.input(o.at(0, i));
    const uint32_t g = a.plus_scaled(norm, x, node.input(o.at(1, i)));
    const uint32_t mean = a.plus_scaled(1 - alpha, g, a.scaled(alpha, node.input(o.at(2, i))));
    const uint32_t square =
        a.plus_scaled(1 - beta, a.mul(g, g), a.scaled(beta, node.input(o.at(3, i))));
    const uint32_t below = a.add(a.sqrt(square), a.scalar(x, epsilon));
    const uint32_t moved = a.sub(x, a.div(a.mul(rate, mean), below));
    const uint32_t last = a.scaled(1 - norm_post, moved);
    HY_RETURN_IF_ERROR(a.status);
    HY_RETURN_IF_ERROR(give(node, i, last));
    HY_RETURN_IF_ERROR(give(node, o.tensors + i, mean));
    HY_RETURN_IF_ERROR(give(node, 2 * o.tensors + i, square));
  }
  return {};
}

Status momentum(Rewriter& node) {
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const Operands o, operands(node, 3));
  for (const std::string_view name : {"alpha", "beta", "norm_coefficient", "mode"})
    if (!node.has(name))
      return invalid_model("attribute " + quote(name) + " is missing; Momentum needs it");
  HY_ASSIGN_OR_RETURN(const double alpha, node.take_float("alpha", 0));
  HY_ASSIGN_OR_RETURN(const double beta, node.take_float("beta", 0));
  HY_ASSIGN_OR_RETURN(const double norm, node.take_float("norm_coefficient", 0));
  HY_ASSIGN_OR_RETURN(const std::string mode, node.take_string("mode", ""));
  if (mode != "standard" && mode != "nesterov")
    return invalid_model("attribute \"mode\" is " + quote(mode) +
                         "; standard and nesterov are known");
  HY_ASSIGN_OR_RETURN(const uint32_t count, count_as_rate(node, o));
  Arithmetic a(node);
  // The first update takes the gradient whole.
  const uint32_t later = a.emit("Greater", {count, a.scalar(o.rate, 0)});
  const uint32_t share = a.emit("Where", {later, a.scalar(o.rate, beta), a.scalar(o.rate, 1)});
  for (size_t i = 0; i < o.tensors; ++i) {
    const uint32_t x = node.input(o.at(0, i));
    const uint32_t g = a.plus_scaled(norm, x, node.input(o.at(1, i)));
    const uint32_t v = a.plus_scaled(alpha, node.input(o.at(2, i)), a.mul(share, g));
    const uint32_t step = mode == "nesterov" ? a.plus_scaled(alpha, v, g) : v;
    const uint32_t moved = a.sub(x, a.mul(o.rate, step));
    HY_RETURN_IF_ERROR(a.status);
    HY_RETURN_IF_ERROR(give(node, i, moved));
    HY_RETURN_IF_ERROR(give(node, o.tensors + i, v));
  }
  return {};
}

}  // namespace halyard::onnx
