// MelWeightMatrix: triangular bands, evenly spaced in mels, over the bins of a spectrum. As ONNX defines
// it: edges are rounded down to bins, and neighbours lie (highest - lowest) / (bands + 2) mels apart.
#include <cmath>
#include <string>
#include <vector>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

double mel_of(double hertz) { return 2595 * std::log10(1 + hertz / 700); }
double hertz_of(double mel) { return 700 * (std::pow(10, mel / 2595) - 1); }

Result<double> frequency(const Tensor& tensor, const char* what) {
  if (tensor.rank() > 1 || tensor.count() != 1)
    return invalid_argument(std::string(what) + " has dims " + dims_text(tensor.dims) +
                            "; it must be one number");
  double value = 0;
  HY_RETURN_IF_ERROR(visit_float(tensor.dtype, [&](auto tag) -> Status {
    value = static_cast<double>(
        static_cast<compute_t<decltype(tag)>>(tensor.as<const decltype(tag)>()[0]));
    return {};
  }));
  if (!(value >= 0) || !std::isfinite(value))
    return invalid_argument(std::string(what) + " is " + std::to_string(value) +
                            "; it must be a frequency of 0 or more");
  return value;
}

class MelWeightMatrix final : public Kernel {
 public:
  explicit MelWeightMatrix(const Node& node)
      : dtype_(static_cast<uint32_t>(node.attr_int("output_datatype", HY_DTYPE_F32))) {}

  Status run(Context& context) const override {
    HY_ASSIGN_OR_RETURN(const int64_t bands, number_operand(*context.input(0), "num_mel_bins"));
    HY_ASSIGN_OR_RETURN(const int64_t length, number_operand(*context.input(1), "dft_length"));
    HY_ASSIGN_OR_RETURN(const int64_t rate, number_operand(*context.input(2), "sample_rate"));
    HY_ASSIGN_OR_RETURN(const double low, frequency(*context.input(3), "lower_edge_hertz"));
    HY_ASSIGN_OR_RETURN(const double high, frequency(*context.input(4), "upper_edge_hertz"));
    if (length < 1 || rate < 1)
      return invalid_argument("dft_length is " + std::to_string(length) + " and sample_rate is " +
                              std::to_string(rate) + "; both must be 1 or more");
    if (high < low)
      return invalid_argument("upper_edge_hertz is " + std::to_string(high) +
                              ", below lower_edge_hertz, which is " + std::to_string(low));
    const Dims dims{length / 2 + 1, bands};
    HY_RETURN_IF_ERROR(check_dims(dims));
    return visit_numeric(dtype_, [&](auto tag) -> Status {
      using T = decltype(tag);
      HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, dtype_, dims));
      std::memset(y.data, 0, y.bytes);
      const auto edge = [&](int64_t i) {  // in bins; far beyond the last one is as good as farther
        const double step = (mel_of(high) - mel_of(low)) / static_cast<double>(bands + 2);
        const double hertz = hertz_of(static_cast<double>(i) * step + mel_of(low));
        const double bin =
            std::floor(static_cast<double>(length + 1) * hertz / static_cast<double>(rate));
        return static_cast<int64_t>(std::min(bin, 0x1p52));
      };
      for (int64_t band = 0; band < bands; ++band)
        triangle(edge(band), edge(band + 1), edge(band + 2), y.as<T>() + band, dims);
      return {};
    });
  }

 private:
  /// One column: from 0 at `left` up to 1 at `peak`, down to 0 at `right`. Bins beyond the spectrum have
  /// no row.
  template <class T>
  static void triangle(int64_t left, int64_t peak, int64_t right, T* column, const Dims& dims) {
    const int64_t rows = dims[0], stride = dims[1];
    const auto put = [&](int64_t row, double value) {
      column[row * stride] = static_cast<T>(static_cast<compute_t<T>>(value));
    };
    for (int64_t row = left; row < std::min(peak, rows); ++row)
      put(row, static_cast<double>(row - left) / static_cast<double>(peak - left));
    if (peak < rows) put(peak, 1);
    for (int64_t row = peak + 1; row < std::min(right, rows); ++row)
      put(row, static_cast<double>(right - row) / static_cast<double>(right - peak));
  }

  const uint32_t dtype_;
};

constexpr KernelEntry kRows[] = {{"MelWeightMatrix", create_kernel<MelWeightMatrix>}};

}  // namespace

std::span<const KernelEntry> mel_weight_matrix_kernels() { return kRows; }

}  // namespace halyard::cpu
