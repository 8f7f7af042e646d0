// One element in, one element out.
#include "ops/table.hpp"

namespace halyard::coreml {
namespace {

bool is_float(uint32_t dtype) {
  return dtype == HY_DTYPE_F16 || dtype == HY_DTYPE_F32 || dtype == HY_DTYPE_F64 ||
         dtype == HY_DTYPE_BF16;
}

#define HY_SAME(function, name) \
  void function(Op& op) { op.finish(name, {op.x("x")}); }
HY_SAME(relu, "Relu")
HY_SAME(sigmoid, "Sigmoid")
HY_SAME(tanh_, "Tanh")
HY_SAME(softsign, "Softsign")
HY_SAME(softplus, "Softplus")
HY_SAME(erf_, "Erf")
HY_SAME(abs_, "Abs")
HY_SAME(ceil_, "Ceil")
HY_SAME(floor_, "Floor")
HY_SAME(sign, "Sign")
HY_SAME(sqrt_, "Sqrt")
HY_SAME(exp_, "Exp")
HY_SAME(sin_, "Sin")
HY_SAME(cos_, "Cos")
HY_SAME(tan_, "Tan")
HY_SAME(sinh_, "Sinh")
HY_SAME(cosh_, "Cosh")
HY_SAME(asin_, "Asin")
HY_SAME(acos_, "Acos")
HY_SAME(atan_, "Atan")
HY_SAME(atanh_, "Atanh")
HY_SAME(round_, "Round")
#undef HY_SAME

void identity(Op& op) { op.give(0, op.x("x")); }
void silu(Op& op) { op.finish("Swish", {op.x("x")}, {{"alpha", 1.0}}); }
void relu6(Op& op) {
  const uint32_t t = op.dtype("x");
  op.finish("Clip", {op.x("x"), op.scalar(t, 0), op.scalar(t, 6)});
}
void square(Op& op) {
  const uint32_t x = op.x("x");
  op.finish("Mul", {x, x});
}
void exp2_(Op& op) { op.finish("Pow", {op.scalar(op.dtype("x"), 2), op.x("x")}); }

/// x plus what keeps it from zero; in f32, where half precision would lose that.
uint32_t plus_epsilon(Op& op, double epsilon) {
  const uint32_t x = op.cast(op.x("x"), HY_DTYPE_F32);
  return op.emit("Add", {x, op.scalar(HY_DTYPE_F32, epsilon)});
}
void with_epsilon(Op& op, double epsilon, std::initializer_list<const char*> chain) {
  uint32_t v = plus_epsilon(op, op.number("epsilon", epsilon));
  for (const char* step : chain) v = op.emit(step, {v});
  op.give(0, op.cast(v, op.dtype("x")));
}
void log_(Op& op) { with_epsilon(op, 1e-45, {"Log"}); }
void inverse(Op& op) { with_epsilon(op, 1e-4, {"Reciprocal"}); }
void rsqrt(Op& op) { with_epsilon(op, 1e-12, {"Sqrt", "Reciprocal"}); }

void gelu(Op& op) {
  const std::string mode = op.word("mode", "EXACT");
  if (mode == "SIGMOID_APPROXIMATION") return op.finish("Swish", {op.x("x")}, {{"alpha", 1.702}});
  op.finish("Gelu", {op.x("x")},
            {{"approximate", std::string(mode == "TANH_APPROXIMATION" ? "tanh" : "none")}});
}
void leaky_relu(Op& op) {
  op.finish("LeakyRelu", {op.x("x")}, {{"alpha", op.number("alpha", 0.01)}});
}
void elu(Op& op) { op.finish("Elu", {op.x("x")}, {{"alpha", op.number("alpha", 1)}}); }

/// One value a channel, along axis 1.
uint32_t by_channel(Op& op, std::string_view name) {
  const uint32_t v = op.as(name, op.dtype("x"));
  Ints dims(static_cast<size_t>(std::max<int64_t>(op.rank("x") - 1, 1)), 1);
  dims[0] = -1;
  return op.rank("x") <= 2 ? v : op.reshape(v, dims);
}
void prelu(Op& op) { op.finish("PRelu", {op.x("x"), by_channel(op, "alpha")}); }
void softplus_parametric(Op& op) {
  const uint32_t inner = op.emit("Mul", {op.x("x"), by_channel(op, "beta")});
  op.finish("Mul", {op.emit("Softplus", {inner}), by_channel(op, "alpha")});
}
void thresholded_relu(Op& op) {
  const uint32_t x = op.x("x"), t = op.dtype("x");
  const uint32_t keep = op.emit("GreaterOrEqual", {x, op.scalar(t, op.number("alpha", 1))});
  op.finish("Where", {keep, x, op.scalar(t, 0)});
}
void clamped_relu(Op& op) {
  const uint32_t y = op.emit("LeakyRelu", {op.x("x")}, {{"alpha", op.number("alpha", 0)}});
  op.finish("Min", {y, op.scalar(op.dtype("x"), op.number("beta", 0))});
}
void linear_activation(Op& op) {
  const uint32_t t = op.dtype("x");
  const uint32_t y = op.emit("Mul", {op.x("x"), op.scalar(t, op.number("alpha", 1))});
  op.finish("Add", {y, op.scalar(t, op.number("beta", 0))});
}
void scaled_tanh(Op& op) {
  const uint32_t t = op.dtype("x");
  const uint32_t y = op.emit("Mul", {op.x("x"), op.scalar(t, op.number("beta", 1))});
  op.finish("Mul", {op.emit("Tanh", {y}), op.scalar(t, op.number("alpha", 1))});
}
void sigmoid_hard(Op& op) {
  op.finish("HardSigmoid", {op.x("x")},
            {{"alpha", op.number("alpha", 0.2)}, {"beta", op.number("beta", 0.5)}});
}
void clip(Op& op) {
  const uint32_t t = op.dtype("x");
  op.finish("Clip",
            {op.x("x"), op.scalar(t, op.number("alpha", 0)), op.scalar(t, op.number("beta", 1))});
}
void threshold(Op& op) {
  op.finish("Max", {op.x("x"), op.scalar(op.dtype("x"), op.number("alpha", 0))});
}

/// MIL's spelling of a type, as the parameters dtype and output_dtype have it.
uint32_t word_type(Op& op, std::string_view name, std::string_view otherwise) {
  const std::string word = op.word(name, otherwise);
  const uint32_t dtype = dtype_of(word);
  if (dtype == HY_DTYPE_UNDEFINED) op.refuse("type \"" + word + "\"");
  return dtype;
}
void cast(Op& op) { op.give(0, op.cast(op.x("x"), word_type(op, "dtype", "fp32"))); }

// ---- Two operands ----

#define HY_BINARY(function, name) \
  void function(Op& op) { op.finish(name, {op.x("x"), op.x("y")}); }
HY_BINARY(add, "Add")
HY_BINARY(sub, "Sub")
HY_BINARY(mul, "Mul")
HY_BINARY(maximum, "Max")
HY_BINARY(minimum, "Min")
HY_BINARY(pow_, "Pow")
HY_BINARY(equal, "Equal")
#undef HY_BINARY

void real_div(Op& op) {
  if (is_float(op.dtype("x"))) return op.finish("Div", {op.x("x"), op.x("y")});
  const uint32_t q =
      op.emit("Div", {op.cast(op.x("x"), HY_DTYPE_F32), op.cast(op.x("y"), HY_DTYPE_F32)});
  op.give(0, op.cast(q, op.output_type(0).dtype));
}
/// The sign of the divisor, as Python's.
void mod(Op& op) {
  const uint32_t x = op.x("x"), y = op.x("y");
  if (!is_float(op.dtype("x"))) return op.finish("Mod", {x, y}, {{"fmod", int64_t{0}}});
  const uint32_t q = op.emit("Floor", {op.emit("Div", {x, y})});
  op.finish("Sub", {x, op.emit("Mul", {y, q})});
}
void floor_div(Op& op) {
  const uint32_t x = op.x("x"), y = op.x("y");
  if (is_float(op.dtype("x"))) return op.finish("Floor", {op.emit("Div", {x, y})});
  const uint32_t rest = op.emit("Mod", {x, y}, {{"fmod", int64_t{0}}});
  op.finish("Div", {op.emit("Sub", {x, rest}), y});
}
void not_equal(Op& op) { op.finish("Not", {op.emit("Equal", {op.x("x"), op.x("y")})}); }

/// Booleans are compared as numbers.
void compare(Op& op, const char* name) {
  const bool boolean = op.dtype("x") == HY_DTYPE_BOOL;
  const auto number = [&](const char* operand) {
    return boolean ? op.cast(op.x(operand), HY_DTYPE_I32) : op.x(operand);
  };
  op.finish(name, {number("x"), number("y")});
}
void less(Op& op) { compare(op, "Less"); }
void less_equal(Op& op) { compare(op, "LessOrEqual"); }
void greater(Op& op) { compare(op, "Greater"); }
void greater_equal(Op& op) { compare(op, "GreaterOrEqual"); }

uint32_t boolean(Op& op, std::string_view name) {
  return op.dtype(name) == HY_DTYPE_BOOL ? op.x(name) : op.cast(op.x(name), HY_DTYPE_BOOL);
}
void logical_and(Op& op) { op.finish("And", {boolean(op, "x"), boolean(op, "y")}); }
void logical_or(Op& op) { op.finish("Or", {boolean(op, "x"), boolean(op, "y")}); }
void logical_xor(Op& op) { op.finish("Xor", {boolean(op, "x"), boolean(op, "y")}); }
void logical_not(Op& op) { op.finish("Not", {boolean(op, "x")}); }
void select(Op& op) { op.finish("Where", {boolean(op, "cond"), op.x("a"), op.x("b")}); }

constexpr Rule kRules[] = {
    {"relu", relu},
    {"sigmoid", sigmoid},
    {"tanh", tanh_},
    {"silu", silu},
    {"softplus", softplus},
    {"softsign", softsign},
    {"relu6", relu6},
    {"erf", erf_},
    {"gelu", gelu},
    {"leaky_relu", leaky_relu},
    {"elu", elu},
    {"prelu", prelu},
    {"thresholded_relu", thresholded_relu},
    {"clamped_relu", clamped_relu},
    {"linear_activation", linear_activation},
    {"scaled_tanh", scaled_tanh},
    {"sigmoid_hard", sigmoid_hard},
    {"softplus_parametric", softplus_parametric},
    {"add", add},
    {"sub", sub},
    {"mul", mul},
    {"real_div", real_div},
    {"maximum", maximum},
    {"minimum", minimum},
    {"pow", pow_},
    {"floor_div", floor_div},
    {"mod", mod},
    {"equal", equal},
    {"not_equal", not_equal},
    {"less", less},
    {"less_equal", less_equal},
    {"greater", greater},
    {"greater_equal", greater_equal},
    {"logical_and", logical_and},
    {"logical_or", logical_or},
    {"logical_xor", logical_xor},
    {"logical_not", logical_not},
    {"abs", abs_},
    {"ceil", ceil_},
    {"floor", floor_},
    {"sign", sign},
    {"sqrt", sqrt_},
    {"square", square},
    {"exp", exp_},
    {"exp2", exp2_},
    {"sin", sin_},
    {"cos", cos_},
    {"tan", tan_},
    {"sinh", sinh_},
    {"cosh", cosh_},
    {"asin", asin_},
    {"acos", acos_},
    {"atan", atan_},
    {"atanh", atanh_},
    {"round", round_},
    {"log", log_},
    {"inverse", inverse},
    {"rsqrt", rsqrt},
    {"clip", clip},
    {"threshold", threshold},
    {"cast", cast},
    {"select", select},
    {"identity", identity},
};

}  // namespace

std::span<const Rule> elementwise_rules() { return kRules; }

}  // namespace halyard::coreml
