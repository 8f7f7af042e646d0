// LSTM. S. Hochreiter and J. Schmidhuber, Long short-term memory; peepholes of F. Gers and
// J. Schmidhuber.
#include <algorithm>

#include "providers/cpu/ops/recurrent_kernel.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

/// values += weights . state, where there are weights.
template <class T>
void add_peephole(T* values, const T* weights, const T* state, int64_t n) {
  if (weights == nullptr) return;
  vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { values[i] += weights[i] * state[i]; });
}

class Lstm {
 public:
  explicit Lstm(const Node& node) : input_forget_(node.attr_int("input_forget") != 0) {}
  static RecurrentForm form() {
    static constexpr std::string_view kFunctions[] = {"Sigmoid", "Tanh", "Tanh"};
    return {4, kFunctions};
  }
  static std::span<const int64_t> parts() {
    static constexpr int64_t kParts[] = {4};
    return kParts;
  }
  static bool has_cell() { return true; }
  static bool sums_bias(int64_t) { return true; }

  template <class T>
  void step(const RecurrentRun<T>& run, T* gates, int64_t step, int threads) const {
    const int64_t n = run.dims.hidden;
    run.r[0].accumulate(threads, run.h, run.dims.batch, gates, 4 * n);
    for (int64_t b = 0; b < run.dims.batch; ++b)
      if (run.is_active(b, step)) update(run, gates + b * 4 * n, run.h + b * n, run.c + b * n);
  }

 private:
  /// One row: the gates i, o, f and c, each n numbers.
  template <class T>
  void update(const RecurrentRun<T>& run, T* gates, T* h, T* cell) const {
    const int64_t n = run.dims.hidden;
    T *i = gates, *o = gates + n, *f = gates + 2 * n, *c = gates + 3 * n;
    const T* p = run.peepholes;
    const RecurrentActivation* act = run.activations;
    const bool together = p == nullptr && !input_forget_;  // the three gates lie side by side
    add_peephole(i, p, cell, n);
    run.bound(i, together ? 3 * n : n);
    act[0].apply(i, together ? 3 * n : n);
    if (input_forget_) {
      vector_loop(n, [=](int64_t j) HALYARD_CPU_INLINE { f[j] = T{1} - i[j]; });
    } else if (!together) {
      add_peephole(f, p + 2 * n, cell, n);
      run.bound(f, n);
      act[0].apply(f, n);
    }
    run.bound(c, n);
    act[1].apply(c, n);
    vector_loop(n, [=](int64_t j) HALYARD_CPU_INLINE {
      cell[j] = f[j] * cell[j] + i[j] * c[j];
      h[j] = cell[j];
    });
    if (run.cell_clip) {
      run.hold(cell, n, run.cell_clip);
      std::copy_n(cell, n, h);
    }
    if (!together) {
      add_peephole(o, p == nullptr ? p : p + n, cell, n);
      run.bound(o, n);
      act[0].apply(o, n);
    }
    act[2].apply(h, n);
    vector_loop(n, [=](int64_t j) HALYARD_CPU_INLINE { h[j] *= o[j]; });
  }

  const bool input_forget_;
};

constexpr KernelEntry kRows[] = {
    {"LSTM", RecurrentKernel<Lstm>::create, supports_op<Lstm>, operations_of<Lstm>}};

}  // namespace

std::span<const KernelEntry> lstm_kernels() { return kRows; }

}  // namespace halyard::cpu
