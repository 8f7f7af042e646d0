// Normalisations.
#include "ops/table.hpp"

namespace halyard::coreml {
namespace {

/// A scale or a shift for each channel; where the program gives none, the same for all.
uint32_t per_channel(Op& op, const char* name, double otherwise) {
  if (op.has(name)) return op.as(name, op.dtype("x"));
  const Type x = op.type_of("x");
  const int64_t channels = x.dims.size() > 1 ? x.dims[1] : kUnknownDim;
  if (channels == kUnknownDim) {
    op.refuse(std::string(name) + " is absent, and the channels are not known");
    return HY_NONE;
  }
  return op.floats(x.dtype, std::vector<double>(static_cast<size_t>(channels), otherwise),
                   {channels});
}

void batch_norm(Op& op) {
  op.finish("BatchNormalization",
            {op.x("x"), per_channel(op, "gamma", 1), per_channel(op, "beta", 0),
             op.as("mean", op.dtype("x")), op.as("variance", op.dtype("x"))},
            {{"epsilon", op.number("epsilon", 1e-5)}});
}

void instance_norm(Op& op) {
  op.finish("InstanceNormalization",
            {op.x("x"), per_channel(op, "gamma", 1), per_channel(op, "beta", 0)},
            {{"epsilon", op.number("epsilon", 1e-5)}});
}

/// Over any axes: step by step in f32.
void layer_norm_by_parts(Op& op, const Ints& axes) {
  const uint32_t x = op.cast(op.x("x"), HY_DTYPE_F32), over = op.list(axes);
  const uint32_t mean = op.emit("ReduceMean", {x, over});
  const uint32_t d = op.emit("Sub", {x, mean});
  const uint32_t variance = op.emit("ReduceMean", {op.emit("Mul", {d, d}), over});
  const uint32_t epsilon = op.scalar(HY_DTYPE_F32, op.number("epsilon", 1e-5));
  uint32_t y = op.emit("Div", {d, op.emit("Sqrt", {op.emit("Add", {variance, epsilon})})});
  // gamma and beta have the dims of the axes alone.
  const auto spread = [&](const char* name) {
    Ints dims(static_cast<size_t>(op.rank("x")), 1);
    const Type t = op.type_of(name);
    for (size_t i = 0; i < axes.size() && i < t.dims.size(); ++i)
      dims[static_cast<size_t>(axes[i])] = t.dims[i];
    return op.reshape(op.cast(op.x(name), HY_DTYPE_F32), dims);
  };
  if (op.has("gamma")) y = op.emit("Mul", {y, spread("gamma")});
  if (op.has("beta")) y = op.emit("Add", {y, spread("beta")});
  op.give(0, op.cast(y, op.dtype("x")));
}

void layer_norm(Op& op) {
  const Type x = op.type_of("x");
  Ints axes = op.ints_or("axes", {});
  if (axes.empty())
    for (int64_t i = 0; i < x.rank(); ++i) axes.push_back(i);
  for (int64_t& a : axes) a = a < 0 ? a + x.rank() : a;
  bool trailing = true, known = true;
  Ints dims;
  for (size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] < 0 || axes[i] >= x.rank())
      return op.fail(invalid_model("axes of rank " + std::to_string(x.rank())));
    trailing = trailing && axes[i] == x.rank() - static_cast<int64_t>(axes.size() - i);
    dims.push_back(x.dims[static_cast<size_t>(axes[i])]);
    known = known && dims.back() != kUnknownDim;
  }
  if (!trailing || (!known && !op.has("gamma")) ||
      (op.has("gamma") && op.dtype("gamma") != x.dtype))
    return layer_norm_by_parts(op, axes);
  int64_t count = 1;
  for (const int64_t d : dims) count *= d;
  const uint32_t gamma =
      op.has("gamma")
          ? op.x("gamma")
          : op.floats(x.dtype, std::vector<double>(static_cast<size_t>(count), 1), dims);
  op.finish("LayerNormalization", {op.x("x"), gamma, op.maybe("beta")},
            {{"axis", axes.front()}, {"epsilon", op.number("epsilon", 1e-5)}});
}

/// Over the last three dims together.
void l2_norm(Op& op) {
  Ints axes;
  for (int64_t a = std::max<int64_t>(op.rank("x") - 3, 0); a < op.rank("x"); ++a) axes.push_back(a);
  const uint32_t x = op.cast(op.x("x"), HY_DTYPE_F32);
  const uint32_t sum = op.emit("ReduceSumSquare", {x, op.list(axes)});
  const uint32_t epsilon = op.scalar(HY_DTYPE_F32, op.number("epsilon", 1e-6));
  const uint32_t y = op.emit("Div", {x, op.emit("Sqrt", {op.emit("Add", {sum, epsilon})})});
  op.give(0, op.cast(y, op.dtype("x")));
}

void local_response_norm(Op& op) {
  op.finish("LRN", {op.x("x")},
            {{"size", op.integer("size", 1)},
             {"alpha", op.number("alpha", 1e-4)},
             {"beta", op.number("beta", 0.75)},
             {"bias", op.number("k", 1)}});
}

constexpr Rule kRules[] = {
    {"batch_norm", batch_norm},
    {"instance_norm", instance_norm},
    {"layer_norm", layer_norm},
    {"l2_norm", l2_norm},
    {"local_response_norm", local_response_norm},
};

}  // namespace

std::span<const Rule> normalisation_rules() { return kRules; }

}  // namespace halyard::coreml
