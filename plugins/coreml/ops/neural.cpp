// Convolutions, products, pooling, softmax, attention.
#include "ops/table.hpp"

namespace halyard::coreml {
namespace {

/// MIL has begin and end of each dim in turn; the operator set all begins, then all ends.
Ints split_pads(const Ints& pairs) {
  Ints out;
  for (size_t i = 0; i < pairs.size(); i += 2) out.push_back(pairs[i]);
  for (size_t i = 1; i < pairs.size(); i += 2) out.push_back(pairs[i]);
  return out;
}

/// auto_pad or pads.
void add_padding(Op& op, size_t spatial, Attributes* to) {
  const std::string type = op.word("pad_type", "valid");
  if (type == "same")
    to->emplace_back("auto_pad", std::string("SAME_UPPER"));
  else if (type == "same_lower")
    to->emplace_back("auto_pad", std::string("SAME_LOWER"));
  else if (type == "custom")
    to->emplace_back("pads", split_pads(op.ints_or("pad", Ints(2 * spatial, 0))));
  else if (type != "valid")
    op.refuse("pad_type \"" + type + "\"");
}

void conv(Op& op) {
  const auto spatial = static_cast<size_t>(std::max<int64_t>(op.rank("x") - 2, 0));
  Attributes a{{"group", op.integer("groups", 1)},
               {"strides", op.ints_or("strides", Ints(spatial, 1))},
               {"dilations", op.ints_or("dilations", Ints(spatial, 1))}};
  add_padding(op, spatial, &a);
  const uint32_t t = op.dtype("x");
  op.finish("Conv", {op.x("x"), op.as("weight", t), op.has("bias") ? op.as("bias", t) : HY_NONE},
            std::move(a));
}

/// output_shape beyond what strides and pads give is padding of the output.
void conv_transpose(Op& op) {
  const auto spatial = static_cast<size_t>(std::max<int64_t>(op.rank("x") - 2, 0));
  const Ints strides = op.ints_or("strides", Ints(spatial, 1));
  const Ints dilations = op.ints_or("dilations", Ints(spatial, 1));
  Attributes a{{"group", op.integer("groups", 1)}, {"strides", strides}, {"dilations", dilations}};
  add_padding(op, spatial, &a);
  if (const auto shape = op.ints("output_shape"); shape && !shape->empty()) {
    const Type x = op.type_of("x"), w = op.type_of("weight");
    const Ints pads = op.word("pad_type", "valid") == "custom"
                          ? op.ints_or("pad", Ints(2 * spatial, 0))
                          : Ints(2 * spatial, 0);
    Ints extra;
    for (size_t i = 0; i < spatial && x.is_static() && shape->size() == spatial + 2; ++i) {
      const int64_t k = w.dims[i + 2], in = x.dims[i + 2];
      extra.push_back((*shape)[i + 2] - ((in - 1) * strides[i] + (k - 1) * dilations[i] + 1 -
                                         pads[2 * i] - pads[2 * i + 1]));
    }
    bool fits = extra.size() == spatial;
    for (size_t i = 0; i < extra.size(); ++i)
      fits = fits && extra[i] >= 0 && extra[i] < std::max(strides[i], dilations[i]);
    if (op.word("pad_type", "valid") == "same") {
      a.emplace_back("output_shape", Ints(shape->begin() + 2, shape->end()));
    } else if (fits) {
      a.emplace_back("output_padding", extra);
    } else {
      a.emplace_back("output_shape",
                     Ints(shape->end() - static_cast<ptrdiff_t>(spatial), shape->end()));
    }
  }
  const uint32_t t = op.dtype("x");
  op.finish("ConvTranspose",
            {op.x("x"), op.as("weight", t), op.has("bias") ? op.as("bias", t) : HY_NONE},
            std::move(a));
}

Ints swapped_last(int64_t rank) {
  Ints perm;
  for (int64_t i = 0; i < rank; ++i) perm.push_back(i);
  if (rank >= 2)
    std::swap(perm[static_cast<size_t>(rank) - 1], perm[static_cast<size_t>(rank) - 2]);
  return perm;
}

void linear(Op& op) {
  const uint32_t t = op.dtype("x"), w = op.transpose(op.as("weight", t), {1, 0});
  const uint32_t y = op.emit("MatMul", {op.x("x"), w});
  op.give(0, op.has("bias") ? op.emit("Add", {y, op.as("bias", t)}) : y);
}

void matmul(Op& op) {
  // Of two types the result's is taken, where that is one of them.
  const uint32_t wanted = op.output_type(0).dtype;
  const bool mixed = op.dtype("x") != op.dtype("y");
  const auto side = [&](const char* name, const char* flag) {
    const uint32_t v = mixed ? op.as(name, wanted) : op.x(name);
    return op.flag(flag, false) ? op.transpose(v, swapped_last(op.rank(name))) : v;
  };
  op.finish("MatMul", {side("x", "transpose_x"), side("y", "transpose_y")});
}

void einsum(Op& op) {
  std::vector<uint32_t> values;
  for (size_t i = 0; i < op.count("values"); ++i) values.push_back(op.x("values", i));
  op.finish("Einsum", std::move(values), {{"equation", op.word("equation", "")}});
}

void pool(Op& op, const char* name, Attributes a) {
  const Ints kernel = op.ints_or("kernel_sizes", {});
  a.emplace_back("kernel_shape", kernel);
  a.emplace_back("strides", op.ints_or("strides", Ints(kernel.size(), 1)));
  a.emplace_back("ceil_mode", int64_t{op.flag("ceil_mode", false) ? 1 : 0});
  add_padding(op, kernel.size(), &a);
  op.finish(name, {op.x("x")}, std::move(a));
}
void avg_pool(Op& op) {
  const bool exclude = op.flag("exclude_padding_from_average", false);
  pool(op, "AveragePool", {{"count_include_pad", int64_t{exclude ? 0 : 1}}});
}
void max_pool(Op& op) { pool(op, "MaxPool", {}); }
void l2_pool(Op& op) { pool(op, "LpPool", {{"p", int64_t{2}}}); }

void softmax(Op& op) {
  op.finish("Softmax", {op.x("x")}, {{"axis", op.axis("axis", -1, op.rank("x"))}});
}

/// query, key and value [B, ..., L, E]: all dims between become heads.
void attention(Op& op) {
  const int64_t rank = op.rank("query");
  const auto heads = [&](const char* name) {
    const uint32_t v = op.x(name);
    if (rank == 4) return v;
    if (rank == 3) return op.unsqueeze(v, {1});
    // [B, a, b, L, E] -> [B, a * b, L, E]
    const Type t = op.type_of(name);
    const int64_t last = t.dims.back();
    if (rank != 5 || last == kUnknownDim || t.dims[3] == kUnknownDim)
      op.refuse("operands of rank " + std::to_string(rank) + " with open dims");
    return op.reshape(v, {0, -1, rank == 5 ? t.dims[3] : 0, last});
  };
  const uint32_t q = heads("query"), k = heads("key"), v = heads("value");
  uint32_t mask = HY_NONE;
  if (op.has("attn_mask")) {
    mask = op.x("attn_mask");
    const int64_t mask_rank = op.rank("attn_mask");
    if (rank == 3 && mask_rank == 3) mask = op.unsqueeze(mask, {1});
    if (rank == 5 && mask_rank > 2) op.refuse("a mask of rank " + std::to_string(mask_rank));
  }
  const uint32_t y = op.emit("Attention", {q, k, v, mask});
  if (rank == 4) return op.give(0, y);
  if (rank == 3) return op.finish("Squeeze", {y, op.list({1})});
  op.finish("Reshape", {y, op.list(op.output_type(0).dims)});
}

constexpr Rule kRules[] = {
    {"conv", conv},         {"conv_transpose", conv_transpose},
    {"linear", linear},     {"matmul", matmul},
    {"einsum", einsum},     {"avg_pool", avg_pool},
    {"max_pool", max_pool}, {"l2_pool", l2_pool},
    {"softmax", softmax},   {"scaled_dot_product_attention", attention},
};

}  // namespace

std::span<const Rule> neural_rules() { return kRules; }

}  // namespace halyard::coreml
