// Old forms of normalisations, Softmax, Gemm; Dropout.
#include <algorithm>
#include <cmath>
#include <string>

#include "normalise/table.hpp"
#include "text.hpp"

namespace halyard::onnx {

namespace {

/// momentum * running + (1 - momentum) * batch, as output i.
Status running(Rewriter& node, size_t i, uint32_t before, uint32_t batch, double momentum) {
  if (!node.output_used(i)) return {};
  const uint32_t dtype = node.facts(before).dtype;
  HY_ASSIGN_OR_RETURN(const uint32_t old, node.emit("Mul", {before, node.scalar(dtype, momentum)}));
  HY_ASSIGN_OR_RETURN(const uint32_t fresh,
                      node.emit("Mul", {batch, node.scalar(dtype, 1 - momentum)}));
  return node.finish_output(i, "Add", {old, fresh}, {});
}

/// training_mode of opset 14: mean and variance are those of the batch.
Status batch_statistics(Rewriter& node, double momentum) {
  const uint32_t x = node.input(0);
  const int64_t rank = node.facts(x).rank;
  if (rank < 2)
    return unsupported("training_mode is 1, and the rank of X is not known to be 2 or more");
  std::vector<int64_t> axes = {0};
  for (int64_t axis = 2; axis < rank; ++axis) axes.push_back(axis);
  const Attributes keep = {{"keepdims", int64_t{1}}}, drop = {{"keepdims", int64_t{0}}};
  HY_ASSIGN_OR_RETURN(const uint32_t centre, node.emit("ReduceMean", {x, node.ints(axes)}, keep));
  HY_ASSIGN_OR_RETURN(const uint32_t mean, node.emit("ReduceMean", {x, node.ints(axes)}, drop));
  HY_ASSIGN_OR_RETURN(const uint32_t off, node.emit("Sub", {x, centre}));
  HY_ASSIGN_OR_RETURN(const uint32_t square, node.emit("Mul", {off, off}));
  HY_ASSIGN_OR_RETURN(const uint32_t var, node.emit("ReduceMean", {square, node.ints(axes)}, drop));
  HY_RETURN_IF_ERROR(running(node, 1, node.input(3), mean, momentum));
  HY_RETURN_IF_ERROR(running(node, 2, node.input(4), var, momentum));
  return node.finish("BatchNormalization", {x, node.input(1), node.input(2), mean, var},
                     node.rest(), 1);
}

}  // namespace

Status batch_normalization(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const int64_t training, node.take_int("training_mode", 0));
  HY_ASSIGN_OR_RETURN(const int64_t spatial, node.take_int("spatial", 1));
  HY_ASSIGN_OR_RETURN(const double momentum, node.take_float("momentum", 0.9));
  node.drop("is_test");
  if (training != 0) return batch_statistics(node, momentum);
  const int64_t rank = node.facts(node.input(0)).rank;
  if (spatial == 0 && rank != 2)
    return unsupported(
        "spatial is 0 (statistics of each position); only statistics of channels are read");
  for (size_t i = 1; i < node.output_count(); ++i)
    if (node.output_used(i))
      return unsupported("output " + std::to_string(i) +
                         ", which only training computes, is used; export the model for inference");
  return node.finish("BatchNormalization", node.inputs(), node.rest(), 1);
}

namespace {

/// Whether the ratio is known to be 0: nothing is dropped then, in training neither.
bool drops_nothing(const Rewriter& node) {
  const TensorData* ratio = node.has_input(1) ? node.known(node.input(1)) : nullptr;
  return ratio != nullptr && !ratio->bytes.empty() &&
         std::all_of(ratio->bytes.begin(), ratio->bytes.end(), [](auto b) { return b == 0; });
}

/// Whether dropout might drop: since opset 12 an operand says so.
bool may_train(const Rewriter& node) {
  if (node.version() < 12 || !node.has_input(2) || drops_nothing(node)) return false;
  const TensorData* training = node.known(node.input(2));
  return training == nullptr || training->dtype != HY_DTYPE_BOOL || training->bytes.size() != 1 ||
         training->bytes[0] != 0;
}

/// Each element stays with the probability 1 - ratio, divided by it; all do where training_mode turns out
/// to be false.
Status training_dropout(Rewriter& node) {
  const uint32_t x = node.input(0), dtype = node.facts(x).dtype;
  if (dtype == HY_DTYPE_UNDEFINED)
    return unsupported(
        "training_mode is not the constant false, and the type of data is not known");
  const Attributes to_f32 = {{"to", int64_t{HY_DTYPE_F32}}}, to_own = {{"to", int64_t{dtype}}};
  const uint32_t one = node.scalar(HY_DTYPE_F32, 1);
  uint32_t ratio = node.scalar(HY_DTYPE_F32, 0.5);
  if (node.has_input(1)) {
    HY_ASSIGN_OR_RETURN(ratio, node.emit("Cast", {node.input(1)}, to_f32));
  }
  HY_ASSIGN_OR_RETURN(const uint32_t share, node.emit("Sub", {one, ratio}));
  HY_ASSIGN_OR_RETURN(const uint32_t keep, node.emit("Where", {node.input(2), share, one}));
  Attributes drawn = {{"dtype", int64_t{HY_DTYPE_F32}}};
  if (node.has("seed")) {
    HY_ASSIGN_OR_RETURN(const int64_t seed, node.take_int("seed", 0));
    drawn.emplace_back("seed", static_cast<double>(seed));
  }
  HY_ASSIGN_OR_RETURN(const uint32_t number, node.emit("RandomUniformLike", {x}, drawn));
  HY_ASSIGN_OR_RETURN(const uint32_t mask, node.emit("Less", {number, keep}));
  HY_ASSIGN_OR_RETURN(const uint32_t divisor, node.emit("Cast", {keep}, to_own));
  HY_ASSIGN_OR_RETURN(const uint32_t scaled, node.emit("Div", {x, divisor}));
  if (node.output_used(1)) HY_RETURN_IF_ERROR(node.finish_output(1, "Identity", {mask}, {}));
  return node.finish("Where", {mask, scaled, node.scalar(dtype, 0)}, {}, 1);
}

}  // namespace

Status dropout(Rewriter& node) {
  if (!node.has_input(0)) return invalid_model("input 0 (data) is missing; Dropout needs it");
  if (may_train(node)) return training_dropout(node);
  if (node.output_used(1)) {
    if (node.version() < 10)
      return unsupported(
          "its mask, which only training computes, is used; export the model for inference");
    HY_ASSIGN_OR_RETURN(const uint32_t shape, node.emit("Shape", {node.input(0)}));
    const uint32_t yes = node.add_owned_constant(HY_DTYPE_BOOL, {1}, std::string(1, '\1'));
    HY_RETURN_IF_ERROR(
        node.finish_output(1, "ConstantOfShape", {shape}, {{"value", TensorAttr{yes}}}));
  }
  return node.finish("Identity", {node.input(0)}, {}, 1);
}

/// Before opset 13: over all dims from the axis on, as if they were one.
Status flat_softmax(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const int64_t axis, node.take_int("axis", 1));
  const uint32_t x = node.input(0);
  const int64_t rank = node.facts(x).rank;
  if (axis == -1 || (rank >= 0 && axis == rank - 1))
    return node.finish(node.op(), {x}, {{"axis", axis}});
  HY_ASSIGN_OR_RETURN(const uint32_t shape, node.emit("Shape", {x}));
  HY_ASSIGN_OR_RETURN(const uint32_t flat, node.emit("Flatten", {x}, {{"axis", axis}}));
  HY_ASSIGN_OR_RETURN(const uint32_t y, node.emit(node.op(), {flat}, {{"axis", int64_t{-1}}}));
  return node.finish("Reshape", {y, shape}, {});
}

/// Whether C may be broadcast was an attribute; now it always may.
Status old_gemm(Rewriter& node) {
  node.drop("broadcast");
  return node.finish();
}

namespace {

/// A value of each group for each of its channels: [groups] as [channels].
Result<uint32_t> spread_groups(Rewriter& node, uint32_t list, int64_t groups, uint32_t repeats) {
  HY_ASSIGN_OR_RETURN(const uint32_t column, node.emit("Reshape", {list, node.ints({groups, 1})}));
  HY_ASSIGN_OR_RETURN(const uint32_t wide, node.emit("Expand", {column, repeats}));
  return node.emit("Reshape", {wide, node.ints({-1})});
}

}  // namespace

/// Before opset 21: scale and bias of each group.
Status group_normalization_18(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const int64_t groups, node.take_int("num_groups", 0));
  if (groups < 1)
    return invalid_model("num_groups is " + std::to_string(groups) + "; it must be 1 or more");
  HY_ASSIGN_OR_RETURN(
      const uint32_t channels,
      node.emit("Shape", {node.input(0)}, {{"start", int64_t{1}}, {"end", int64_t{2}}}));
  HY_ASSIGN_OR_RETURN(const uint32_t each, node.emit("Div", {channels, node.ints({groups})}));
  HY_ASSIGN_OR_RETURN(const uint32_t repeats,
                      node.emit("Concat", {node.ints({1}), each}, {{"axis", int64_t{0}}}));
  HY_ASSIGN_OR_RETURN(const uint32_t scale, spread_groups(node, node.input(1), groups, repeats));
  HY_ASSIGN_OR_RETURN(const uint32_t bias, spread_groups(node, node.input(2), groups, repeats));
  Attributes attributes = node.rest();
  attributes.emplace_back("num_groups", groups);
  return node.finish("GroupNormalization", {node.input(0), scale, bias}, std::move(attributes));
}

/// Before opset 9: of each sample, its channels together or apart; the variance may stay.
Status mean_variance_normalization_1(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const int64_t across, node.take_int("across_channels", 0));
  HY_ASSIGN_OR_RETURN(const int64_t variance, node.take_int("normalize_variance", 1));
  const uint32_t x = node.input(0);
  const int64_t rank = node.facts(x).rank;
  if (rank < 2) return unsupported("the rank of its input is not known to be 2 or more");
  std::vector<int64_t> axes;
  for (int64_t axis = across != 0 ? 1 : 2; axis < rank; ++axis) axes.push_back(axis);
  if (variance != 0) return node.finish(node.op(), {x}, {{"axes", axes}});
  if (axes.empty()) return node.finish("Sub", {x, x}, {});
  HY_ASSIGN_OR_RETURN(const uint32_t mean, node.emit("ReduceMean", {x, node.ints(axes)}));
  return node.finish("Sub", {x, mean}, {});
}

/// Whether there is an output Y was an attribute; now its place says so.
Status old_recurrent(Rewriter& node) {
  node.drop("output_sequence");
  return node.finish();
}

/// p was a float.
Status old_lp_pool(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const double p, node.take_float("p", 2));
  if (!(p >= 1 && p <= 1e6) || p != std::floor(p))
    return unsupported("attribute \"p\" is " + std::to_string(p) +
                       "; whole numbers from 1 on are read");
  Attributes attributes = node.rest();
  attributes.emplace_back("p", static_cast<int64_t>(p));
  return node.finish(node.op(), node.inputs(), std::move(attributes));
}

/// Modes had the names of two dims.
Status old_grid_sample(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const std::string mode, node.take_string("mode", "bilinear"));
  Attributes attributes = node.rest();
  attributes.emplace_back("mode", std::string(mode == "bilinear"  ? "linear"
                                              : mode == "bicubic" ? "cubic"
                                                                  : mode));
  return node.finish(node.op(), node.inputs(), std::move(attributes));
}

/// There was no offset of half a pixel.
Status old_roi_align(Rewriter& node) {
  Attributes attributes = node.rest();
  attributes.emplace_back("coordinate_transformation_mode", std::string("output_half_pixel"));
  return node.finish(node.op(), node.inputs(), std::move(attributes));
}

}  // namespace halyard::onnx
