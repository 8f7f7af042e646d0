// RNN: a layer with one recurrent product. J. Elman, Finding structure in time.
#include "providers/cpu/ops/recurrent_kernel.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

class Rnn {
 public:
  explicit Rnn(const Node&) {}
  static RecurrentForm form() {
    static constexpr std::string_view kFunctions[] = {"Tanh"};
    return {1, kFunctions};
  }
  static std::span<const int64_t> parts() {
    static constexpr int64_t kParts[] = {1};
    return kParts;
  }
  static bool has_cell() { return false; }
  static bool sums_bias(int64_t) { return true; }

  template <class T>
  void step(const RecurrentRun<T>& run, T* gates, int64_t step, int threads) const {
    const int64_t n = run.dims.hidden;
    run.r[0].accumulate(threads, run.h, run.dims.batch, gates, n);
    for (int64_t b = 0; b < run.dims.batch; ++b) {
      if (!run.is_active(b, step)) continue;
      run.bound(gates + b * n, n);
      run.activations[0].apply(gates + b * n, n);
      std::copy_n(gates + b * n, n, run.h + b * n);
    }
  }
};

constexpr KernelEntry kRows[] = {
    {"RNN", RecurrentKernel<Rnn>::create, supports_op<Rnn>, operations_of<Rnn>}};

}  // namespace

std::span<const KernelEntry> rnn_kernels() { return kRows; }

}  // namespace halyard::cpu
