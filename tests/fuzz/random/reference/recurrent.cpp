#include "tests/fuzz/random/reference/recurrent.hpp"

#include <cmath>

#include "tests/fuzz/random/reference/position.hpp"

namespace halyard::fuzz::reference {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// One sequence of one way.
class Sequence {
 public:
  Sequence(const Recurrent& r, int64_t way, int64_t batch) : r_(r), way_(way), batch_(batch) {
    for (int64_t j = 0; j < r.hidden; ++j) {
      h_.push_back(r.h0 ? at(*r.h0, {way, batch, j}) : 0);
      c_.push_back(r.c0 ? at(*r.c0, {way, batch, j}) : 0);
    }
  }

  const std::vector<double>& h() const { return h_; }
  const std::vector<double>& c() const { return c_; }

  void step(int64_t t) {
    std::vector<double> next;
    for (int64_t j = 0; j < r_.hidden; ++j) {
      if (r_.cell == Cell::rnn) next.push_back(std::tanh(from_x(0, j, t) + from_h(0, j, h_)));
      if (r_.cell == Cell::gru) next.push_back(gru(j, t));
      if (r_.cell == Cell::lstm) next.push_back(lstm(j, t));
    }
    h_ = next;
  }

 private:
  double from_x(int64_t gate, int64_t j, int64_t t) const {
    const int64_t row = gate * r_.hidden + j;
    double sum = r_.bias ? at(*r_.bias, {way_, row}) : 0;
    for (int64_t k = 0; k < r_.x->dims[2]; ++k)
      sum += at(*r_.w, {way_, row, k}) * at(*r_.x, {t, batch_, k});
    return sum;
  }

  double from_h(int64_t gate, int64_t j, const std::vector<double>& h) const {
    const int64_t row = gate * r_.hidden + j;
    double sum = r_.bias ? at(*r_.bias, {way_, gates_of(r_.cell) * r_.hidden + row}) : 0;
    for (int64_t k = 0; k < r_.hidden; ++k)
      sum += at(*r_.r, {way_, row, k}) * h[static_cast<size_t>(k)];
    return sum;
  }

  // Gates in the order z, r, h.
  double gru(int64_t j, int64_t t) const {
    const double old = h_[static_cast<size_t>(j)];
    const double z = sigmoid(from_x(0, j, t) + from_h(0, j, h_));
    double inner;
    if (r_.reset_after) {
      const double reset = sigmoid(from_x(1, j, t) + from_h(1, j, h_));
      inner = std::tanh(from_x(2, j, t) + reset * from_h(2, j, h_));
    } else {
      std::vector<double> kept;
      for (int64_t k = 0; k < r_.hidden; ++k)
        kept.push_back(sigmoid(from_x(1, k, t) + from_h(1, k, h_)) * h_[static_cast<size_t>(k)]);
      inner = std::tanh(from_x(2, j, t) + from_h(2, j, kept));
    }
    return (1 - z) * inner + z * old;
  }

  // Gates in the order i, o, f, c; peepholes i, o, f.
  double lstm(int64_t j, int64_t t) {
    double& c = c_[static_cast<size_t>(j)];
    const auto hole = [&](int64_t k) {
      return r_.peepholes ? at(*r_.peepholes, {way_, k * r_.hidden + j}) : 0;
    };
    const auto sum = [&](int64_t gate) { return from_x(gate, j, t) + from_h(gate, j, h_); };
    const double i = sigmoid(sum(0) + hole(0) * c), f = sigmoid(sum(2) + hole(2) * c);
    c = f * c + i * std::tanh(sum(3));
    return sigmoid(sum(1) + hole(1) * c) * std::tanh(c);
  }

  const Recurrent& r_;
  const int64_t way_, batch_;
  std::vector<double> h_, c_;
};

}  // namespace

RecurrentOutputs recurrent(const Recurrent& r) {
  const int64_t steps = r.x->dims[0], batch = r.x->dims[1], ways = r.w->dims[0];
  RecurrentOutputs out;
  out.y.dims = {steps, ways, batch, r.hidden};
  out.y.data.assign(static_cast<size_t>(count_of(out.y.dims)), 0);
  out.h.dims = out.c.dims = {ways, batch, r.hidden};
  for (int64_t way = 0; way < ways; ++way)
    for (int64_t b = 0; b < batch; ++b) {
      Sequence s(r, way, b);
      const int64_t n =
          r.lengths ? static_cast<int64_t>(r.lengths->data[static_cast<size_t>(b)]) : steps;
      const bool back = ways == 2 ? way == 1 : r.reversed;
      for (int64_t i = 0; i < n; ++i) {
        const int64_t t = back ? n - 1 - i : i;
        s.step(t);
        for (int64_t j = 0; j < r.hidden; ++j)
          out.y.data[static_cast<size_t>(number({t, way, b, j}, out.y.dims))] =
              s.h()[static_cast<size_t>(j)];
      }
      out.h.data.insert(out.h.data.end(), s.h().begin(), s.h().end());
      out.c.data.insert(out.c.data.end(), s.c().begin(), s.c().end());
    }
  return out;
}

}  // namespace halyard::fuzz::reference
