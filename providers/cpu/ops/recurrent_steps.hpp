// The steps of one direction of a recurrent network. What happens in a step is the operator's.
#pragma once

#include <algorithm>
#include <cstring>

#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/dnnl/sgemm.hpp"
#include "providers/cpu/matrix_product.hpp"
#include "providers/cpu/ops/recurrent_dims.hpp"
#include "providers/cpu/packed_matrix.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

/// Steps whose gates take about this many bytes are projected at once.
inline constexpr int64_t kProjectionBytes = 16 << 20;
inline int64_t projected_steps(const RecurrentDims& d, size_t element) {
  const int64_t step = d.batch * d.gates * d.hidden * static_cast<int64_t>(element);
  return std::clamp<int64_t>(kProjectionBytes / std::max<int64_t>(step, 1), 1,
                             std::max<int64_t>(d.steps, 1));
}

/// One direction's operands and memory, during a run. Rows of states and gates are the batch's.
template <class T>
struct RecurrentRun {
  RecurrentDims dims;
  bool reversed = false;
  const int64_t* lengths = nullptr;    // null: every step
  const T* x = nullptr;                // [steps, batch, input]
  const T* w = nullptr;                // [gates hidden, input]
  const T* bias = nullptr;             // [gates hidden], of the projected input; null: none
  const T* recurrent_bias = nullptr;   // [gates hidden]; null: none
  const T* peepholes = nullptr;        // [3 hidden]; null: none
  const PackedMatrix<T>* r = nullptr;  // as the operator packs it
  const RecurrentActivation* activations = nullptr;
  std::optional<T> clip, cell_clip;
  T* gates = nullptr;  // [projected steps, batch, gates hidden]
  T* h = nullptr;      // [batch, hidden]: before the first step, in the end after the last
  T* c = nullptr;      // the same, of an operator that has a cell
  T* inner = nullptr;  // [batch, gates hidden]: of the operator's
  T* y = nullptr;      // null: nobody wants it
  int64_t y_step = 0, y_row = 0;

  bool is_active(int64_t row, int64_t step) const {
    return lengths == nullptr || step < lengths[row];
  }
  void bound(T* values, int64_t n) const { hold(values, n, clip); }
  static void hold(T* values, int64_t n, std::optional<T> within) {
    if (!within) return;
    const T limit = *within;
    vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE {
      T v = values[i] < -limit ? -limit : values[i];
      values[i] = v > limit ? limit : v;
    });
  }
};

/// gates = x w^T + bias of the steps from `first` on.
template <class T>
Status project_input(const RecurrentRun<T>& run, int64_t first, int64_t steps, int threads) {
  const RecurrentDims& d = run.dims;
  const int64_t rows = steps * d.batch, n = d.gates * d.hidden;
  const T* x = run.x + first * d.batch * d.input;
  if constexpr (std::is_same_v<T, float>) {
    if (run.bias != nullptr)
      for (int64_t i = 0; i < rows; ++i)
        std::memcpy(run.gates + i * n, run.bias, static_cast<size_t>(n) * sizeof(T));
    const dnn::Sgemm call{false, true, rows, n, d.input, 1.0f, run.bias != nullptr ? 1.0f : 0.0f};
    return dnn::sgemm(call, x, run.w, run.gates);
  } else {
    HY_RETURN_IF_ERROR(multiply_reference(threads, HY_DTYPE_F64, {rows, n, d.input, false, true},
                                          Dims{0}, x, Dims{0}, run.w, run.gates));
    if (run.bias != nullptr)
      for (int64_t i = 0; i < rows * n; ++i) run.gates[i] += run.bias[i % n];
    return {};
  }
}

/// Writes what the step left in h as its output: zeros of sequences that have ended.
template <class T>
void write_step(const RecurrentRun<T>& run, int64_t step) {
  const size_t bytes = static_cast<size_t>(run.dims.hidden) * sizeof(T);
  for (int64_t b = 0; b < run.dims.batch; ++b) {
    T* to = run.y + step * run.y_step + b * run.y_row;
    if (run.is_active(b, step))
      std::memcpy(to, run.h + b * run.dims.hidden, bytes);
    else
      std::memset(to, 0, bytes);
  }
}

/// Calls cell.step(run, gates of the step, step, threads), which updates the states of the rows that are
/// active, for each step in the direction's order.
template <class T, class Cell>
Status run_steps(const RecurrentRun<T>& run, const Cell& cell, int threads) {
  const RecurrentDims& d = run.dims;
  const int64_t at_once = projected_steps(d, sizeof(T)), step_size = d.batch * d.gates * d.hidden;
  for (int64_t done = 0; done < d.steps; done += at_once) {
    const int64_t count = std::min(at_once, d.steps - done);
    const int64_t first = run.reversed ? d.steps - done - count : done;
    HY_RETURN_IF_ERROR(project_input(run, first, count, threads));
    for (int64_t i = 0; i < count; ++i) {
      const int64_t at = run.reversed ? count - 1 - i : i;
      cell.step(run, run.gates + at * step_size, first + at, threads);
      if (run.y != nullptr) write_step(run, first + at);
    }
  }
  // A sequence without a step has no last state.
  for (int64_t b = 0; run.lengths != nullptr && b < d.batch; ++b) {
    if (run.lengths[b] != 0) continue;
    std::fill_n(run.h + b * d.hidden, d.hidden, T{0});
    if (run.c != nullptr) std::fill_n(run.c + b * d.hidden, d.hidden, T{0});
  }
  return {};
}

}  // namespace halyard::cpu
