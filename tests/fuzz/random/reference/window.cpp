#include "tests/fuzz/random/reference/window.hpp"

#include <cmath>

#include "tests/fuzz/random/reference/position.hpp"

namespace halyard::fuzz::reference {
namespace {

Dims spatial_of(const Array& x) { return part(x.dims, 2, x.dims.size()); }

Dims places_of(const Dims& spatial, const Window& w) {
  Dims out;
  for (size_t d = 0; d < spatial.size(); ++d) {
    const int64_t padded = spatial[d] + w.begin[d] + w.end[d];
    const int64_t rest = padded - (w.dilations[d] * (w.kernel[d] - 1) + 1);
    int64_t n = rest / w.strides[d] + 1;
    if (w.ceil && rest % w.strides[d] != 0) ++n;
    if (w.ceil && (n - 1) * w.strides[d] >= spatial[d] + w.begin[d]) --n;
    out.push_back(n);
  }
  return out;
}

struct Cell {
  Dims at;      // in the image; may lie outside
  bool inside;  // the image
  bool padded;  // the image or its pads
};

Cell cell(const Dims& place, const Dims& k, const Dims& spatial, const Window& w) {
  Cell out{{}, true, true};
  for (size_t d = 0; d < place.size(); ++d) {
    const int64_t i = place[d] * w.strides[d] - w.begin[d] + k[d] * w.dilations[d];
    out.at.push_back(i);
    out.inside = out.inside && i >= 0 && i < spatial[d];
    out.padded = out.padded && i >= -w.begin[d] && i < spatial[d] + w.end[d];
  }
  return out;
}

struct Pooled {
  std::vector<double> values;
  std::vector<int64_t> numbers;
  int64_t padded = 0;
};

/// f: makes one result of what a window holds.
template <class F>
Array pooled(const Array& x, const Window& w, F f) {
  const Dims spatial = spatial_of(x);
  Array y{joined({part(x.dims, 0, 2), places_of(spatial, w)}), {}};
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    const Dims p = position(i, y.dims);
    Pooled window;
    for (int64_t j = 0; j < count_of(w.kernel); ++j) {
      const Cell c = cell(part(p, 2, p.size()), position(j, w.kernel), spatial, w);
      window.padded += c.padded;
      if (!c.inside) continue;
      const int64_t n = number(joined({part(p, 0, 2), c.at}), x.dims);
      window.values.push_back(x.data[static_cast<size_t>(n)]);
      window.numbers.push_back(n);
    }
    y.data.push_back(f(window));
  }
  return y;
}

}  // namespace

Array conv(const Array& x, const Array& w, const Array* bias, const Window& window, int64_t group) {
  const Dims spatial = spatial_of(x);
  const int64_t maps = w.dims[0], depth = w.dims[1];
  Array y{joined({{x.dims[0], maps}, places_of(spatial, window)}), {}};
  for (int64_t i = 0; i < count_of(y.dims); ++i) {
    const Dims p = position(i, y.dims);
    const int64_t first = p[1] / (maps / group) * depth;
    double sum = bias ? bias->data[static_cast<size_t>(p[1])] : 0;
    for (int64_t j = 0; j < count_of(window.kernel); ++j) {
      const Dims k = position(j, window.kernel);
      const Cell c = cell(part(p, 2, p.size()), k, spatial, window);
      for (int64_t channel = 0; c.inside && channel < depth; ++channel)
        sum += at(x, joined({{p[0], first + channel}, c.at})) * at(w, joined({{p[1], channel}, k}));
    }
    y.data.push_back(sum);
  }
  return y;
}

Array conv_transpose(const Array& x, const Array& w, const Array* bias, const Window& window,
                     const std::vector<int64_t>& extra, int64_t group) {
  const Dims spatial = spatial_of(x);
  const int64_t channels = x.dims[1], maps = w.dims[1] * group;
  Dims places;
  for (size_t d = 0; d < spatial.size(); ++d)
    places.push_back((spatial[d] - 1) * window.strides[d] +
                     (window.kernel[d] - 1) * window.dilations[d] + 1 + extra[d] - window.begin[d] -
                     window.end[d]);
  Array y{joined({{x.dims[0], maps}, places}), {}};
  y.data.assign(static_cast<size_t>(count_of(y.dims)), 0);
  for (int64_t i = 0; i < count_of(x.dims); ++i) {
    const Dims p = position(i, x.dims);
    const int64_t g = p[1] / (channels / group);
    for (int64_t j = 0; j < count_of(window.kernel); ++j) {
      const Dims k = position(j, window.kernel);
      // Where the convolution whose transpose this is would have read.
      const Cell c = cell(part(p, 2, p.size()), k, places, window);
      for (int64_t m = 0; c.inside && m < w.dims[1]; ++m)
        y.data[static_cast<size_t>(number(joined({{p[0], g * w.dims[1] + m}, c.at}), y.dims))] +=
            x.data[static_cast<size_t>(i)] * at(w, joined({{p[1], m}, k}));
    }
  }
  for (int64_t i = 0; bias && i < count_of(y.dims); ++i)
    y.data[static_cast<size_t>(i)] += bias->data[static_cast<size_t>(position(i, y.dims)[1])];
  return y;
}

std::pair<Array, Array> max_pool(const Array& x, const Window& window) {
  const auto best = [](const Pooled& p) {
    size_t k = 0;
    for (size_t i = 1; i < p.values.size(); ++i)
      if (p.values[i] > p.values[k]) k = i;
    return k;
  };
  return {
      pooled(x, window, [&](const Pooled& p) { return p.values[best(p)]; }),
      pooled(x, window, [&](const Pooled& p) { return static_cast<double>(p.numbers[best(p)]); })};
}

Array average_pool(const Array& x, const Window& window, bool count_pads) {
  return pooled(x, window, [=](const Pooled& p) {
    double sum = 0;
    for (const double v : p.values) sum += v;
    return sum / static_cast<double>(count_pads ? p.padded : static_cast<int64_t>(p.values.size()));
  });
}

Array lp_pool(const Array& x, const Window& window, int64_t power) {
  return pooled(x, window, [=](const Pooled& p) {
    double sum = 0;
    for (const double v : p.values) sum += std::pow(std::fabs(v), static_cast<double>(power));
    return std::pow(sum, 1 / static_cast<double>(power));
  });
}

}  // namespace halyard::fuzz::reference
