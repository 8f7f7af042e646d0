// GRU. K. Cho et al., Learning phrase representations using RNN encoder-decoder; linear_before_reset is
// the form whose recurrent product needs no reset gate.
#include "providers/cpu/ops/recurrent_kernel.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

class Gru {
 public:
  explicit Gru(const Node& node) : linear_(node.attr_int("linear_before_reset") != 0) {}
  static RecurrentForm form() {
    static constexpr std::string_view kFunctions[] = {"Sigmoid", "Tanh"};
    return {3, kFunctions};
  }
  static std::span<const int64_t> parts() {
    static constexpr int64_t kParts[] = {2, 1};  // z and r, h
    return kParts;
  }
  static bool has_cell() { return false; }
  bool sums_bias(int64_t gate) const { return gate < 2 || !linear_; }

  /// Gates z, r and h, each n numbers a row.
  template <class T>
  void step(const RecurrentRun<T>& run, T* gates, int64_t step, int threads) const {
    const int64_t n = run.dims.hidden, batch = run.dims.batch;
    run.r[0].accumulate(threads, run.h, batch, gates, 3 * n);
    for (int64_t b = 0; b < batch; ++b) {
      run.bound(gates + b * 3 * n, 2 * n);
      run.activations[0].apply(gates + b * 3 * n, 2 * n);
    }
    if (linear_)
      add_linear(run, gates, threads);
    else
      add_reset(run, gates, threads);
    for (int64_t b = 0; b < batch; ++b)
      if (run.is_active(b, step)) update(run, gates + b * 3 * n, run.h + b * n);
  }

 private:
  /// h gate += r . (Rh h + its bias).
  template <class T>
  static void add_linear(const RecurrentRun<T>& run, T* gates, int threads) {
    const int64_t n = run.dims.hidden, batch = run.dims.batch;
    for (int64_t b = 0; b < batch; ++b)
      if (run.recurrent_bias != nullptr)
        std::copy_n(run.recurrent_bias + 2 * n, n, run.inner + b * n);
      else
        std::fill_n(run.inner + b * n, n, T{0});
    run.r[1].accumulate(threads, run.h, batch, run.inner, n);
    for (int64_t b = 0; b < batch; ++b) {
      const T *r = gates + b * 3 * n + n, *inner = run.inner + b * n;
      T* h = gates + b * 3 * n + 2 * n;
      vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { h[i] += r[i] * inner[i]; });
    }
  }
  /// h gate += Rh (r . h).
  template <class T>
  static void add_reset(const RecurrentRun<T>& run, T* gates, int threads) {
    const int64_t n = run.dims.hidden, batch = run.dims.batch;
    for (int64_t b = 0; b < batch; ++b) {
      const T *r = gates + b * 3 * n + n, *h = run.h + b * n;
      T* inner = run.inner + b * n;
      vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { inner[i] = r[i] * h[i]; });
    }
    run.r[1].accumulate(threads, run.inner, batch, gates + 2 * n, 3 * n);
  }
  template <class T>
  static void update(const RecurrentRun<T>& run, T* gates, T* h) {
    const int64_t n = run.dims.hidden;
    T *z = gates, *c = gates + 2 * n;
    run.bound(c, n);
    run.activations[1].apply(c, n);
    vector_loop(n,
                [=](int64_t i) HALYARD_CPU_INLINE { h[i] = (T{1} - z[i]) * c[i] + z[i] * h[i]; });
  }

  const bool linear_;
};

constexpr KernelEntry kRows[] = {
    {"GRU", RecurrentKernel<Gru>::create, supports_op<Gru>, operations_of<Gru>}};

}  // namespace

std::span<const KernelEntry> gru_kernels() { return kRows; }

}  // namespace halyard::cpu
