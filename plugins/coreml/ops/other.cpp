// Quantisation, random numbers, classes.
#include "ops/table.hpp"

namespace halyard::coreml {
namespace {

void quantize(Op& op) {
  Attributes a;
  if (op.has("axis")) a.emplace_back("axis", op.axis("axis", 0, op.rank("input")));
  const uint32_t dtype = dtype_of(op.word("output_dtype", "int8"));
  uint32_t zero = op.maybe("zero_point");
  if (zero == HY_NONE) {
    const Type scale = op.type_of("scale");
    zero = op.floats(
        dtype, std::vector<double>(scale.dims.empty() ? 1 : static_cast<size_t>(scale.dims[0]), 0),
        scale.dims);
  }
  op.finish("QuantizeLinear", {op.x("input"), op.x("scale"), zero}, std::move(a));
}

void dequantize(Op& op) {
  Attributes a;
  if (op.has("axis")) a.emplace_back("axis", op.axis("axis", 0, op.rank("input")));
  op.finish("DequantizeLinear", {op.x("input"), op.x("scale"), op.maybe("zero_point")},
            std::move(a));
}

/// The like of a tensor of the wanted shape; a seed of -1 is none.
void random(Op& op, const char* name, Attributes a) {
  const uint32_t dtype = op.output_type(0).dtype;
  const uint32_t like = op.emit(
      "Expand", {op.scalar(HY_DTYPE_F32, 0),
                 op.is_constant("shape") ? op.list(op.ints_or("shape", {})) : op.index("shape")});
  if (const int64_t seed = op.integer("seed", -1); seed >= 0)
    a.emplace_back("seed", static_cast<double>(seed));
  op.give(0, op.cast(op.emit(name, {like}, std::move(a)), dtype));
}
void random_normal(Op& op) {
  random(op, "RandomNormalLike",
         {{"mean", op.number("mean", 0)}, {"scale", op.number("stddev", 1)}});
}
void random_uniform(Op& op) {
  random(op, "RandomUniformLike", {{"low", op.number("low", 0)}, {"high", op.number("high", 1)}});
}
void random_bernoulli(Op& op) {
  const uint32_t shape =
      op.is_constant("shape") ? op.list(op.ints_or("shape", {})) : op.index("shape");
  const uint32_t p = op.emit("Expand", {op.scalar(HY_DTYPE_F32, op.number("prob", 0.5)), shape});
  Attributes a;
  if (const int64_t seed = op.integer("seed", -1); seed >= 0)
    a.emplace_back("seed", static_cast<double>(seed));
  op.give(0, op.cast(op.emit("Bernoulli", {p}, std::move(a)), op.output_type(0).dtype));
}
void random_categorical(Op& op) {
  uint32_t x = op.cast(op.x("x"), HY_DTYPE_F32);
  if (op.word("mode", "logits") == "probs") x = op.emit("Log", {x});
  Attributes a{{"sample_size", op.integer("size", 1)}, {"dtype", int64_t{HY_DTYPE_I32}}};
  if (const int64_t seed = op.integer("seed", -1); seed >= 0)
    a.emplace_back("seed", static_cast<double>(seed));
  op.give(0, op.cast(op.emit("Multinomial", {x}, std::move(a)), op.output_type(0).dtype));
}

/// The label of the largest probability.
void classify(Op& op) {
  const auto classes = op.constant("classes");
  if (!classes) return op.refuse("classes that are no constants");
  const uint32_t flat = op.reshape(op.x("probabilities"), {-1});
  const uint32_t best = op.emit("ArgMax", {flat}, {{"axis", int64_t{0}}, {"keepdims", int64_t{1}}});
  const uint32_t labels = op.scope().add_constant(op.scope().fresh("classes"), *classes);
  op.give(0, op.emit("Gather", {labels, best}, {{"axis", int64_t{0}}}));
  op.give(1, op.cast(flat, HY_DTYPE_F32));  // becomes a dictionary at the function's border
}

constexpr Rule kRules[] = {
    {"quantize", quantize},
    {"dequantize", dequantize},
    {"random_normal", random_normal, "the numbers of a seed are our own"},
    {"random_uniform", random_uniform, "the numbers of a seed are our own"},
    {"random_bernoulli", random_bernoulli, "the numbers of a seed are our own"},
    {"random_categorical", random_categorical, "the numbers of a seed are our own"},
    {"classify", classify},
};

}  // namespace

std::span<const Rule> other_rules() { return kRules; }

}  // namespace halyard::coreml
