// RNN, GRU and LSTM, over all their layouts and optional operands.
#include "tests/fuzz/random/reference/recurrent.hpp"

#include <algorithm>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

// Weights are small, so that what one step rounds dies out in the next ones.
constexpr double kWeight = 0.5;

void add_recurrent(Builder& b, const char* op, reference::Cell cell) {
  reference::Recurrent r;
  r.cell = cell;
  const int64_t gates = reference::gates_of(cell);
  const Type t = b.type_of(only(Type::f32) | only(Type::f64));
  const int64_t steps = b.pick(1, 5), batch = b.pick(1, 3), width = b.pick(1, 4);
  const int64_t way = b.pick(0, 2), ways = way == 2 ? 2 : 1, hidden = r.hidden = b.pick(1, 4);
  r.reversed = way == 1;
  const bool batch_first = b.chance(40);
  const int x = b.input(t, batch_first ? Dims{batch, steps, width} : Dims{steps, batch, width});
  const int w = b.parameter(t, {ways, gates * hidden, width}, -kWeight, kWeight);
  const int u = b.parameter(t, {ways, gates * hidden, hidden}, -kWeight, kWeight);
  std::vector<int> inputs = {x, w, u, kAbsent, kAbsent, kAbsent, kAbsent, kAbsent};
  const Dims state = batch_first ? Dims{batch, ways, hidden} : Dims{ways, batch, hidden};
  if (b.chance(70)) inputs[3] = b.parameter(t, {ways, 2 * gates * hidden}, -1, 1);
  if (b.chance(40)) {
    Array lengths{{batch}, {}};
    for (int64_t i = 0; i < batch; ++i)
      lengths.data.push_back(static_cast<double>(b.pick(1, steps)));
    inputs[4] = b.constant(Type::i32, std::move(lengths));
  }
  if (b.chance(50)) inputs[5] = b.parameter(t, state, -1, 1);
  if (cell == reference::Cell::lstm) {
    if (b.chance(50)) inputs[6] = b.parameter(t, state, -1, 1);
    if (b.chance(30)) inputs[7] = b.parameter(t, {ways, 3 * hidden}, -kWeight, kWeight);
  }
  while (inputs.back() == kAbsent) inputs.pop_back();
  static const char* const kWays[] = {"forward", "reverse", "bidirectional"};
  std::vector<Attribute> attributes = {
      {"hidden_size", hidden}, {"direction", kWays[way]}, {"layout", batch_first}};
  if (cell == reference::Cell::gru) {
    r.reset_after = b.chance(50);
    attributes.push_back({"linear_before_reset", r.reset_after});
  }
  const auto given = [&](size_t i) {
    return i < inputs.size() && inputs[i] != kAbsent ? &b.array(inputs[i]) : nullptr;
  };
  // The plain evaluation is time first; the layouts are its transposes.
  const auto turned = [&](const Array* a, bool turn) {
    return a && turn ? reference::transpose(*a, {1, 0, 2}) : a ? *a : Array{};
  };
  const Array xs = turned(given(0), batch_first), h0 = turned(given(5), batch_first),
              c0 = turned(given(6), batch_first);
  r.x = &xs;
  r.w = given(1);
  r.r = given(2);
  r.bias = given(3);
  r.lengths = given(4);
  r.h0 = given(5) ? &h0 : nullptr;
  r.c0 = given(6) ? &c0 : nullptr;
  r.peepholes = given(7);
  reference::RecurrentOutputs out = reference::recurrent(r);
  if (batch_first) {
    out.y = reference::transpose(out.y, {2, 0, 1, 3});
    out.h = reference::transpose(out.h, {1, 0, 2});
    out.c = reference::transpose(out.c, {1, 0, 2});
  }
  std::vector<Result> results = {{t, std::move(out.y)}, {t, std::move(out.h)}};
  if (cell == reference::Cell::lstm) results.push_back({t, std::move(out.c)});
  for (Result& result : results) result.work = 4 * b.top(x);
  for (size_t i = 0; i + 1 < results.size(); ++i) results[i].asked = b.chance(80);
  b.finish(op, inputs, attributes, std::move(results));
}

}  // namespace

std::vector<Operator> recurrent_operators() {
  using reference::Cell;
  return {{"RNN", [](Builder& b) { add_recurrent(b, "RNN", Cell::rnn); }},
          {"GRU", [](Builder& b) { add_recurrent(b, "GRU", Cell::gru); }},
          {"LSTM", [](Builder& b) { add_recurrent(b, "LSTM", Cell::lstm); }}};
}

}  // namespace halyard::fuzz
