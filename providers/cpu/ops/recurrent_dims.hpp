// What the nodes of LSTM, GRU and RNN say: attributes, and the dims of their operands.
#pragma once

#include <optional>

#include "providers/cpu/kernel.hpp"
#include "providers/cpu/ops/recurrent_activation.hpp"

namespace halyard::cpu {

/// What an operator of the family is like.
struct RecurrentForm {
  int64_t gates;
  std::span<const std::string_view> functions;  // the default ones of one direction
};

/// The attributes that all three have. Constant after construction.
struct RecurrentAttributes {
  RecurrentAttributes(const Node& node, const RecurrentForm& form);

  int64_t directions = 1;
  bool first_reversed = false;  // the second of two always is
  bool batch_first = false;     // layout 1
  std::optional<int64_t> hidden_size;
  std::optional<double> clip;                    // of what gates' functions get
  std::optional<double> cell_clip;               // of an LSTM's new cell state
  std::vector<RecurrentActivation> activations;  // direction after direction
};

struct RecurrentDims {
  int64_t steps = 0, batch = 0, input = 0, hidden = 0, gates = 0, directions = 0;
};

/// The dims that the operands of a run have in common. Fails where two differ.
Result<RecurrentDims> recurrent_dims(const Context& context, const RecurrentAttributes& attributes,
                                     const RecurrentForm& form);

/// The lengths of the batch's sequences, or null where all have every step. Fails where one lies
/// outside the steps.
Result<const int64_t*> sequence_lengths(Context& context, const RecurrentDims& dims);

Verdict supports_recurrent(const Node& node, const RecurrentForm& form);
double recurrent_operations(const Node& node, const RecurrentForm& form);

}  // namespace halyard::cpu
