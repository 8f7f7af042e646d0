// The attention operators of com.microsoft as Attention, with their masks and caches written out.
// Source: ContribOperators.md of ONNX Runtime.
#include <string>

#include "normalise/table.hpp"

namespace halyard::onnx {

namespace {

Result<uint32_t> dims_between(Rewriter& node, uint32_t x, int64_t start, int64_t end) {
  return node.emit("Shape", {x}, {{"start", start}, {"end", end}});
}

Result<uint32_t> range_to(Rewriter& node, uint32_t list_of_one) {
  HY_ASSIGN_OR_RETURN(const uint32_t end, node.emit("Squeeze", {list_of_one}));
  return node.emit("Range", {node.scalar(HY_DTYPE_I64, 0), end, node.scalar(HY_DTYPE_I64, 1)});
}

/// What is added to the scores: 0 where the mask is not 0, else the filter value. mask: [B] or [2 * B] lengths,
/// [B, T], [B, S, T] or [B, 1, S, T]. total: [T], a list of one.
Result<uint32_t> mask_bias(Rewriter& node, uint32_t mask, double filter, uint32_t total) {
  const int64_t rank = node.facts(mask).rank;
  HY_ASSIGN_OR_RETURN(mask, node.emit("Cast", {mask}, {{"to", int64_t{HY_DTYPE_I64}}}));
  uint32_t keep = HY_NONE;
  if (rank == 1) {
    // [B] ends, or [2 * B]: ends, then starts.
    HY_ASSIGN_OR_RETURN(const uint32_t places, range_to(node, total));
    HY_ASSIGN_OR_RETURN(const uint32_t batch, dims_between(node, node.input(0), 0, 1));
    HY_ASSIGN_OR_RETURN(const uint32_t two,
                        node.emit("Concat", {node.ints({-1}), batch}, {{"axis", int64_t{0}}}));
    HY_ASSIGN_OR_RETURN(const uint32_t rows, node.emit("Reshape", {mask, two}));
    HY_ASSIGN_OR_RETURN(uint32_t ends, node.emit("Gather", {rows, node.scalar(HY_DTYPE_I64, 0)}));
    HY_ASSIGN_OR_RETURN(uint32_t starts,
                        node.emit("Slice", {rows, node.ints({1}), node.ints({2}), node.ints({0})}));
    HY_ASSIGN_OR_RETURN(
        starts, node.emit("ReduceSum", {starts, node.ints({0})}, {{"keepdims", int64_t{0}}}));
    HY_ASSIGN_OR_RETURN(ends, node.emit("Unsqueeze", {ends, node.ints({1, 2, 3})}));
    HY_ASSIGN_OR_RETURN(starts, node.emit("Unsqueeze", {starts, node.ints({1, 2, 3})}));
    HY_ASSIGN_OR_RETURN(const uint32_t before, node.emit("Less", {places, ends}));
    HY_ASSIGN_OR_RETURN(const uint32_t after, node.emit("GreaterOrEqual", {places, starts}));
    HY_ASSIGN_OR_RETURN(keep, node.emit("And", {before, after}));
  } else if (rank >= 2 && rank <= 4) {
    HY_ASSIGN_OR_RETURN(keep, node.emit("Cast", {mask}, {{"to", int64_t{HY_DTYPE_BOOL}}}));
    if (rank < 4) {
      HY_ASSIGN_OR_RETURN(
          keep, node.emit("Unsqueeze", {keep, node.ints(rank == 2 ? std::vector<int64_t>{1, 2}
                                                                  : std::vector<int64_t>{1})}));
    }
  } else {
    return unsupported("the rank of its mask is not known to be 1 to 4");
  }
  return node.emit("Where",
                   {keep, node.scalar(HY_DTYPE_F32, 0), node.scalar(HY_DTYPE_F32, filter)});
}

/// A mask and a bias, either of which may be absent.
Result<uint32_t> joined_bias(Rewriter& node, uint32_t mask, uint32_t bias) {
  if (bias == HY_NONE || mask == HY_NONE) return bias == HY_NONE ? mask : bias;
  HY_ASSIGN_OR_RETURN(bias, node.emit("Cast", {bias}, {{"to", int64_t{HY_DTYPE_F32}}}));
  return node.emit("Add", {mask, bias});
}

/// How many keys there are with those of the past: a list of one.
Result<uint32_t> total_length(Rewriter& node, uint32_t keys, int64_t axis, uint32_t past) {
  HY_ASSIGN_OR_RETURN(const uint32_t now, dims_between(node, keys, axis, axis + 1));
  if (past == HY_NONE) return now;
  HY_ASSIGN_OR_RETURN(const uint32_t before, dims_between(node, past, 2, 3));
  return node.emit("Add", {before, now});
}

Status refuse_flag(Rewriter& node, const char* attribute) {
  HY_ASSIGN_OR_RETURN(const int64_t value, node.take_int(attribute, 0));
  if (value == 0) return {};
  return unsupported(std::string("attribute \"") + attribute + "\" is " + std::to_string(value) +
                     "; only 0 is read");
}

Attributes head_attributes(int64_t heads, int64_t kv_heads, double scale, bool causal) {
  Attributes out{
      {"q_num_heads", heads}, {"kv_num_heads", kv_heads}, {"is_causal", int64_t{causal}}};
  if (scale > 0) out.emplace_back("scale", scale);
  return out;
}

Result<int64_t> head_count(Rewriter& node, const char* attribute) {
  HY_ASSIGN_OR_RETURN(const int64_t heads, node.take_int(attribute, 0));
  if (heads < 1 || heads > INT32_MAX)
    return invalid_model(std::string("attribute \"") + attribute + "\" is " +
                         std::to_string(heads) + "; it is at least 1");
  return heads;
}

}  // namespace

/// One product makes queries, keys and values; the cache is one tensor [2, B, N, P, D].
Status microsoft_attention(Rewriter& node) {
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const int64_t heads, head_count(node, "num_heads"));
  HY_ASSIGN_OR_RETURN(const int64_t causal, node.take_int("unidirectional", 0));
  HY_ASSIGN_OR_RETURN(const double filter, node.take_float("mask_filter_value", -10000));
  HY_ASSIGN_OR_RETURN(const double scale, node.take_float("scale", 0));
  HY_ASSIGN_OR_RETURN(const auto sizes, node.take_ints("qkv_hidden_sizes"));
  HY_RETURN_IF_ERROR(refuse_flag(node, "do_rotary"));
  HY_RETURN_IF_ERROR(refuse_flag(node, "past_present_share_buffer"));
  node.drop("rotary_embedding_dim");
  if (sizes && sizes->size() != 3)
    return invalid_model("attribute \"qkv_hidden_sizes\" has " + std::to_string(sizes->size()) +
                         " numbers; it has 3");
  HY_ASSIGN_OR_RETURN(uint32_t all, node.emit("MatMul", {node.input(0), node.input(1)}));
  if (node.has_input(2)) {
    HY_ASSIGN_OR_RETURN(all, node.emit("Add", {all, node.input(2)}));
  }
  std::vector<uint32_t> split_inputs{all};
  Attributes split{{"axis", int64_t{-1}}};
  if (sizes)
    split_inputs.push_back(node.ints(*sizes));
  else
    split.emplace_back("num_outputs", int64_t{3});
  HY_ASSIGN_OR_RETURN(const auto qkv, node.emit_many("Split", split_inputs, split, 3));

  uint32_t past_key = HY_NONE, past_value = HY_NONE;
  if (node.has_input(4)) {
    HY_ASSIGN_OR_RETURN(past_key,
                        node.emit("Gather", {node.input(4), node.scalar(HY_DTYPE_I64, 0)}));
    HY_ASSIGN_OR_RETURN(past_value,
                        node.emit("Gather", {node.input(4), node.scalar(HY_DTYPE_I64, 1)}));
  }
  uint32_t mask = HY_NONE;
  if (node.has_input(3)) {
    HY_ASSIGN_OR_RETURN(const uint32_t total, total_length(node, node.input(0), 1, past_key));
    HY_ASSIGN_OR_RETURN(mask, mask_bias(node, node.input(3), filter, total));
  }
  HY_ASSIGN_OR_RETURN(mask, joined_bias(node, mask, node.input(5)));
  const std::vector<uint32_t> inputs{qkv[0], qkv[1], qkv[2], mask, past_key, past_value};
  const Attributes attributes = head_attributes(heads, heads, scale, causal != 0);
  if (!node.output_used(1)) return node.finish("Attention", inputs, attributes, 1);
  HY_ASSIGN_OR_RETURN(const auto results, node.emit_many("Attention", inputs, attributes, 3));
  HY_ASSIGN_OR_RETURN(const uint32_t keys, node.emit("Unsqueeze", {results[1], node.ints({0})}));
  HY_ASSIGN_OR_RETURN(const uint32_t values, node.emit("Unsqueeze", {results[2], node.ints({0})}));
  HY_RETURN_IF_ERROR(node.finish_output(1, "Concat", {keys, values}, {{"axis", int64_t{0}}}));
  return node.finish("Identity", {results[0]}, {}, 1);
}

namespace {

/// Part `i` of [B, S, N, parts, D] as [B, S, N * D].
Result<uint32_t> unpacked(Rewriter& node, uint32_t packed, int64_t i) {
  HY_ASSIGN_OR_RETURN(
      const uint32_t part,
      node.emit("Gather", {packed, node.scalar(HY_DTYPE_I64, static_cast<double>(i))},
                {{"axis", int64_t{3}}}));
  return node.emit("Reshape", {part, node.ints({0, 0, -1})});
}

/// Heads from the last dim to one of their own: [B, N, S, D].
Result<uint32_t> by_head(Rewriter& node, uint32_t x, int64_t heads) {
  HY_ASSIGN_OR_RETURN(const uint32_t apart,
                      node.emit("Reshape", {x, node.ints({0, 0, heads, -1})}));
  return node.emit("Transpose", {apart}, {{"perm", std::vector<int64_t>{0, 2, 1, 3}}});
}

}  // namespace

Status multi_head_attention(Rewriter& node) {
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const int64_t heads, head_count(node, "num_heads"));
  HY_ASSIGN_OR_RETURN(const int64_t causal, node.take_int("unidirectional", 0));
  HY_ASSIGN_OR_RETURN(const double filter, node.take_float("mask_filter_value", -10000));
  HY_ASSIGN_OR_RETURN(const double scale, node.take_float("scale", 0));
  for (size_t i : {size_t{8}, size_t{9}})
    if (node.has_input(i))
      return unsupported("input " + std::to_string(i) +
                         " (a cache that is shared or indirect) is not read");
  if (node.output_used(3)) return unsupported("output 3 (the scores) is not read");
  uint32_t q = node.input(0), k = node.input(1), v = node.input(2);
  if (node.facts(q).rank == 5) {
    HY_ASSIGN_OR_RETURN(k, unpacked(node, q, 1));
    HY_ASSIGN_OR_RETURN(v, unpacked(node, q, 2));
    HY_ASSIGN_OR_RETURN(q, unpacked(node, q, 0));
  } else if (k != HY_NONE && node.facts(k).rank == 5) {
    HY_ASSIGN_OR_RETURN(v, unpacked(node, k, 1));
    HY_ASSIGN_OR_RETURN(k, unpacked(node, k, 0));
  }
  if (k == HY_NONE || v == HY_NONE) return invalid_model("its keys or values are absent");
  const bool cross = node.facts(k).rank == 4;
  if (node.has_input(3)) {
    // [Dq + Dk + Dv]; keys that come by head have no bias.
    HY_ASSIGN_OR_RETURN(const uint32_t width, dims_between(node, q, 2, 3));
    HY_ASSIGN_OR_RETURN(const uint32_t all, dims_between(node, node.input(3), 0, 1));
    HY_ASSIGN_OR_RETURN(const uint32_t two, node.emit("Add", {width, width}));
    HY_ASSIGN_OR_RETURN(const uint32_t rest, node.emit("Sub", {all, two}));
    HY_ASSIGN_OR_RETURN(const uint32_t sizes,
                        node.emit("Concat", {width, width, rest}, {{"axis", int64_t{0}}}));
    HY_ASSIGN_OR_RETURN(const auto bias, node.emit_many("Split", {node.input(3), sizes}, {}, 3));
    HY_ASSIGN_OR_RETURN(q, node.emit("Add", {q, bias[0]}));
    if (!cross) {
      HY_ASSIGN_OR_RETURN(k, node.emit("Add", {k, bias[1]}));
      HY_ASSIGN_OR_RETURN(v, node.emit("Add", {v, bias[2]}));
    }
  }
  uint32_t mask = HY_NONE;
  if (node.has_input(4)) {
    HY_ASSIGN_OR_RETURN(const uint32_t total, total_length(node, k, cross ? 2 : 1, node.input(6)));
    HY_ASSIGN_OR_RETURN(mask, mask_bias(node, node.input(4), filter, total));
  }
  HY_ASSIGN_OR_RETURN(mask, joined_bias(node, mask, node.input(5)));
  const Attributes attributes = head_attributes(heads, heads, scale, causal != 0);
  if (!cross)
    return node.finish("Attention", {q, k, v, mask, node.input(6), node.input(7)}, attributes, 3);
  HY_ASSIGN_OR_RETURN(q, by_head(node, q, heads));
  HY_ASSIGN_OR_RETURN(const auto y, node.emit_many("Attention", {q, k, v, mask}, attributes, 1));
  for (size_t i : {size_t{1}, size_t{2}})
    if (node.output_used(i))
      HY_RETURN_IF_ERROR(node.finish_output(i, "Identity", {i == 1 ? k : v}, {}));
  HY_ASSIGN_OR_RETURN(const uint32_t turned,
                      node.emit("Transpose", {y[0]}, {{"perm", std::vector<int64_t>{0, 2, 1, 3}}}));
  return node.finish("Reshape", {turned, node.ints({0, 0, -1})}, {}, 1);
}

/// Operands X, positions, cos, sin. Positions: [B, S], or [1], the first one.
Status microsoft_rotary_embedding(Rewriter& node) {
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const double scale, node.take_float("scale", 1));
  HY_RETURN_IF_ERROR(refuse_flag(node, "is_packed_batching"));
  if (scale != 1)
    return unsupported("attribute \"scale\" is " + std::to_string(scale) + "; only 1 is read");
  uint32_t positions = node.input(1);
  const uint32_t x = node.input(0);
  const int64_t rank = node.facts(x).rank;
  if (node.facts(positions).rank == 1) {
    if (rank != 3 && rank != 4)
      return unsupported("the rank of its input is not known to be 3 or 4");
    const int64_t at = rank == 4 ? 2 : 1;
    HY_ASSIGN_OR_RETURN(const uint32_t length, dims_between(node, x, at, at + 1));
    HY_ASSIGN_OR_RETURN(const uint32_t batch, dims_between(node, x, 0, 1));
    HY_ASSIGN_OR_RETURN(const uint32_t range, range_to(node, length));
    HY_ASSIGN_OR_RETURN(const uint32_t places, node.emit("Add", {range, positions}));
    HY_ASSIGN_OR_RETURN(const uint32_t dims,
                        node.emit("Concat", {batch, length}, {{"axis", int64_t{0}}}));
    HY_ASSIGN_OR_RETURN(positions, node.emit("Expand", {places, dims}));
  }
  HY_ASSIGN_OR_RETURN(const int64_t heads, node.take_int("num_heads", 0));
  HY_ASSIGN_OR_RETURN(const int64_t turned, node.take_int("rotary_embedding_dim", 0));
  HY_ASSIGN_OR_RETURN(const int64_t interleaved, node.take_int("interleaved", 0));
  Attributes attributes{{"rotary_embedding_dim", turned}, {"interleaved", interleaved}};
  if (rank == 4 || heads > 0) {
    attributes.emplace_back("num_heads", heads);
    return node.finish("RotaryEmbedding", {x, node.input(2), node.input(3), positions}, attributes,
                       1);
  }
  // The tables are as wide as half a head.
  HY_ASSIGN_OR_RETURN(const uint32_t half, dims_between(node, node.input(2), 1, 2));
  HY_ASSIGN_OR_RETURN(const uint32_t size, node.emit("Add", {half, half}));
  HY_ASSIGN_OR_RETURN(const uint32_t apart,
                      node.emit("Concat", {node.ints({0, 0, -1}), size}, {{"axis", int64_t{0}}}));
  HY_ASSIGN_OR_RETURN(uint32_t y, node.emit("Reshape", {x, apart}));
  const Attributes swap{{"perm", std::vector<int64_t>{0, 2, 1, 3}}};
  HY_ASSIGN_OR_RETURN(y, node.emit("Transpose", {y}, swap));
  HY_ASSIGN_OR_RETURN(
      y, node.emit("RotaryEmbedding", {y, node.input(2), node.input(3), positions}, attributes));
  HY_ASSIGN_OR_RETURN(y, node.emit("Transpose", {y}, swap));
  return node.finish("Reshape", {y, node.ints({0, 0, -1})}, {}, 1);
}

/// New keys and values are written behind those that the cache of each sequence holds (seqlens_k + 1 with
/// the new ones); queries see keys up to their own place, or a window of them.
Status group_query_attention(Rewriter& node) {
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const int64_t heads, head_count(node, "num_heads"));
  HY_ASSIGN_OR_RETURN(const int64_t kv_heads, head_count(node, "kv_num_heads"));
  HY_ASSIGN_OR_RETURN(const double scale, node.take_float("scale", 0));
  HY_ASSIGN_OR_RETURN(const double softcap, node.take_float("softcap", 0));
  HY_ASSIGN_OR_RETURN(const int64_t window, node.take_int("local_window_size", -1));
  HY_ASSIGN_OR_RETURN(const int64_t rotary, node.take_int("do_rotary", 0));
  HY_ASSIGN_OR_RETURN(const int64_t interleaved, node.take_int("rotary_interleaved", 0));
  HY_RETURN_IF_ERROR(refuse_flag(node, "smooth_softmax"));
  HY_RETURN_IF_ERROR(refuse_flag(node, "qk_output"));
  for (size_t i = 11; i < node.input_count(); ++i)
    if (node.has_input(i))
      return unsupported("input " + std::to_string(i) +
                         " (head_sink or scales of the cache) is not read");
  if (node.output_used(3)) return unsupported("output 3 (the scores) is not read");
  for (size_t i : {size_t{0}, size_t{5}, size_t{6}})
    if (!node.has_input(i)) return invalid_model("input " + std::to_string(i) + " is absent");

  uint32_t q = node.input(0), k = node.input(1), v = node.input(2);
  HY_ASSIGN_OR_RETURN(const uint32_t length, dims_between(node, q, 1, 2));
  if (k == HY_NONE) {
    HY_ASSIGN_OR_RETURN(const uint32_t width, dims_between(node, q, 2, 3));
    HY_ASSIGN_OR_RETURN(const uint32_t size,
                        node.emit("Div", {width, node.ints({heads + 2 * kv_heads})}));
    HY_ASSIGN_OR_RETURN(const uint32_t sizes,
                        node.emit("Mul", {size, node.ints({heads, kv_heads, kv_heads})}));
    HY_ASSIGN_OR_RETURN(const auto parts,
                        node.emit_many("Split", {q, sizes}, {{"axis", int64_t{2}}}, 3));
    q = parts[0];
    k = parts[1];
    v = parts[2];
  }
  HY_ASSIGN_OR_RETURN(q, by_head(node, q, heads));
  HY_ASSIGN_OR_RETURN(k, by_head(node, k, kv_heads));
  HY_ASSIGN_OR_RETURN(v, by_head(node, v, kv_heads));

  // Where each sequence goes on: its length less the new ones; a padded prompt begins at 0.
  HY_ASSIGN_OR_RETURN(uint32_t lengths,
                      node.emit("Cast", {node.input(5)}, {{"to", int64_t{HY_DTYPE_I64}}}));
  HY_ASSIGN_OR_RETURN(lengths, node.emit("Reshape", {lengths, node.ints({-1})}));
  HY_ASSIGN_OR_RETURN(lengths, node.emit("Add", {lengths, node.ints({1})}));
  HY_ASSIGN_OR_RETURN(uint32_t start, node.emit("Sub", {lengths, length}));
  HY_ASSIGN_OR_RETURN(start, node.emit("Max", {start, node.ints({0})}));
  HY_ASSIGN_OR_RETURN(const uint32_t range, range_to(node, length));
  HY_ASSIGN_OR_RETURN(const uint32_t column, node.emit("Unsqueeze", {start, node.ints({1})}));
  HY_ASSIGN_OR_RETURN(const uint32_t places, node.emit("Add", {column, range}));  // [B, S]
  if (rotary != 0) {
    if (!node.has_input(7) || !node.has_input(8))
      return invalid_model("do_rotary is 1, and cos_cache or sin_cache is absent");
    const uint32_t positions = node.has_input(9) ? node.input(9) : places;
    const Attributes turn{{"interleaved", interleaved}};
    HY_ASSIGN_OR_RETURN(
        q, node.emit("RotaryEmbedding", {q, node.input(7), node.input(8), positions}, turn));
    HY_ASSIGN_OR_RETURN(
        k, node.emit("RotaryEmbedding", {k, node.input(7), node.input(8), positions}, turn));
  }

  uint32_t keys = k, values = v;
  if (node.has_input(3)) {
    // The cache has room for what is there and what comes, or gets it.
    HY_ASSIGN_OR_RETURN(const uint32_t room, dims_between(node, node.input(3), 2, 3));
    HY_ASSIGN_OR_RETURN(uint32_t total,
                        node.emit("Cast", {node.input(6)}, {{"to", int64_t{HY_DTYPE_I64}}}));
    HY_ASSIGN_OR_RETURN(total, node.emit("Reshape", {total, node.ints({1})}));
    HY_ASSIGN_OR_RETURN(const uint32_t wanted, node.emit("Max", {total, room}));
    HY_ASSIGN_OR_RETURN(const uint32_t more, node.emit("Sub", {wanted, room}));
    HY_ASSIGN_OR_RETURN(const uint32_t pads,
                        node.emit("Concat", {node.ints({0}), more}, {{"axis", int64_t{0}}}));
    for (const auto& [cache, fresh] :
         {std::pair(size_t{3}, &keys), std::pair(size_t{4}, &values)}) {
      HY_ASSIGN_OR_RETURN(const uint32_t grown,
                          node.emit("Pad", {node.input(cache), pads, HY_NONE, node.ints({2})}));
      HY_ASSIGN_OR_RETURN(
          *fresh, node.emit("TensorScatter", {grown, *fresh, start}, {{"axis", int64_t{2}}}));
    }
  }

  // [B, 1, S, T]
  HY_ASSIGN_OR_RETURN(const uint32_t total, dims_between(node, keys, 2, 3));
  HY_ASSIGN_OR_RETURN(const uint32_t key_places, range_to(node, total));
  HY_ASSIGN_OR_RETURN(const uint32_t rows, node.emit("Unsqueeze", {places, node.ints({1, 3})}));
  HY_ASSIGN_OR_RETURN(uint32_t keep, node.emit("LessOrEqual", {key_places, rows}));
  HY_ASSIGN_OR_RETURN(const uint32_t ends, node.emit("Unsqueeze", {lengths, node.ints({1, 2, 3})}));
  HY_ASSIGN_OR_RETURN(const uint32_t within, node.emit("Less", {key_places, ends}));
  HY_ASSIGN_OR_RETURN(keep, node.emit("And", {keep, within}));
  if (window > 0) {
    HY_ASSIGN_OR_RETURN(const uint32_t first, node.emit("Sub", {rows, node.ints({window})}));
    HY_ASSIGN_OR_RETURN(const uint32_t near, node.emit("Greater", {key_places, first}));
    HY_ASSIGN_OR_RETURN(keep, node.emit("And", {keep, near}));
  }
  uint32_t mask = keep;
  if (node.has_input(10)) {
    HY_ASSIGN_OR_RETURN(mask,
                        node.emit("Where", {keep, node.scalar(HY_DTYPE_F32, 0),
                                            node.scalar(HY_DTYPE_F32, -3.4028234663852886e38)}));
    HY_ASSIGN_OR_RETURN(mask, joined_bias(node, mask, node.input(10)));
  }
  if (node.output_used(1)) HY_RETURN_IF_ERROR(node.finish_output(1, "Identity", {keys}, {}));
  if (node.output_used(2)) HY_RETURN_IF_ERROR(node.finish_output(2, "Identity", {values}, {}));
  Attributes attributes = head_attributes(heads, kv_heads, scale, false);
  if (softcap > 0) attributes.emplace_back("softcap", softcap);
  HY_ASSIGN_OR_RETURN(const uint32_t y,
                      node.emit("Attention", {q, keys, values, mask}, attributes));
  HY_ASSIGN_OR_RETURN(const uint32_t turned,
                      node.emit("Transpose", {y}, {{"perm", std::vector<int64_t>{0, 2, 1, 3}}}));
  return node.finish("Reshape", {turned, node.ints({0, 0, -1})}, {}, 1);
}

}  // namespace halyard::onnx
