// Recurrent layers. The operator set orders gates otherwise and wants directions as a dim.
#include <algorithm>

#include "ops/table.hpp"

namespace halyard::coreml {
namespace {

/// Rows in blocks of `hidden`, put into another order, in f32: what is kept from step to step must not be rounded to half
/// precision each time. order: for each block of the result the one that it was.
uint32_t reordered(Op& op, const Tensor& t, const std::vector<int>& order, const Ints& dims) {
  const auto blocks = static_cast<int64_t>(order.size());
  const int64_t block = t.count() / blocks;
  std::vector<double> out;
  for (const int from : order)
    for (int64_t i = 0; i < block; ++i) out.push_back(t.number(from * block + i));
  return op.floats(HY_DTYPE_F32, out, dims);
}

std::string activation_name(Op& op, const std::string& word) {
  if (word == "tanh") return "Tanh";
  if (word == "relu") return "Relu";
  if (word == "sigmoid") return "Sigmoid";
  if (word == "sigmoid_hard") return "HardSigmoid";
  if (word == "linear") return "Affine";
  op.refuse("activation \"" + word + "\"");
  return "Tanh";
}

/// What the three layers share.
class Layer {
 public:
  Layer(Op& op, std::vector<int> order) : op_(op), order_(std::move(order)) {
    direction_ = op.word("direction", "forward");
    directions_ = direction_ == "bidirectional" ? 2 : 1;
    const Type w = op.type_of("weight_hh");
    hidden_ = w.dims.size() == 2 ? w.dims[1] : 0;
    if (hidden_ <= 0) op.refuse("weights of rank " + std::to_string(w.rank()));
  }

  /// [D, gates * hidden, columns]
  uint32_t weights(const char* name) {
    std::vector<uint32_t> parts;
    for (int d = 0; d < directions_; ++d) {
      const auto t = op_.constant(std::string(name) + (d == 0 ? "" : "_back"));
      if (!t || t->dims.size() != 2) {
        op_.refuse(std::string(name) + " that is no constant matrix");
        return HY_NONE;
      }
      parts.push_back(reordered(op_, *t, order_, {1, t->dims[0], t->dims[1]}));
    }
    return joined(parts, 0);
  }
  /// [D, 2 * gates * hidden]: of the input, then of the recursion, which has none of its own unless `recursion` names it.
  uint32_t biases(const char* input, const char* recursion) {
    if (!op_.has("bias")) return HY_NONE;
    const auto gates = static_cast<int64_t>(order_.size());
    std::vector<uint32_t> parts;
    for (int d = 0; d < directions_; ++d) {
      const std::string back = d == 0 ? "" : "_back";
      const uint32_t zeros =
          op_.floats(HY_DTYPE_F32, std::vector<double>(static_cast<size_t>(gates * hidden_), 0),
                     {1, gates * hidden_});
      const auto one = [&](const char* name) {
        if (name == nullptr) return zeros;
        const auto t = op_.constant(name + back);
        return t ? reordered(op_, *t, order_, {1, gates * hidden_}) : zeros;
      };
      parts.push_back(op_.emit("Concat", {one(input), one(recursion)}, {{"axis", int64_t{1}}}));
    }
    return joined(parts, 0);
  }
  /// [b, D * hidden] to [D, b, hidden]
  uint32_t initial(const char* name) {
    const uint32_t v = op_.cast(op_.x(name), HY_DTYPE_F32);
    if (directions_ == 1) return op_.unsqueeze(v, {0});
    return op_.transpose(op_.reshape(v, {0, 2, hidden_}), {1, 0, 2});
  }
  /// and back
  uint32_t final(uint32_t v) {
    v = op_.cast(v, op_.dtype("x"));
    if (directions_ == 1) return op_.emit("Squeeze", {v, op_.list({0})});
    return op_.reshape(op_.transpose(v, {1, 0, 2}), {0, 2 * hidden_});
  }
  /// y: [s, D, b, hidden]. The whole sequence, or its last state alone, which is h.
  void give(uint32_t y, uint32_t h) {
    const uint32_t last = final(h);
    if (op_.flag("output_sequence", false)) {
      uint32_t turned = op_.transpose(op_.cast(y, op_.dtype("x")), {0, 2, 1, 3});
      // Backwards alone the results stand in the order in which they were made.
      if (direction_ == "reverse")
        turned = op_.emit("Slice", {turned, op_.list({-1}), op_.list({INT64_MIN}), op_.list({0}),
                                    op_.list({-1})});
      op_.give(0, op_.reshape(turned, {0, 0, directions_ * hidden_}));
    } else {
      op_.give(0, op_.unsqueeze(last, {0}));
    }
    op_.give(1, last);
  }
  Attributes attributes(const std::vector<std::string>& activations) {
    std::vector<std::string> all;
    std::vector<double> alpha, beta;
    for (int d = 0; d < directions_; ++d)
      for (const std::string& a : activations) {
        all.push_back(a);
        alpha.push_back(a == "HardSigmoid" ? 0.2 : a == "Affine" ? 1 : 0);
        beta.push_back(a == "HardSigmoid" ? 0.5 : 0);
      }
    Attributes out{{"hidden_size", hidden_}, {"direction", direction_}, {"activations", all}};
    if (std::any_of(all.begin(), all.end(),
                    [](const auto& a) { return a == "HardSigmoid" || a == "Affine"; })) {
      out.emplace_back("activation_alpha", alpha);
      out.emplace_back("activation_beta", beta);
    }
    return out;
  }
  uint32_t joined(std::vector<uint32_t> parts, int64_t axis) {
    return parts.size() == 1 ? parts[0] : op_.emit("Concat", std::move(parts), {{"axis", axis}});
  }
  int directions() const { return directions_; }
  int64_t hidden() const { return hidden_; }

 private:
  Op& op_;
  const std::vector<int> order_;
  std::string direction_;
  int directions_ = 1;
  int64_t hidden_ = 0;
};

/// Gates i, f, o, z become i, o, f, z.
void lstm(Op& op) {
  Layer layer(op, {0, 2, 1, 3});
  if (!op.ok()) return;
  uint32_t peephole = HY_NONE;
  if (op.has("peephole")) {
    // i, f, o become i, o, f
    std::vector<uint32_t> parts;
    for (int d = 0; d < layer.directions(); ++d)
      if (const auto t = op.constant(d == 0 ? "peephole" : "peephole_back"))
        parts.push_back(reordered(op, *t, {0, 2, 1}, {1, 3 * layer.hidden()}));
    if (!parts.empty()) peephole = layer.joined(parts, 0);
  }
  Attributes a = layer.attributes({activation_name(op, op.word("recurrent_activation", "sigmoid")),
                                   activation_name(op, op.word("cell_activation", "tanh")),
                                   activation_name(op, op.word("activation", "tanh"))});
  if (op.has("clip")) a.emplace_back("cell_clip", op.number("clip", 0));
  const auto out = op.emit_many("LSTM",
                                {op.cast(op.x("x"), HY_DTYPE_F32), layer.weights("weight_ih"),
                                 layer.weights("weight_hh"), layer.biases("bias", nullptr), HY_NONE,
                                 layer.initial("initial_h"), layer.initial("initial_c"), peephole},
                                std::move(a), 3);
  layer.give(out[0], out[1]);
  op.give(2, layer.final(out[2]));
}

/// Gates r, o, z become z, r, o.
void gru(Op& op) {
  Layer layer(op, {2, 0, 1});
  if (!op.ok()) return;
  const bool after = op.flag("reset_after", false);
  Attributes a = layer.attributes({activation_name(op, op.word("recurrent_activation", "sigmoid")),
                                   activation_name(op, op.word("activation", "tanh"))});
  a.emplace_back("linear_before_reset", int64_t{after ? 1 : 0});
  const uint32_t bias =
      op.has("input_bias") ? layer.biases("input_bias", "bias") : layer.biases("bias", nullptr);
  const auto out =
      op.emit_many("GRU",
                   {op.cast(op.x("x"), HY_DTYPE_F32), layer.weights("weight_ih"),
                    layer.weights("weight_hh"), bias, HY_NONE, layer.initial("initial_h")},
                   std::move(a), 2);
  layer.give(out[0], out[1]);
}

void rnn(Op& op) {
  Layer layer(op, {0});
  if (!op.ok()) return;
  const auto out = op.emit_many(
      "RNN",
      {op.cast(op.x("x"), HY_DTYPE_F32), layer.weights("weight_ih"), layer.weights("weight_hh"),
       layer.biases("bias", nullptr), HY_NONE, layer.initial("initial_h")},
      layer.attributes({activation_name(op, op.word("activation", "tanh"))}), 2);
  layer.give(out[0], out[1]);
}

constexpr Rule kRules[] = {
    {"lstm", lstm, "weights must be constant"},
    {"gru", gru, "weights must be constant"},
    {"rnn", rnn, "weights must be constant"},
};

}  // namespace

std::span<const Rule> recurrent_rules() { return kRules; }

}  // namespace halyard::coreml
