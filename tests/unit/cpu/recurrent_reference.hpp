// LSTM, GRU and RNN as their equations say, a number at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace halyard::cpu::testing {

/// A network in f64. Operands lie as ONNX says for layout 0; empty ones are absent.
struct RecurrentReference {
  using Row = std::vector<double>;
  using Function = std::function<double(double)>;

  std::string op;
  size_t steps = 1, batch = 1, input = 1, hidden = 1, directions = 1;
  bool reverse = false, input_forget = false, linear = false;
  double clip = std::numeric_limits<double>::infinity();
  double cell_clip = std::numeric_limits<double>::infinity();
  std::vector<Function> functions;  // direction after direction; empty: the default ones
  Row x, w, r, b, h0, c0, p;
  std::vector<size_t> lengths;
  // Results.
  Row y, y_h, y_c;

  size_t gates() const { return op == "LSTM" ? 4 : op == "GRU" ? 3 : 1; }

  void run() {
    y.assign(steps * directions * batch * hidden, 0);
    y_h.assign(directions * batch * hidden, 0);
    y_c = y_h;
    for (size_t d = 0; d < directions; ++d)
      for (size_t n = 0; n < batch; ++n) sequence(d, n);
  }

 private:
  static double sigmoid(double v) { return 1 / (1 + std::exp(-v)); }
  double call(size_t d, size_t i, double v) const {
    const size_t count = op == "LSTM" ? 3 : op == "GRU" ? 2 : 1;
    if (!functions.empty()) return functions[d * count + i](v);
    return i == 0 && op != "RNN" ? sigmoid(v) : std::tanh(v);
  }
  double bounded(double v) const { return std::min(std::max(v, -clip), clip); }
  /// Row `gate` n + j of W x_t and its bias.
  double projected(size_t d, size_t t, size_t n, size_t row) const {
    const size_t rows = gates() * hidden;
    double sum = b.empty() ? 0 : b[d * 2 * rows + row];
    for (size_t i = 0; i < input; ++i)
      sum += w[(d * rows + row) * input + i] * x[(t * batch + n) * input + i];
    return sum;
  }
  double recurrent(size_t d, const Row& h, size_t row, bool with_bias = true) const {
    const size_t rows = gates() * hidden;
    double sum = b.empty() || !with_bias ? 0 : b[d * 2 * rows + rows + row];
    for (size_t i = 0; i < hidden; ++i) sum += r[(d * rows + row) * hidden + i] * h[i];
    return sum;
  }
  double peephole(size_t d, size_t i, size_t j, double c) const {
    return p.empty() ? 0 : p[(d * 3 + i) * hidden + j] * c;
  }

  void sequence(size_t d, size_t n) {
    const size_t at = (d * batch + n) * hidden, length = lengths.empty() ? steps : lengths[n];
    Row h(hidden), c(hidden);
    if (!h0.empty()) std::copy_n(h0.begin() + static_cast<long>(at), hidden, h.begin());
    if (!c0.empty()) std::copy_n(c0.begin() + static_cast<long>(at), hidden, c.begin());
    for (size_t i = 0; i < length; ++i) {
      const size_t t = reverse || d == 1 ? length - 1 - i : i;
      h = op == "LSTM" ? lstm(d, t, n, h, &c) : op == "GRU" ? gru(d, t, n, h) : rnn(d, t, n, h);
      for (size_t j = 0; j < hidden; ++j) y[((t * directions + d) * batch + n) * hidden + j] = h[j];
    }
    for (size_t j = 0; j < hidden && length > 0; ++j) y_h[at + j] = h[j], y_c[at + j] = c[j];
  }
  Row rnn(size_t d, size_t t, size_t n, const Row& h) const {
    Row out(hidden);
    for (size_t j = 0; j < hidden; ++j)
      out[j] = call(d, 0, bounded(projected(d, t, n, j) + recurrent(d, h, j)));
    return out;
  }
  Row gru(size_t d, size_t t, size_t n, const Row& h) const {
    Row out(hidden), reset(hidden), scaled(hidden);
    for (size_t j = 0; j < hidden; ++j) {
      const size_t row = hidden + j;
      reset[j] = call(d, 0, bounded(projected(d, t, n, row) + recurrent(d, h, row)));
      scaled[j] = reset[j] * h[j];
    }
    for (size_t j = 0; j < hidden; ++j) {
      const size_t row = 2 * hidden + j;
      const double z = call(d, 0, bounded(projected(d, t, n, j) + recurrent(d, h, j)));
      const double inner = linear ? reset[j] * recurrent(d, h, row) : recurrent(d, scaled, row);
      const double candidate = call(d, 1, bounded(projected(d, t, n, row) + inner));
      out[j] = (1 - z) * candidate + z * h[j];
    }
    return out;
  }
  Row lstm(size_t d, size_t t, size_t n, const Row& h, Row* cell) const {
    Row out(hidden);
    for (size_t j = 0; j < hidden; ++j) {
      const auto sum = [&](size_t gate) {
        return projected(d, t, n, gate * hidden + j) + recurrent(d, h, gate * hidden + j);
      };
      double& c = (*cell)[j];
      const double i = call(d, 0, bounded(sum(0) + peephole(d, 0, j, c)));
      const double f = input_forget ? 1 - i : call(d, 0, bounded(sum(2) + peephole(d, 2, j, c)));
      c = f * c + i * call(d, 1, bounded(sum(3)));
      c = std::min(std::max(c, -cell_clip), cell_clip);
      const double o = call(d, 0, bounded(sum(1) + peephole(d, 1, j, c)));
      out[j] = o * call(d, 2, c);
    }
    return out;
  }
};

}  // namespace halyard::cpu::testing
