// Quantisation, random numbers, classes, detection.
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

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

/// Of one picture: boxes [1, B, 4] and scores [1, B, K], all f32. Numbers of the boxes that stay, best first: [m], i64.
uint32_t kept_boxes(Op& op, uint32_t boxes, uint32_t scores, int64_t classes, int64_t most) {
  const uint32_t best =
      op.emit("ReduceMax", {scores, op.list({2})}, {{"keepdims", int64_t{0}}});  // [1, B]
  uint32_t ranked = op.unsqueeze(best, {1});                                     // [1, 1, B]
  const bool per_class = op.flag("per_class_suppression", false);
  if (per_class) {
    // A class for each: what belongs to another one is below every threshold there.
    const uint32_t own_class =
        op.emit("ArgMax", {scores}, {{"axis", int64_t{2}}, {"keepdims", int64_t{1}}});
    Ints all(static_cast<size_t>(classes));
    std::iota(all.begin(), all.end(), 0);
    const uint32_t own = op.emit("Equal", {own_class, op.list(all)});
    const uint32_t none = op.scalar(HY_DTYPE_F32, std::numeric_limits<float>::lowest());
    ranked = op.transpose(op.emit("Where", {own, scores, none}), {0, 2, 1});
  }
  // What equals the threshold stays.
  constexpr float kAll = std::numeric_limits<float>::lowest();
  const auto threshold = static_cast<float>(op.number("score_threshold", kAll));
  const double below = std::nextafter(threshold, threshold > kAll ? -INFINITY : 0.0F);
  const uint32_t selected = op.emit("NonMaxSuppression",
                                    {boxes, ranked, op.list({most}),
                                     op.floats(HY_DTYPE_F32, {op.number("iou_threshold", 0)}, {1}),
                                     op.floats(HY_DTYPE_F32, {below}, {1})},
                                    {{"center_point_box", int64_t{1}}});  // [m, 3]
  uint32_t kept = op.emit("Gather", {selected, op.scalar(HY_DTYPE_I64, 2)}, {{"axis", int64_t{1}}});
  if (!per_class) return kept;
  const uint32_t of_kept =
      op.emit("Gather", {op.reshape(best, {-1}), kept}, {{"axis", int64_t{0}}});
  const auto order = op.emit_many("TopK", {of_kept, op.emit("Shape", {kept})}, {}, 2);
  kept = op.emit("Gather", {kept, order[1]}, {{"axis", int64_t{0}}});
  return op.emit("Slice", {kept, op.list({0}), op.list({most})});
}

/// Up to max_boxes of each picture; what is left over is 0, its numbers -1.
void non_maximum_suppression(Op& op) {
  const bool newest = op.opset() >= "CoreML7";  // channels first there, and three outputs
  const Type given = op.type_of("boxes");
  constexpr int64_t kMostPictures = 4096, kMostClasses = int64_t{1} << 20;
  if (given.rank() != 3 || given.dims[0] < 1 || given.dims[0] > kMostPictures)
    return op.refuse("boxes " + dims_text(given.dims) + "; 1 to " + std::to_string(kMostPictures) +
                     " pictures are taken, whose number is known");
  const Type given_scores = op.type_of("scores");
  const int64_t classes = given_scores.rank() == 3 ? given_scores.dims[newest ? 1 : 2] : 0;
  if (classes < 1 || classes > kMostClasses)
    return op.refuse("scores " + dims_text(given_scores.dims) + "; 1 to " +
                     std::to_string(kMostClasses) + " classes are taken, whose number is known");
  const int64_t most = op.integer("max_boxes", 0);
  if (most < 1) return op.refuse("max_boxes " + std::to_string(most) + "; it is at least 1");
  uint32_t boxes = op.as("boxes", HY_DTYPE_F32), scores = op.as("scores", HY_DTYPE_F32);
  if (newest) boxes = op.transpose(boxes, {0, 2, 1}), scores = op.transpose(scores, {0, 2, 1});
  const uint32_t zero = op.scalar(HY_DTYPE_F32, 0);
  std::vector<uint32_t> parts[4];
  for (int64_t i = 0; i < given.dims[0] && op.ok(); ++i) {
    const uint32_t picture = op.list({i});
    const uint32_t b = op.emit("Gather", {boxes, picture}, {{"axis", int64_t{0}}});
    const uint32_t s = op.emit("Gather", {scores, picture}, {{"axis", int64_t{0}}});
    const uint32_t kept = kept_boxes(op, b, s, classes, most);
    const uint32_t padded = op.emit(
        "Slice", {op.emit("Concat", {kept, op.emit("Expand", {op.list({-1}), op.list({most})})},
                          {{"axis", int64_t{0}}}),
                  op.list({0}), op.list({most})});
    const uint32_t there = op.emit("GreaterOrEqual", {padded, op.scalar(HY_DTYPE_I64, 0)});
    const uint32_t from = op.emit("Max", {padded, op.scalar(HY_DTYPE_I64, 0)});
    const auto rows = [&](uint32_t all) {
      const uint32_t row = op.emit("Gather", {all, from}, {{"axis", int64_t{1}}});
      return op.emit("Where", {op.unsqueeze(there, {0, 2}), row, zero});
    };
    parts[0].push_back(rows(b));
    parts[1].push_back(rows(s));
    parts[2].push_back(op.unsqueeze(padded, {0}));
    parts[3].push_back(op.emit("Shape", {kept}));
  }
  for (size_t i = 0; i < std::min(std::size(parts), op.output_count()); ++i)
    op.give(i, op.cast(op.emit("Concat", std::move(parts[i]), {{"axis", int64_t{0}}}),
                       op.output_type(i).dtype));
}

constexpr Rule kRules[] = {
    {"non_maximum_suppression", non_maximum_suppression,
     "the numbers of pictures and classes must be known"},
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
