// RNN, GRU and LSTM with their default activations, time first.
#pragma once

#include "tests/fuzz/random/value.hpp"

namespace halyard::fuzz::reference {

enum class Cell { rnn, gru, lstm };
inline int64_t gates_of(Cell cell) { return cell == Cell::rnn ? 1 : cell == Cell::gru ? 3 : 4; }

struct Recurrent {
  Cell cell = Cell::rnn;
  int64_t hidden = 1;
  bool reversed = false;     // of one way; of two ways the second is
  bool reset_after = false;  // GRU: linear_before_reset
  const Array* x = nullptr;  // [steps, batch, width]
  const Array* w = nullptr;  // [ways, gates * hidden, width]
  const Array* r = nullptr;  // [ways, gates * hidden, hidden]
  // Null where they are absent.
  const Array* bias = nullptr;     // [ways, 2 * gates * hidden]
  const Array* lengths = nullptr;  // [batch]
  const Array* h0 = nullptr;       // [ways, batch, hidden]
  const Array* c0 = nullptr;
  const Array* peepholes = nullptr;  // [ways, 3 * hidden]
};

struct RecurrentOutputs {
  Array y;     // [steps, ways, batch, hidden]
  Array h, c;  // [ways, batch, hidden]
};

RecurrentOutputs recurrent(const Recurrent& r);

}  // namespace halyard::fuzz::reference
